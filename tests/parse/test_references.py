"""References are read line by line, whatever people put around a path."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.parse import document, path_names, tasks
from prp_pack.parse.references import ADD_TO, SEE, Reference, parse


def references(text: str) -> tuple[Reference, ...]:
    return parse(document.parse(text, "PRPs/example.md"))


def fenced(*lines: str, language: str = "yaml") -> tuple[Reference, ...]:
    return references("\n".join([f"```{language}", *lines, "```", ""]))


# What is written, the path it names, and the column where that begins.
NAMES = [
    ("- file: src/app.py", "src/app.py", 9),
    ('- file: "src/app.py"', "src/app.py", 10),
    ("- file: 'src/app.py'", "src/app.py", 10),
    ("- file: `src/app.py`", "src/app.py", 10),
    ("- **file**: `src/app.py`", "src/app.py", 14),
    ("- file: **src/app.py**", "src/app.py", 11),
    ("- file: src/app.py:12-40", "src/app.py", 9),
    ("- file: src/app.py:12", "src/app.py", 9),
    ("- file: src/app.py:create_app()", "src/app.py", 9),
    ("- file: src/app.py#L10-L20", "src/app.py", 9),
    ("- file: tests/test_app.py::test_it", "tests/test_app.py", 9),
    ("- file: src/app.py (new file)", "src/app.py", 9),
    ("- file: src/app.py(lines 3-4)", "src/app.py", 9),
    ("- file: src/app.py (lines 1-36)", "src/app.py", 9),
    ("- file: src/app.py,", "src/app.py", 9),
    ("- file: src/app.py  # the routes", "src/app.py", 9),
    ("- file: src/app.py for error handling", "src/app.py", 9),
    ("- file: [the routes](src/app.py)", "src/app.py", 22),
    ("- file: “src/app.py”", "src/app.py", 10),
    ("- file: src/my notes.md", "src/my notes.md", 9),
    ('- file: "src/my notes.md (all)"', "src/my notes.md", 10),
    ("- file: src/**/*.py", "src/**/*.py", 9),
    ("- file: src/app/[id]/(group)/page.tsx", "src/app/[id]/(group)/page.tsx", 9),
    ("- file: __init__.py", "__init__.py", 9),
    ("- file: .env.example", ".env.example", 9),
    ("- file: ..", "..", 9),
    ("- file: C:\\Users\\ada\\notes.md", "C:\\Users\\ada\\notes.md", 9),
    ("- docfile: PRPs/ai_docs/x.md", "PRPs/ai_docs/x.md", 12),
    ("1. file: src/app.py", "src/app.py", 10),
    ("    completion_summary: PRPs/X.md", "PRPs/X.md", 25),
    ("- File: src/app.py", "src/app.py", 9),
]  # fmt: skip


@pytest.mark.parametrize(("line", "name", "column"), NAMES)
def test_a_path_is_read_without_what_stands_around_it(line: str, name: str, column: int) -> None:
    assert [(r.name, r.line, r.column) for r in fenced(line)] == [(name, 2, column)]
    assert line[column - 1 :].startswith(name)


NOTHING = [
    "- file:", "- file: ", "file: src/app.py", "profile: src/app.py", "- files: src/app.py",
    "- file: whatever fits", "- file:src/app.py", "see src/app.py", "# see the docs",
]  # fmt: skip


@pytest.mark.parametrize("line", NOTHING)
def test_what_names_no_path_is_no_reference(line: str) -> None:
    assert fenced(line) == ()


def test_a_key_of_a_program_is_no_reference() -> None:
    assert fenced("- file: src/app.py", language="python") == ()
    assert [r.name for r in references("- file: src/app.py\nfile: src/b.py\n")] == ["src/app.py"]


def test_several_paths_of_one_line_are_several_references() -> None:
    found = fenced("- file: src/a.py, `src/b.py` and src/c.py, which are alike")
    assert [r.name for r in found] == ["src/a.py", "src/b.py", "src/c.py"]


def test_an_entry_has_its_own_reasons_and_shares_them() -> None:
    found = fenced(
        "- file: src/a.py",
        "  docfile: PRPs/ai_docs/a.md",
        "  why: the transaction",
        "- doc: SQLAlchemy",
        "  section: Session",
        "  critical: flush",
        "- file: src/b.py",
        "  why:",
        "- url: https://example.org/x, # what it locks",
        "- file: src/c.py (lines 1-2)",
    )
    reasons = {r.name: r.reasons for r in found}
    assert reasons == {
        "src/a.py": ("why",),
        "PRPs/ai_docs/a.md": ("why",),
        "SQLAlchemy": ("section", "critical"),
        "src/b.py": (),
        "https://example.org/x": ("remark",),
        "src/c.py": (),
    }
    assert [r.entry for r in found] == [2, 2, 5, 8, 10, 11]


def test_mentions_are_read_in_code_only_where_a_path_stands() -> None:
    found = fenced("# one transaction, see src/a.py", "x = 1  # see also the docs", "see(src)")
    assert [(r.kind, r.name, r.column) for r in found] == [(SEE, "src/a.py", 24)]
    found = fenced("CONFIG:", '  - add to: "src/settings.py"', "  - add to: the database")
    assert [(r.kind, r.name) for r in found] == [(ADD_TO, "src/settings.py")]


TARGETS = [
    ("MODIFY src/a.py:", [("MODIFY", "src/a.py", 8)]),
    ("MODIFY: src/a.py", [("MODIFY", "src/a.py", 9)]),
    ("MODIFY: `src/a.py`", [("MODIFY", "src/a.py", 10)]),
    ("  CREATE src/a.py", [("CREATE", "src/a.py", 10)]),
    ("- CREATE: src/a.py (the routes)", [("CREATE", "src/a.py", 11)]),
    ("1. **ADD** `src/a.py` - the routes", [("ADD", "src/a.py", 13)]),
    ("- Modify `src/a.py`", [("MODIFY", "src/a.py", 11)]),
    ("### CREATE src/a.py", [("CREATE", "src/a.py", 12)]),
    ("- [ ] CREATE src/a.py", [("CREATE", "src/a.py", 14)]),
    ("CREATE tests/:", [("CREATE", "tests/", 8)]),
    ("MODIFY src/a.py, src/b.py:", [("MODIFY", "src/a.py", 8), ("MODIFY", "src/b.py", 18)]),
    ("RENAME src/a.py -> src/b.py", [("RENAME", "src/a.py", 8)]),
    ("CREATE TRIGGER after_scan", []),
    ("UPDATE scans SET x = 1", []),
    ("DELETE /api/parcels/{code}", []),
    ("- MODIFY the cases: first and last", []),
    ("- MODIFY input/output handling", []),
    ("- Add tests to src/a.py", []),
    ("- modify src/a.py", []),
    ("RUN pytest tests/a.py", []),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), TARGETS)
def test_targets_are_read_in_every_form(line: str, expected: list[tuple[str, str, int]]) -> None:
    assert [(t.verb, t.path, t.column) for t in tasks.targets(line, 1)] == expected


ANCHORS = [
    ('  - FIND pattern: "class A"', ["class A"]),
    ('  - FIND pattern: "class A": twice', ["class A"]),
    ("  - FIND `class A`", ["class A"]),
    ('  - FIND line containing "a \\"b\\" c"', ['a "b" c']),
    ('  - INJECT after line containing "x = 1"', ["x = 1"]),
    ('  - INJECT before "x = 1"', ["x = 1"]),
    ('  - PRESERVE "x = 1"', ["x = 1"]),
    ("  - PRESERVE: `x`", ["x"]),
    ('  - PRESERVE the task "lint" for everybody', []),
    ("  - FIND pattern: where scans are stored", []),
    ("  - FIND: line 12 or so", []),
    ('  - FIND pattern: ""', []),
    ('  - FIND pattern: "open', []),
    ("  - KEEP `x`", []),
]


@pytest.mark.parametrize(("line", "expected"), ANCHORS)
def test_only_quoted_text_is_an_anchor(line: str, expected: list[str]) -> None:
    (target,) = tasks.targets(f"MODIFY src/a.py:\n{line}", 1)
    assert [anchor.text for anchor in target.anchors] == expected
    assert all(anchor.line == 2 for anchor in target.anchors)


def test_quotes_inside_of_an_anchor_are_part_of_one_of_its_readings() -> None:
    (target,) = tasks.targets('MODIFY a.py:\n  - FIND "f(x="a")" once', 1)
    assert 'f(x="a")' in target.anchors[0].readings


def test_mirrors_and_renames_belong_to_their_target() -> None:
    text = "CREATE a.py:\n  - MIRROR pattern from: b.py (as it is)\n  - MIRROR its tests\nTask 2:\nRENAME c.py to d.py"
    created, renamed = tasks.targets(text, 1)
    assert [(line, named.name) for line, named in created.mirrors] == [(2, "b.py")]
    assert (created.creates, renamed.creates) == ("a.py", "d.py")


def test_nobody_knows_which_of_two_files_an_anchor_is_in() -> None:
    found = tasks.targets('MODIFY a.py, b.py:\n  - FIND "x"', 1)
    assert [target.anchors for target in found] == [(), ()]


@given(st.text())
def test_no_text_raises(text: str) -> None:
    for line in (text, f"- file: {text}", f"MODIFY {text}", f"  - FIND {text}", f"# see {text}"):
        fenced(line)
        references(line)
        list(tasks.targets(line, 1))
        for named in path_names.read_all(line):
            assert line[named.column - 1 :].startswith(named.name)


@pytest.mark.parametrize(
    "line",
    [
        "- file: a" + " " * 200_000 + "b",
        '- file: "a' + " " * 200_000 + 'b"',
        "- file: " + "`" * 200_000,
        "- file: " + "a:1" * 100_000,
        "- file: " + "a(" * 100_000,
        "- file: " + "a.py, " * 30_000,
        "# see " * 50_000,
        "MODIFY " + " " * 200_000,
        "  - FIND " + "the " * 50_000,
        "# " * 100_000 + "see",
    ],
)
def test_long_lines_take_no_time(line: str) -> None:
    fenced(line)
    list(tasks.targets(line, 1))
