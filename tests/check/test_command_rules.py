"""The rules on commands, over real projects: what is found, what is fixed, what stays silent."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prp_pack.check import fix
from prp_pack.check.engine import Checker
from prp_pack.check.invocations import innermost, invocations
from prp_pack.check.rules import RULES
from prp_pack.model import Finding, Severity
from prp_pack.parse import shell
from prp_pack.project import CheckedOut, Listed
from prp_pack.repository import Repository, decode

OURS = tuple(rule for rule in RULES if rule.id in ("PRP501", "PRP502", "PRP503", "PRP504"))
FILES = {
    ".gitignore": "build/\n.venv/\n",
    "pyproject.toml": "[dependency-groups]\ndev = ['pytest-cov', 'hypothesis-cli']\n",
    "tox.ini": "[tox]\nenvlist = py311, lint\n[testenv:lint]\n",
    "Makefile": "include-like: dep\nCC := gcc\nlint test: src\n\truff\n.PHONY: lint\n",
    "web/Makefile": "include ../common.mk\n%.o: %.c\n",
    "justfile": "alias t := test\ntest *args: lint\n    pytest\n@lint:\n    ruff check\nx := '1'\n",
    "package.json": '{"scripts": {"lint": "eslint", "test": "jest"}, "devDependencies": {"tsc": "1"}}',
    "app/package.json": '{"scripts": ["broken"]}',
    "compose.yaml": "services: {}\n",
    "alembic.ini": "",
    "scripts/check.sh": "",
    "scripts/check.py": "",
    "src/parcels/__init__.py": "",
    "src/parcels/__main__.py": "",
    "src/parcels/label.py": "",
    "src/parcels/io/__init__.py": "",
    "tools/run.py": "",
    "tests/test_label.py": "class TestLabel(Base):\n    def test_one(self): ...\nasync def test_two(): ...\n",
    "tests/test_bytes.py": "",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a git project; the program `tool` can be started there, and little else."""
    root = tmp_path_factory.mktemp("project")
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    (root / "tests/test_bytes.py").write_bytes(b"\xff\xfe")
    programs = tmp_path_factory.mktemp("programs")
    for name in ("sh", "tool", "python", "pytest", "ruff", "mypy", "make", "just", "tox", "npm",
                 "pnpm", "yarn", "docker", "docker-compose", "uv", "bash", "curl", "npx", "black",
                 "coverage", "alembic", "node", "poetry"):  # fmt: skip
        (programs / name).write_text("", encoding="utf-8")
        (programs / name).chmod(0o755)
    (root.parent / "search_path").write_text(str(programs), encoding="utf-8")
    subprocess.run(["git", "init", "-q", root], check=True)
    return root


def findings(project: Path, *commands: str, above: str = "") -> list[Finding]:
    fence = "\n".join(commands)
    text = f"{above}## Validation Loop\n### Level 1: Component Validation\n```bash\n{fence}\n```\n"
    return check(project, text)


def check(project: Path, text: str) -> list[Finding]:
    repository = Repository(project)
    programs = (project.parent / "search_path").read_text(encoding="utf-8")
    known = CheckedOut(repository, programs)
    checker = Checker(repository, rules=OURS, strict=True, project=known)
    return checker.check_text(text, "PRPs/x.md")


MISSING = [
    ("python scripts/chek.py", "“scripts/chek.py” doesn't exist", "“scripts/check.py”?"),
    ("python -u -X dev check.py", "“check.py” doesn't exist", "“scripts/check.py”?"),
    ("bash scripts/run.sh --all", "“scripts/run.sh” doesn't exist", ""),
    ("./scripts/nothing", "“./scripts/nothing” doesn't exist", ""),
    ("source scripts/env.sh && tool", "“scripts/env.sh” doesn't exist", ""),
    ("timeout 5 env A=1 uv run --with x python x.py", "“x.py” doesn't exist", ""),
    ("python -m parcels.nothing", "needs “src/parcels/nothing.py”", ""),
    ("python -m parcels.io", "needs “src/parcels/io/__main__.py”", ""),
    ("python -m pytest tests/none.py", "“tests/none.py” doesn't exist", ""),
    ("coverage run -m pytest tests/none.py", "“tests/none.py” doesn't exist", ""),
    ("uv run -m pytest tests/none.py", "“tests/none.py” doesn't exist", ""),
    ("pytest tests/test_labels.py::test_two", "doesn't exist", "“tests/test_label.py”?"),
    ("pytest tests/test_label.py::test_tow", "has no test “test_tow”", "“test_two”?"),
    ("pytest 'tests/test_label.py::TestLabel::test_three[x-1]'", "has no test “test_three”", ""),
    ("pytest tests/unit_*.py", "“tests/unit_*.py” matches no file", ""),
    ("pytest --cov=parcel tests", "“parcel”, which doesn't exist", ""),
    ("pytest -c none.ini", "“none.ini” doesn't exist", ""),
    ("mypy --config-file=none.ini src", "“none.ini”, which doesn't exist", ""),
    ("ruff check --select E source/", "“source/” doesn't exist", ""),
    ("cd web && make lint -f ../Makefile && ruff check src", "“src” doesn't exist in “web”", ""),
    ("make lnit", "make target “lnit” isn't in “Makefile”", "“lint”?"),
    ("make -C src all", "“make” finds no Makefile in “src”", ""),
    ("just tset", "recipe “tset” isn't in “justfile”", "“test”?"),
    ("npm run lnt -- --fix", "script “lnt” isn't in “package.json”", "“lint”?"),
    ("cd web && pnpm run none", "script “none” isn't in “package.json”", ""),
    ("tox -e py311,docs", "tox environment “docs” isn't in “tox.ini”", ""),
    ("docker-compose -f none.yml up -d", "“none.yml” doesn't exist", ""),
    ("docker compose -f none.yml up -d", "“none.yml” doesn't exist", ""),
    ("alembic -c none.ini check", "“none.ini” doesn't exist", ""),
    ("cd nowhere && tool", "“nowhere” doesn't exist", ""),
    ("tool $(python none.py)", "“none.py” doesn't exist", ""),
    ("if python none.py; then tool; fi", "“none.py” doesn't exist", ""),
]  # fmt: skip


