"""What the rules on names must and must not find, beyond the examples on their pages."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prp_pack.check import fix
from prp_pack.check.addresses import wrong
from prp_pack.check.engine import Checker
from prp_pack.check.rules import RULES
from prp_pack.check.rules.prp305_unmeasurable_criterion import unmeasurable_criterion
from prp_pack.model import Finding, Severity
from prp_pack.repository import Repository, decode
from prp_pack.schema import template

TASKS = (
    "### list of tasks to be completed to fullfill the PRP in the order they should be completed\n"
)
REFERENCES = "## All Needed Context\n### Documentation & References\n"
TREE = "## All Needed Context\n### Current Codebase tree\n"
IDS = ("PRP304", "PRP305", *(f"PRP40{n}" for n in range(1, 9)))


def checker(folder: Path, *ids: str, strict: bool = True) -> Checker:
    rules = tuple(rule for rule in RULES if rule.id in (ids or IDS))
    return Checker(Repository(folder), rules=rules, strict=strict)


def check(folder: Path, text: str, *ids: str) -> list[Finding]:
    return checker(folder, *ids).check_text(text, "PRPs/example.md")


def messages(findings: Iterable[Finding]) -> list[str]:
    return [f"{finding.line}: {finding.message}" for finding in findings]


def fixed(folder: Path, text: str, *ids: str) -> str:
    source = decode(text.encode(), "PRPs/example.md")
    return fix.apply(source, check(folder, text, *ids))


def write(folder: Path, *names: str, text: str = "x = 1\n") -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip


def test_a_renamed_file_is_named_and_put_in_its_place(tmp_path: Path) -> None:
    write(tmp_path, "src/old_name.py", text="def long_enough_to_be_recognised():\n    pass\n" * 5)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    git(tmp_path, "mv", "src/old_name.py", "src/fresh.py")
    git(tmp_path, "commit", "-qm", "two")
    # Without a newline at the end, the fix adds none.
    text = f"{REFERENCES}- file: `src/old_name.py:1-2`, twice src/old_name.py"
    found = check(tmp_path, text, "PRP401")
    assert messages(found) == ["3: “src/old_name.py” was renamed to “src/fresh.py”"]
    assert found[0].severity is Severity.ERROR
    expected = f"{REFERENCES}- file: `src/fresh.py:1-2`, twice src/old_name.py"
    assert fixed(tmp_path, text, "PRP401") == expected


def test_what_git_ignores_is_not_missed(tmp_path: Path) -> None:
    write(tmp_path, ".gitignore", text="local/\n")
    git(tmp_path, "init", "-q")
    text = f"{REFERENCES}- file: local/settings.py\n- file: other/settings.py\n"
    assert messages(check(tmp_path, text, "PRP401")) == ["4: file “other/settings.py” isn't there"]


def test_a_similar_name_is_suggested_and_never_put_in(tmp_path: Path) -> None:
    write(tmp_path, "src/storage.py")
    text = f"{REFERENCES}- file: src/storag.py\n"
    assert [f.help for f in check(tmp_path, text, "PRP401")] == ["did you mean “src/storage.py”?"]
    assert fixed(tmp_path, text, "PRP401") == text


def test_a_link_that_leads_outside_is_one_finding(tmp_path: Path) -> None:
    project = tmp_path / "project"
    write(tmp_path, "notes.md")
    write(project, "src/a.py")
    (project / "notes.md").symlink_to(tmp_path / "notes.md")
    text = f"{REFERENCES}- file: notes.md\n  why: w\n"
    assert messages(check(project, text)) == [
        "3: “notes.md” is a link that leads outside of the project"
    ]


def test_the_template_itself_gives_none_of_these(tmp_path: Path) -> None:
    found = check(tmp_path, template.shipped_text(), *(id_ for id_ in IDS if id_ != "PRP304"))
    assert messages(found) == []


EXECUTED = f"""\
{REFERENCES}- file: src/gone.py
  why: it was there
{TASKS}```yaml
MODIFY src/gone.py:
MODIFY src/app.py:
  - FIND pattern: "replaced"
CREATE src/new.py:
```
"""


def test_a_prp_that_was_executed_is_history(tmp_path: Path) -> None:
    write(tmp_path, "src/app.py")
    assert [f.rule for f in check(tmp_path, EXECUTED)] == ["PRP401", "PRP402", "PRP404"]
    write(tmp_path, "src/new.py")
    found = check(tmp_path, EXECUTED)
    assert [(f.rule, f.severity) for f in found] == [("PRP401", Severity.NOTE)]


def test_older_templates_get_warnings_on_references_alone(tmp_path: Path) -> None:
    severities = {
        rule.id: (rule.v2, rule.other)
        for rule in RULES
        if rule.id in IDS and (rule.v2 or rule.other)
    }
    assert severities == dict.fromkeys(("PRP401", "PRP406", "PRP407"), (Severity.WARNING, None))
    assert checker(tmp_path, strict=False).check_text(EXECUTED, "PRPs/x.md") == []


def anchored(folder: Path, step: str, name: str = "src/app.py") -> list[str]:
    text = f"{TASKS}```yaml\nMODIFY {name}:\n  - {step}\nCREATE z.py:\n```\n"
    return messages(check(folder, text, "PRP404"))


def test_an_anchor_is_only_looked_for_in_text(tmp_path: Path) -> None:
    write(tmp_path, "src/app.py")
    (tmp_path / "src/app.bin").write_bytes(b"\0\1")
    (tmp_path / "src/big.py").write_bytes(b"x" * (5 * 1024 * 1024))
    (tmp_path / "src/latin.py").write_bytes(b"\xff\xfe")
    write(tmp_path, "src/closed.py")
    (tmp_path / "src/closed.py").chmod(0)
    assert anchored(tmp_path, 'FIND "y"') == ["4: “y” isn't in “src/app.py”"]
    assert anchored(tmp_path, 'FIND "x  =  1"') == []
    for name in ("src/app.bin", "src/big.py", "src/latin.py", "src", "src/none.py", "z.py"):
        assert anchored(tmp_path, 'FIND "y"', name) == []


def test_the_closest_line_is_the_hint(tmp_path: Path) -> None:
    write(tmp_path, "src/app.py", text="import os\n\ndef read_parcel(code):\n    return 1\n")
    text = f'{TASKS}```yaml\nMODIFY src/app.py:\n  - FIND "def read_parcels(code):"\nCREATE z.py:\n```\n'
    assert [f.help for f in check(tmp_path, text, "PRP404")] == [
        "line 3 has “def read_parcel(code):”"
    ]


def test_text_that_an_earlier_task_adds_is_an_anchor(tmp_path: Path) -> None:
    write(tmp_path, "src/app.py")
    text = TASKS + (
        '```yaml\nMODIFY src/app.py:\n  - INJECT after line containing "x = 1"\n'
        '  - ADD the line `limit = 5`\nMODIFY src/app.py:\n  - FIND "limit = 5"\n'
        '  - FIND "limit = 6"\nCREATE z.py:\n```\n'
    )  # fmt: skip
    assert messages(check(tmp_path, text, "PRP404")) == ["8: “limit = 6” isn't in “src/app.py”"]


# --- Trees ---

NAMES = ["a b.py", "it's #1.py", "(x).py", "new\nline.py", "-rf.py", "é—ü.py", "...py", "a: b.py"]


def test_a_redrawn_tree_is_never_stale_whatever_files_are_called(tmp_path: Path) -> None:
    write(tmp_path, *(f"src/{name}" for name in NAMES), "tests/test_a.py")
    for text in (f"{TREE}```bash\n```\n", TREE, f"{TREE}```bash\ngone.py\n```\n## What\n"):
        once = fixed(tmp_path, text, "PRP304")
        assert once != text
        assert check(tmp_path, once, "PRP304") == []


def test_an_empty_project_has_no_tree_to_draw(tmp_path: Path) -> None:
    assert check(tmp_path, f"{TREE}```text\n(no files yet)\n```\n", "PRP304") == []
    write(tmp_path, "src/a.py")
    found = check(tmp_path, f"{TREE}```text\n(no files yet)\n```\n", "PRP304")
    assert messages(found) == ["3: the current tree is empty"]


@pytest.mark.parametrize(
    "drawn",
    [
        "src/\n└── a.py\ntests/",
        "src/ (1 file)\ntests/ (1 file)",
        "my-project/\n├── src/\n│   └── a.py  # the app\n└── tests/",
        "src/app/deep\n└── ...",
        ".\n├── src\n│   └── *.py\n└── tests\n",
        "├── src/\n│   └── .env\n└── tests/",
    ],
)
def test_a_tree_may_show_a_part(tmp_path: Path, drawn: str) -> None:
    write(tmp_path, "src/a.py", "src/app/deep/b.py", "tests/test_a.py", "tools/x.md")
    assert check(tmp_path, f"{TREE}```\n{drawn}\n```\n", "PRP304") == []


def test_a_tree_in_a_fence_that_never_closes_is_not_redrawn(tmp_path: Path) -> None:
    write(tmp_path, "src/a.py")
    found = check(tmp_path, f"{TREE}```bash\ngone.py\n", "PRP304")
    assert [f.fix for f in found] == [None] * len(found) != []


# --- Criteria and addresses ---

CRITERIA = [
    ("A page answers in under 20 ms", True),
    ("95% of requests", True),
    ("At most 5", True),
    ("≥ 3 retries", True),
    ("Zero scans are lost", True),
    ("An unknown code answers 404", True),
    ("6 listeners hear it", True),
    ("`pytest tests/ -q` passes", True),
    ("`./run.sh` passes", True),
    ("shown by test_a_parcel_is_stored", True),
    ("`tests/unit/test_a.py` passes", True),
    ("see parcel.test.ts", True),
    ("goes on\n  below: `ruff check`", True),
    ("Errors are handled well", False),
    ("Phase 2 is complete", False),
    ("Works with Python 3.11", False),
    ("Closes #42", False),
    ("The `Storage` class", False),
    ("`/label` prints labels", False),
    ("Supports HTTP2 and oauth2", False),
    ("", True),
]


@pytest.mark.parametrize(("text", "measurable"), CRITERIA)
def test_a_criterion_is_decided_by_number_command_or_test(
    tmp_path: Path, text: str, measurable: bool
) -> None:
    document = f"## What\n### Success Criteria\n- [ ] {text}\n\nAnd 5 ms more.\n"
    target = checker(tmp_path).target(document, "PRPs/x.md")
    assert (list(unmeasurable_criterion.check(target)) == []) is measurable


URLS = [
    ("https://example.org", ""),
    ("http://localhost:8000/x?y#z", ""),
    ("http://[::1]/", ""),
    ("https://bücher.example/ä", ""),
    ("ftp://example.org", "has the scheme “ftp”"),
    ("javascript:alert(1)", "has the scheme “javascript”"),
    ("www.example.org", "has no scheme"),
    ("https://", "has no host"),
    ("https://:80/", "has no host"),
    ("https://example", "has no host: “example” is none"),
    ("http://[::1", "is malformed: invalid ipv6 url"),
    ("http://example.org:99999/", "is malformed: port out of range 0-65535"),
]


@pytest.mark.parametrize(("url", "reason"), URLS)
def test_an_address_is_judged_by_its_form(url: str, reason: str) -> None:
    assert wrong(url) == reason


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(st.sampled_from([
    TASKS, REFERENCES, TREE, "```yaml", "```", "- file: src/a.py", "- url: http://[", "  why: x",
    "MODIFY src/a.py:", '  - FIND "x', "CREATE ../x.py", "├── a", "- [ ] ", "- [ ] 5", "### Success Criteria",
    "### Desired Codebase tree with files to be added and responsibility of file", "## What",
]), st.text(max_size=20)), max_size=20))  # fmt: skip
def test_no_text_makes_a_rule_raise_or_a_fix_go_on(lines: list[str]) -> None:
    folder = Path(__file__).parent
    text = "\n".join(lines).replace("\r", "").replace("\ud800", "")
    last = text.count("\n") + 1
    found = check(folder, text)
    assert all(1 <= f.line <= last and f.column >= 1 for f in found)
