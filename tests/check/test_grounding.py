"""Where names lead, in real repositories, and what a PRP creates."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prp_pack.check.engine import Checker
from prp_pack.check.paths import How, Paths
from prp_pack.project import Listed
from prp_pack.repository import Repository

TASKS = (
    "### list of tasks to be completed to fullfill the PRP in the order they should be completed\n"
)


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip


def write(folder: Path, *names: str, text: str = "x\n") -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def paths(folder: Path, text: str = "", path: str = "PRPs/example.md") -> Paths:
    return Checker(Repository(folder), strict=True).target(text, path).paths


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a repository with a rename in its history, ignored files, and a few files."""
    folder = tmp_path / "project"
    write(folder, "src/old_name.py", text="def long_enough_to_be_recognised():\n    return 1\n" * 5)
    write(folder, "src/app.py", "src/parcels/label.py", "tests/test_app.py", "PRPs/ai_docs/sql.md")
    write(folder, "web/index.ts", "api/index.ts", "docs/Guide.md", "src/app/[id]/page.tsx")
    write(folder, ".gitignore", text="secrets/\n*.log\nbuild/\n")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    git(folder, "mv", "src/old_name.py", "src/new_name.py")
    git(folder, "commit", "-qm", "two")
    return folder


FOUND = [
    ("src/app.py", How.THERE, "src/app.py"),
    ("./src/app.py", How.THERE, "src/app.py"),
    ("src/", How.THERE, "src"),
    ("src\\app.py", How.THERE, "src/app.py"),
    ("@src/app.py", How.THERE, "src/app.py"),
    ("ai_docs/sql.md", How.THERE, "PRPs/ai_docs/sql.md"),
    ("../src/app.py", How.THERE, "src/app.py"),
    ("src/app/[id]/page.tsx", How.THERE, "src/app/[id]/page.tsx"),
    ("src/*.py", How.THERE, ""),
    ("src/**/*.py", How.THERE, ""),
    ("**/label.py", How.THERE, ""),
    ("src/{app,none}.py", How.THERE, ""),
    ("src/*.rs", How.MISSING, ""),
    ("/home/ada/project/src/app.py", How.SUFFIX, "src/app.py"),
    ("/src/app.py", How.SUFFIX, "src/app.py"),
    ("C:\\Users\\ada\\project\\src\\app.py", How.SUFFIX, "src/app.py"),
    ("parcels/label.py", How.SUFFIX, "src/parcels/label.py"),
    ("label.py", How.SUFFIX, "src/parcels/label.py"),
    ("monorepo/src/app.py", How.SUFFIX, "src/app.py"),
    ("index.ts", How.MISSING, ""),
    ("secrets/key.pem", How.IGNORED, ""),
    ("run.log", How.IGNORED, ""),
    ("build", How.IGNORED, ""),
    (".env", How.IGNORED, ""),
    ("~/notes.md", How.ELSEWHERE, ""),
    ("$HOME/notes.md", How.ELSEWHERE, ""),
    ("%APPDATA%/notes.md", How.ELSEWHERE, ""),
    ("https://example.org/a.md", How.ELSEWHERE, ""),
    ("[path of a file]", How.UNFILLED, ""),
    ("src/.../app.py", How.UNFILLED, ""),
    ("src/<name>.py", How.UNFILLED, ""),
    ("src/old_name.py", How.RENAMED, "src/new_name.py"),
    ("../../other/a.py", How.OUTSIDE, ""),
    ("/etc/passwd", How.OUTSIDE, ""),
    ("D:\\x.py", How.OUTSIDE, ""),
    ("\\\\server\\share\\x.py", How.OUTSIDE, ""),
    ("src/other/label.py", How.MISSING, "src/parcels/label.py"),
    ("src/lable.py", How.MISSING, "src/parcels/label.py"),
    ("docs/guide.md", How.MISSING, "docs/Guide.md"),
    ("src/nothing_like_it.py", How.MISSING, ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "how", "path"), FOUND)
def test_a_name_leads_where_a_reader_would_go(
    project: Path, name: str, how: How, path: str
) -> None:
    found = paths(project).resolve(name)
    assert (found.how, found.path) == (how, path)


def test_only_what_cannot_be_another_file_is_certain(project: Path) -> None:
    here = paths(project)
    assert here.resolve("lib/parcels/label.py").certain
    assert not here.resolve("examples/label.py/x/label.py").certain
    assert not here.resolve("src/lable.py").certain
    assert here.resolve("src/old_name.py").certain


def test_a_number_makes_another_name(tmp_path: Path) -> None:
    write(tmp_path, "PRPs/phase1.md")
    assert paths(tmp_path).resolve("PRPs/phase2.md").path == ""


def test_a_link_that_leads_outside_is_outside(project: Path, tmp_path: Path) -> None:
    write(tmp_path, "elsewhere.py")
    (project / "src/link.py").symlink_to(tmp_path / "elsewhere.py")
    assert paths(project).resolve("src/link.py").how is How.OUTSIDE