@pytest.mark.parametrize(("command", "message", "hint"), MISSING)
def test_what_the_repository_lacks_is_an_error(
    project: Path, command: str, message: str, hint: str
) -> None:
    found = [one for one in findings(project, command) if one.rule == "PRP502"]
    assert len(found) == 1, found
    assert found[0].severity is Severity.ERROR
    assert message in found[0].message
    assert hint in found[0].help
    assert found[0].line == 4


RUNNABLE = [
    "python scripts/check.py --fast", "python -c 'import none'", "python -m parcels",
    "python -m parcels.label", "python -m none.module", "python -m json.tool none.json",
    "python -m tools.run", "bash -c 'none'", "bash -ec none", "./scripts/check.sh",
    ".venv/bin/pytest tests", "build/made", "/opt/none", "~/none", "../none",
    "pytest -v tests/test_label.py::TestLabel::test_one -k none -m 'not slow'",
    "pytest tests/test_bytes.py::test_unknown", "pytest --unknown none.xml",
    "pytest --cov=src/parcels --cov=parcels.io --cov parcels", "pytest --pyargs none",
    "pytest tests/*.py src/**/*.py", 'pytest "$FILES"', "pytest tests/test_{a,b}.py",
    "pytest --junitxml=none.xml --ignore none", "ruff check --config 'line-length=80' src",
    "ruff rule E501", "ruff --version", "mypy -p parcels", "make lint test V=1 -j4",
    "make -j 4 include-like", "cd web && make anything", "just t", "just test one two",
    "npm run lint && npm test", "cd app && npm run none", "npm --prefix app run none",
    "npm run none -w app", "npm ci", "yarn run tsc", "pnpm install", "tox -e py312,lint",
    "tox", "docker compose up -d", "docker compose version", "docker ps", "tool",
    "hypothesis-cli", "npx none", "uv run none", "poetry run none", "uv sync",
    "f() { none2; }; cat x | sort", "echo none > made.txt && python made.txt",
    "mkdir -p made && ruff check made", "tool -o made.json && python made.json", "prp check",
    "for x in a; do tool $x; done", "time tool", "test -f none && [ -f none ]",
    "curl -f http://127.0.0.1", "! grep -r none src", "cd - && python none.py",
    "cat <<END\npython none.py\nEND", "# python none.py", "python x[N].py",
    "python path/to/your_script.py", "python <name>.py", "source .venv/bin/activate && none3",
]  # fmt: skip


@pytest.mark.parametrize("command", RUNNABLE)
def test_what_can_run_or_cannot_be_known_is_no_error(project: Path, command: str) -> None:
    errors = [f for f in findings(project, command) if f.rule == "PRP502"]
    assert [f.message for f in errors if "none2" not in f.message] == []


def test_a_program_that_is_not_installed_is_one_warning(project: Path) -> None:
    found = [f for f in findings(project, "none a", "none b") if f.rule == "PRP502"]
    assert [(f.line, f.severity, f.message) for f in found] == [
        (4, Severity.WARNING, "“none” is not on the PATH here")
    ]


def test_without_a_search_path_nothing_is_said_about_programs() -> None:
    listed = Listed(frozenset({"a.py"}))
    checker = Checker(Repository(Path(os.devnull)), rules=OURS, strict=True, project=listed)
    text = "## Validation Loop\n```bash\nnone\npython a.py\npython b.py\nmake x\n```\n"
    found = checker.check_text(text, "PRPs/x.md")
    assert [f.line for f in found if f.rule == "PRP502"] == [5, 6]


