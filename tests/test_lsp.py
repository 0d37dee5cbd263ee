"""The language server, as a process that an editor speaks to."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from lsprotocol import types

from tests.docs.blocks import blocks, disagreement
from tests.editor import PRP, Editor, edited, editor, units

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples/parcel-tracker"
PHASE = "PRPs/phase3.md"
PLAN = "PRPs/PROJECT_PHASE_PLAN.md"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    skipped = shutil.ignore_patterns("__pycache__", ".*_cache", "*.db", ".coverage", ".prp")
    shutil.copytree(EXAMPLE, folder, ignore=skipped)
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder


def talk(where: Path, conversation: Callable[[Editor], Awaitable[None]], *encodings: str) -> Editor:
    async def run() -> Editor:
        async with editor(where, encodings) as opened:
            await conversation(opened)
        return opened

    opened = asyncio.run(run())
    assert opened.complaints == []
    return opened


def underlined(text: str, found: types.Diagnostic) -> str:
    """Return a diagnostic as an editor draws it."""
    start, end = found.range.start, found.range.end
    line = text.split("\n")[start.line]
    marks = "~" * (end.character - start.character)
    said = f"{marks}  {found.message.splitlines()[0]}  {found.source}({found.code})"
    return f"{start.line + 1:>3} │ {line}\n    │ {' ' * start.character}{said}"


def text_of(project: Path, path: str = PHASE) -> str:
    return (project / path).read_text(encoding="utf-8")


# --- Diagnostics -----------------------------------------------------------------------------


def test_what_stands_in_the_editor_is_checked_and_not_what_lies_on_disk(project: Path) -> None:
    uri = (project / PHASE).as_uri()
    clean = text_of(project)
    broken = clean.replace("total_phases: 3", "total_phases: 4")

    async def conversation(opened: Editor) -> None:
        opened.open(uri, broken)
        first = await opened.diagnostics()
        assert (first.uri, first.version) == (uri, 1)
        (found,) = first.diagnostics
        line = broken.split("\n").index(
            next(x for x in broken.split("\n") if "total_phases: 4" in x)
        )
        assert found.range.start == types.Position(line, 0)
        assert found.range.end.line == line
        assert (found.code, found.source) == ("PRP201", "prp")
        assert found.severity is types.DiagnosticSeverity.Error
        assert found.message.startswith("“total_phases” is 4 here but 3 at PRPs/")
        assert found.code_description is not None
        assert found.code_description.href.endswith("prp201_context_mismatch.md")
        titles = " · ".join(each.title for each in await opened.actions(uri, line, line))
        drawn = f"{underlined(broken, found)}\n    │ Quick fix: {titles}"
        shown = next(each for each in blocks() if each.page == "docs/editor.md")
        assert not (differs := disagreement(shown.text, drawn)), differs
        opened.change(uri, clean, 2)
        second = await opened.diagnostics()
        assert second.version == 2
        assert not second.diagnostics
        opened.change(uri, broken, 3)
        assert len((await opened.diagnostics()).diagnostics) == 1
        opened.close(uri)
        assert not (await opened.diagnostics()).diagnostics

    talk(project, conversation)


def test_typing_is_waited_for(project: Path) -> None:
    uri = (project / PHASE).as_uri()
    text = text_of(project)

    async def conversation(opened: Editor) -> None:
        opened.open(uri, text)
        assert (await opened.diagnostics()).version == 1
        for version in range(2, 12):
            opened.change(uri, text + "\n" * version, version)
        assert (await opened.diagnostics()).version == 11
        assert opened.published.empty()

    talk(project, conversation)


def test_a_saved_plan_is_seen_in_the_prps_that_are_open(project: Path) -> None:
    uri, plan = (project / PHASE).as_uri(), (project / PLAN).as_uri()

    async def conversation(opened: Editor) -> None:
        opened.open(uri, text_of(project))
        assert not (await opened.diagnostics()).diagnostics
        changed = text_of(project, PLAN).replace("complexity: medium", "complexity: high")
        (project / PLAN).write_text(changed, encoding="utf-8")
        opened.save(plan)
        assert "PRP201" in {found.code for found in (await opened.diagnostics()).diagnostics}

    talk(project, conversation)


@pytest.mark.parametrize(("encoding", "size"), [("utf-16", 2), ("utf-8", 1)])
def test_positions_count_in_the_units_of_the_editor(
    project: Path, encoding: str, size: int
) -> None:
    uri = (project / PHASE).as_uri()
    line = "- 🚚 𝒳 ü\u2028 A depot that [TODO: name it] unloads"
    text = text_of(project).replace("- A depot that unloads", line, 1)

    async def conversation(opened: Editor) -> None:
        opened.open(uri, text)
        published = await opened.diagnostics()
        (found,) = [found for found in published.diagnostics if found.code == "PRP301"]
        written = text.split("\n")[found.range.start.line]
        start = units(written, found.range.start.character, size) - 1
        end = units(written, found.range.end.character, size) - 1
        assert written[start:end] == "[TODO: name it]"

    talk(project, conversation, encoding)


# --- Quick fixes and hover -------------------------------------------------------------------


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_finding_is_mended_alone_or_with_all_others(project: Path, newline: str) -> None:
    uri = (project / PHASE).as_uri()
    clean = text_of(project).replace("\n", newline)
    broken = clean.replace("total_phases: 3", "total_phases: 4")
    broken = broken.replace("### Success Criteria", "### Succes Criteria")

    async def conversation(opened: Editor) -> None:
        opened.open(uri, broken)
        await opened.diagnostics()
        lines = broken.split(newline)
        heading = lines.index("### Succes Criteria")
        one, mend_all = await opened.actions(uri, heading, heading)
        assert one.title == "Mend PRP106: heading “Succes Criteria” is nearly “Success Criteria”"
        assert (one.kind, mend_all.kind) == ("quickfix", "source.fixAll.prp")
        assert edited(broken, changes(one)) == broken.replace("### Succes C", "### Success C")
        assert edited(broken, changes(mend_all)) == clean
        (only,) = await opened.actions(uri, 0, 0, only=["source.fixAll"])
        assert only.kind == "source.fixAll.prp"
        assert await opened.actions(uri, heading, heading, only=["refactor"]) == []
        opened.change(uri, clean, 2)
        assert await opened.actions(uri, heading, heading) == []

    def changes(action: types.CodeAction) -> list[types.TextEdit]:
        assert action.edit is not None
        assert action.edit.changes is not None
        return list(action.edit.changes[uri])

    talk(project, conversation)


def test_hover_says_why_where_something_is_found_and_nothing_elsewhere(project: Path) -> None:
    uri = (project / PHASE).as_uri()
    text = text_of(project).replace("- A depot that unloads", "- A [TODO: name it] `x`", 1)

    async def conversation(opened: Editor) -> None:
        opened.open(uri, text)
        (found,) = (await opened.diagnostics()).diagnostics
        said = await opened.hover(uri, found.range.start.line)
        assert said.startswith("**PRP301 leftover-placeholder**: A placeholder of the template")
        assert "Who executes the PRP has to guess what was meant" in said
        assert "\n\n    help: write what belongs here" in said
        assert await opened.hover(uri, found.range.start.line - 1) == ""
        assert await opened.hover("file:///never/opened.md", 0) == ""

    talk(project, conversation)


# --- Odd documents ---------------------------------------------------------------------------

ODD = [
    ("unsaved", "untitled:Untitled-1", "# x\n"),
    ("in memory", "vscode-vfs://github/a/b/PRPs/phase1.md", "# x\n"),
    ("outside of a project", "file:///nowhere/at/all/PRPs/phase1.md", "## Goal\n"),
    ("no document", "{project}/README.md", "[TODO: x]\n"),
    ("a template", "{project}/PRPs/templates/prp_base.md", "[TODO: x]\n"),
    ("not Markdown", "{project}/PRPs/prp.toml", "a = 1\n"),
    ("a name that no system has", "file:///a%00b/PRPs/phase1.md", "# x\n"),
    ("not on disk", "{project}/PRPs/deep/new%20one.md", "# x\n"),
    ("empty", "{project}/PRPs/empty.md", ""),
    ("with a NUL", "{project}/PRPs/nul.md", "# a\n\0"),
    ("with lines of other sorts", "{project}/PRPs/lines.md", "# a\x0b\x0c\u2028\u0085\r\rb\r\n[x]"),
    ("deep YAML", "{project}/PRPs/deep.md", "---\na: " + "[" * 5000 + "\n---\n"),
    ("very large", "{project}/PRPs/large.md", "word\n" * 1_000_000),
]


@pytest.mark.parametrize(("uri", "text"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_odd_documents_are_answered(project: Path, uri: str, text: str) -> None:
    named = uri.replace("{project}", project.as_uri())

    async def conversation(opened: Editor) -> None:
        opened.open(named, text)
        published = await opened.diagnostics()
        assert published.uri == named
        if uri.startswith("{project}/PRPs/nul"):
            (found,) = published.diagnostics
            assert (found.message, found.range.start.line) == ("is binary, not Markdown", 1)
        await opened.actions(named, 0, 3)
        await opened.hover(named, 0)

    talk(project, conversation)


# --- Starting it -----------------------------------------------------------------------------


def test_without_the_extra_it_says_how_to_install_it() -> None:
    code = "import sys; sys.modules['pygls'] = None; from prp_pack.cli import main; main(['lsp'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "pip install 'prp-pack[lsp]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_other_commands_need_no_extra() -> None:
    code = "import sys; from prp_pack import cli; print([n for n in sys.modules if 'pygls' in n])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_it_ends_when_the_editor_goes() -> None:
    done = subprocess.run(
        [PRP, "lsp"], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
    )
    assert (done.stdout, b"Traceback" in done.stderr) == (b"", False)


def test_claude_code_is_told_how_to_start_it() -> None:
    declared = json.loads((ROOT / ".lsp.json").read_text(encoding="utf-8"))["prp"]
    assert [declared["command"], *declared["args"]] == ["prp", "lsp"]
    assert declared["extensionToLanguage"] == {".md": "markdown"}
    # The hooks have told the agent already.
    assert declared["diagnostics"] is False