HOSTILE = [
    "", "-", "--option", "-rf", "a\nb", "a\0b", 'a"b', "a'b", "a\tb", "x" * 300, "x/" * 4000,
    "x" * 100_000, "..", "../..", "../" * 500, "/", "//", "//x", "\\", "C:", ":", ":(glob)**",
    ":/src", "*" * 50, "**/" * 50, "{a,b}" * 20, "{" * 100, "[" * 100, "]", "src/[!a]*", "\ud800",
    "\udcff", "src/app.py/x", "src/app.py/", "\u202e", ".", "./", "@", "@/", "~", "$", "%", "é" * 200,
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_no_name_raises(project: Path, name: str) -> None:
    here = paths(project, f"{TASKS}```yaml\nCREATE {name}:\nMODIFY {name}:\n```\n")
    here.resolve(name)
    assert here.creates("x") in (True, False)


def test_what_is_no_regular_file_is_there_and_not_read(project: Path) -> None:
    os.mkfifo(project / "pipe.py")
    text = f'{TASKS}```yaml\nMODIFY pipe.py:\n  - FIND pattern: "x"\n```\n'
    assert paths(project).resolve("pipe.py").how is How.THERE
    assert (
        not Checker(Repository(project), strict=True)
        .target(text, "PRPs/x.md")
        .project.text("pipe.py")
    )


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_name_resolves_against_a_list(name: str, text: str) -> None:
    project = Listed(frozenset({"src/app.py", "README.md", text}))
    document = f"# x\n\n{TASKS}```yaml\nCREATE {text}\n```\n- file: {name}\n"
    target = Checker(Repository(Path("/nowhere")), project=project).target(document, "PRPs/x.md")
    first = target.paths.resolve(name)
    assert target.paths.resolve(name) is first
    assert target.paths.created is not None


# --- What a PRP creates ---

CREATED = f"""\
### Desired Codebase tree
```text
parcels/
├── src/
│   ├── app.py        # there already
│   └── bars.py       # the patterns
└── src/text/
    └── label.py      # the label
```
{TASKS}
```yaml
Task 1:
MODIFY src/app.py:
CREATE: `src/label.py`
RENAME src/app.py -> src/main.py
CREATE tests/:
```
Also a new file `docs/how.md`.
```python
# src/sample.py
```
"""


def test_tasks_tree_and_text_say_what_is_created(tmp_path: Path) -> None:
    write(tmp_path, "src/app.py")
    here = paths(tmp_path, CREATED)
    for path in ("src/bars.py", "src/text/label.py", "src/label.py", "src/main.py", "docs/how.md"):
        assert here.creates(path), path
    for path in ("tests", "tests/unit/test_x.py", "src/text", "src/sample.py", "bars.py"):
        assert here.creates(path), path
    for path in ("src/app.py", "src/other.py", "label", "main.py.md"):
        assert not here.creates(path), path
    assert here.resolve("src/bars.py").how is How.CREATED


def test_the_order_of_tasks_decides_what_is_there(tmp_path: Path) -> None:
    text = f"{TASKS}```yaml\nMODIFY b.py:\nCREATE a/b.py:\nCREATE b.py:\nMODIFY b.py:\n```\n"
    here = paths(tmp_path, text)
    lines = [target.line for target in here.tasks]
    assert [here.created_before("b.py", line) for line in lines] == [False, False, False, True]
    assert here.created_before("a", lines[-1])


def test_the_authors_folder_is_learned_from_one_path_that_exists(project: Path) -> None:
    text = (
        "```yaml\n- file: /home/ada/p/src/app.py\n```\n"
        + TASKS
        + ("```yaml\nCREATE /home/ada/p/src/new.py:\nCREATE /etc/cron.d/x:\n```\n")
    )
    here = paths(project, text)
    assert here.resolve("/home/ada/p/src/new.py").how is How.CREATED
    assert here.resolve("src/new.py").how is How.CREATED
    assert here.resolve("/home/ada/p/src/other_thing.py").how is How.MISSING
    assert here.resolve("/etc/cron.d/x").how is How.OUTSIDE
    assert here.resolve("/home/bob/p/src/new.py").how is How.CREATED


# --- Whether it was executed ---

BLOCK = """\
## Project Context
```yaml
PROJECT_TYPE: complex_multi_phase
PHASE_INFO:
  number: 2
  total_phases: 3
  phase_type: integration
  previous_phases: [1]
  template_source: PRPs/PROJECT_PHASE_PLAN.md
  complexity_level: high
```
"""


def test_a_phase_is_executed_when_its_own_summary_is_there(tmp_path: Path) -> None:
    write(tmp_path, "PRPs/PHASE1_COMPLETION_SUMMARY.md")
    assert not paths(tmp_path, BLOCK).executed
    write(tmp_path, "PRPs/PHASE2_COMPLETION_SUMMARY.md")
    assert paths(tmp_path, BLOCK).executed


def test_a_feature_is_executed_when_all_it_creates_is_there(tmp_path: Path) -> None:
    text = f"{TASKS}```yaml\nCREATE a.py:\nCREATE b.py:\n```\n"
    write(tmp_path, "a.py")
    assert not paths(tmp_path, text).executed
    write(tmp_path, "b.py")
    assert paths(tmp_path, text).executed
    assert not paths(tmp_path, f"{TASKS}```yaml\nMODIFY a.py:\n```\n").executed