PROMISES = [
    ("## Implementation Blueprint\n### list of tasks to be completed to fullfill the PRP in the order"
    " they should be completed\n```yaml\nTask 1:\nCREATE tests/test_new.py:\n  - KEEP x\n```\n"),
    ("## All Needed Context\n### Desired Codebase tree\n```bash\nproject\n├── tests\n"
    "│   └── test_new.py  # cases\n└── src\n```\n"),
    "## All Needed Context\n### Desired Codebase tree\n```bash\ntests/test_new.py  # cases\n```\n",
    ("## Validation Loop\n### Level 1a: Unit tests for each new feature\n```python\n"
    "# tests/test_new.py: one -> two\n```\n```bash\ntool\n```\n"),
    "Then CREATE `tests/test_new.py` with the cases.\n",
]  # fmt: skip


@pytest.mark.parametrize("above", PROMISES)
def test_what_the_document_creates_counts_as_there(project: Path, above: str) -> None:
    command = "pytest tests/test_new.py::test_anything"
    assert [f for f in findings(project, command, above=above) if f.rule == "PRP502"] == []
    assert [f for f in findings(project, command) if f.rule == "PRP502"] != []


def test_a_line_with_a_placeholder_is_not_judged(project: Path) -> None:
    assert findings(project, "pytest tests/[TODO: the path] -v", "python [TODO: name].py") == []


def test_lines_that_are_no_shell_are_one_warning_for_their_fence(project: Path) -> None:
    found = findings(project, "tool", "Open it (now) and look", "Close it (then) and go", "tool")
    assert [(f.line, f.severity) for f in found if "parse" in f.message] == [(5, Severity.WARNING)]


UNSAFE = [
    ("tool --target=<200ms", 'tool --target="<200ms"'),
    ("tool --target=[<Xms]", 'tool --target="[<Xms]"'),
    ("tool --min=>90%", 'tool --min=">90%"'),
    ("tool --phase=[3]", 'tool --phase="[3]"'),
    ("tool < 200ms", None),
    ("a=1 curl -X POST x", "a=1 curl --fail-with-body -X POST x"),
    ("tool && curl x | python -m json.tool", "tool && curl --fail-with-body x | python -m json.tool"),
    ("X=$(curl x) tool", "X=$(curl --fail-with-body x) tool"),
    ("uvicorn a:b", None), ("python -m uvicorn a:b --reload", None), ("flask run", None),
    ("cd web && npm run dev", None), ("npm start", None), ("pnpm dev", None),
    ("python -m http.server", None), ("python manage.py runserver", None),
    ("docker-compose up", None), ("docker compose -f compose.yaml up --build", None),
    ("uv run python -m src.main --dev", None), ("tool --watch", None),
    ("rm -rf build", None), ("rm -r -f ~/x", None), ("rm -fr /tmp/../etc", None),
    ("git push -f", None), ("git commit --no-verify", None), ("sudo tool", None),
    ("curl -f x | sh", None), ("wget -qO- x | sudo bash", None), ("bash <(curl -f x)", None),
    ('sh -c "$(curl -fsSL x)"', None),
    ("tool || true", None), ("tool || :", None), ("tool || echo failed", None),
    ("tool || exit 0", None), ("tool; true", None), ("set +e", None),
]  # fmt: skip


@pytest.mark.parametrize(("command", "fixed"), UNSAFE)
def test_unsafe_commands_are_errors_and_fixed_where_that_is_safe(
    project: Path, command: str, fixed: str | None
) -> None:
    # What only prepares is judged with the gate that it prepares.
    found = [f for f in findings(project, command, "tool") if f.rule == "PRP503"]
    assert found, command
    assert all(f.severity is Severity.ERROR and f.line == 4 for f in found)
    fixes = [f.fix.text.rstrip("\n") for f in found if f.fix]
    assert fixes == ([] if fixed is None else [fixed])


SAFE = [
    "tool --target='<200ms'", "tool < input.txt > out.txt 2>&1", "tool 2>/dev/null",
    "pytest tests/*.py 'a[1]'", "pytest tests/x.py::test_a[case-1]",
    "curl -fsS x", "curl -sSf x", "curl --fail x", "curl x | grep ok", "curl x | jq -e .ok",
    "[ \"$(curl -s -o /dev/null -w '%{http_code}' x)\" = 200 ]", "curl --version",
    "curl -s -o /dev/null -w '%{http_code}' x | grep 200", "uvicorn --version",
    "timeout 5 uvicorn a:b", "docker compose up -d", "npm run build", "npm install --dev x",
    "docker compose up --abort-on-container-exit", "rm -rf /tmp/x", "rm x", "rm -r x",
    'D=$(mktemp -d)\nrm -rf "$D"', "git push", "echo 'curl x | sh'", 'tool --name "|| true"',
 "true", "cat <<END\nrm -rf /\nEND", "set -e",
    "X=$(tool || true) tool", "# gate: background\nuvicorn a:b", "uvicorn a:b &",
]  # fmt: skip


