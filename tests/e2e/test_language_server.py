"""The plugin's `.lsp.json` in the real client: when the server starts, what the model gets of it."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from . import toys
from .client import Run, run
from .scripted_model import Block, Turn, text, tool_use

LSP = Path(__file__).parents[2] / ".lsp.json"
PRP = "---\ntemplate: prp_base\n---\n# T\n\n## Goal\nOne.\n\n## Goal\nTwo.\n"


@pytest.fixture
def document(project: Path) -> Path:
    path = project / "PRPs/labels.md"
    path.parent.mkdir()
    path.write_text(PRP)
    return path


def _run(document: Path, turns: Sequence[Turn], **changes: object) -> Run:
    """Let the model work with a plugin that has nothing but our language server."""
    project = document.parents[1]
    plugin = project.with_name("plugin")
    toys.set_up_plugin(plugin, {})
    settings = json.loads(LSP.read_text())
    settings["prp"] |= changes
    (plugin / ".lsp.json").write_text(json.dumps(settings))
    read = [tool_use("Read", file_path=str(document))]
    return run(project, "go", [read, *turns, [text("done")]], plugin_dir=plugin)


def _edit(document: Path) -> list[Block]:
    return [tool_use("Edit", file_path=str(document), old_string="Two.", new_string="Three.")]


def _hover(document: Path) -> list[Block]:
    return [tool_use("LSP", operation="hover", filePath=str(document), line=9, character=3)]


def _starts(seen: Run) -> int:
    return seen.debug.count("Starting LSP server instance: plugin:prp:prp")


def test_reading_starts_no_server_and_an_edit_does(document: Path) -> None:
    assert _starts(_run(document, [])) == 0
    assert _starts(_run(document, [_edit(document)])) == 1


def test_a_hover_explains_a_finding_to_the_model(document: Path) -> None:
    seen = _run(document, [_edit(document), _hover(document)])
    assert "**PRP103 duplicate-section**" in seen.requests[-1].news
    assert "help: merge the two" in seen.requests[-1].news


@pytest.mark.parametrize("pushed", [False, True])
def test_diagnostics_reach_the_model_only_where_they_are_switched_on(
    document: Path, *, pushed: bool
) -> None:
    """Ours are off: the hook has said the same. Switched on, the client would show them."""
    assert json.loads(LSP.read_text())["prp"]["diagnostics"] is False
    # The hover is answered after the findings of the edit are out.
    turns = [_edit(document), _hover(document)]
    seen = _run(document, turns, **({"diagnostics": True} if pushed else {}))
    shown = "\n".join(request.text for request in seen.requests)
    assert ("<new-diagnostics>" in shown) is pushed
    assert ("section “Goal” stands twice, first on line 6 [PRP103]" in shown) is pushed