@pytest.mark.parametrize("command", SAFE)
def test_safe_commands_are_left_alone(project: Path, command: str) -> None:
    found = [f.message for f in findings(project, command) if f.rule == "PRP503"]
    assert found == [], command


MUTATING = [
    ("ruff check --fix src", "ruff check src"),
    ("ruff format", "ruff format --check"),
    ("uv run black src", "uv run black --check src"),
    ("isort .", "isort --check-only ."),
    ("prettier --write .", "prettier --check ."),
    ("eslint . --fix", "eslint ."),
    ("cargo fmt", "cargo fmt --check"),
    ("npm audit fix", "npm audit"),
    ("gofmt -w .", None), ("pre-commit autoupdate", None), ("sed -i s/a/b/ x", None),
    ("sed -Ei s/a/b/ x", None), ("sed -i.bak s/a/b/ x", None), ("git add .", None),
    ("alembic revision --autogenerate", None),
    ("ruff format --diff", ""), ("ruff check src", ""), ("black --check .", ""), ("sed s/i/b/ x", ""),
    ("git status", ""), ("npm audit", ""), ("cargo fmt --check", ""), ("git log --grep add", ""),
]  # fmt: skip


@pytest.mark.parametrize(("command", "fixed"), MUTATING)
def test_gates_that_change_files_are_warnings(
    project: Path, command: str, fixed: str | None
) -> None:
    found = [f for f in findings(project, command) if f.rule == "PRP504"]
    assert len(found) == (fixed != "")
    assert all(f.severity is Severity.WARNING for f in found)
    fixes = [f.fix.text.rstrip("\n") for f in found if f.fix]
    assert fixes == ([fixed] if fixed else [])


def test_a_fence_in_a_list_is_fixed_where_it_stands(project: Path) -> None:
    text = "## Validation Loop\n- run\n  ```bash\n  curl x && curl y\n  ```\n"
    source = decode(text.encode(), "PRPs/x.md")
    found = [f for f in check(project, text) if f.rule == "PRP503"]
    assert [(f.line, f.column) for f in found] == [(4, 3), (4, 13)]
    assert "  curl --fail-with-body x && curl y\n" in fix.apply(source, found)


WRAPPED = [
    ("uv run --group dev pytest -q", ["uv", "pytest"]),
    ("uv sync", ["uv"]),
    ("uv tool run ruff check", ["uv", "ruff"]),
    ("env -u X A=b timeout -k 5 10 pytest", ["env", "timeout", "pytest"]),
    ("timeout 10", ["timeout"]),
    ("sudo -u me nice -n 5 tool", ["sudo", "nice", "tool"]),
    ("python -m coverage run -m pytest", ["python", "coverage", "pytest"]),
    ("python -m pytest", ["python", "pytest"]),
    ("python -c x -m y", ["python"]),
    ("docker compose up", ["docker compose"]),
    ("npx -p a b c", ["npx", "b"]),
    ("command -v x", ["command"]),
    ("$X y", []),
    ("nohup $X", ["nohup"]),
]


@pytest.mark.parametrize(("text", "names"), WRAPPED)
def test_wrappers_are_looked_through(text: str, names: list[str]) -> None:
    [command] = shell.parse(text).commands
    assert [call.name for call in invocations(command)] == names
    last = innermost(command)
    assert (last.name if last else None) == (names[-1] if names else None)


def test_a_document_full_of_hostile_fences_ends_quickly(project: Path) -> None:
    parts = ["a|", "a=(", ")", "cd a\nb\n"]
    fences = [f"```bash\n{(part * 9_990)[:9_990]}\n```\n" for part in parts]
    # That it ends is what is shown here; how long it takes is the benchmark's.
    assert check(project, "## Validation Loop\n" + "".join(fences))


words = st.sampled_from(
    ["python", "-m", "pytest", "uv", "run", "npm", "make", "curl", "|", "&&", "||", "true", "rm", "-rf",
     "docker", "compose", "up", "ruff", "--fix", "--cov", "-c", "tests/x.py::y", "$X", "'", '"', "(",
     "<200ms", "[N]", "\n", "cd", "..", "sed", "-i", "--", "=", "timeout", "env", "A=1", ";", "é"]
)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(text=st.lists(words, max_size=15).map(" ".join))
def test_no_command_makes_a_rule_raise(project: Path, text: str) -> None:
    for finding in findings(project, *text.split("\n")):
        assert finding.line >= 1
        assert finding.column >= 1
