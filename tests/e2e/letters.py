"""A project of three phases, as a person asks for it and as a good model plans and builds it.

It is a pure-Python library that keeps letters by depot, so that its gates take moments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

PLAN = "PRPs/PROJECT_PHASE_PLAN.md"
DEFERRAL = "removing a letter from its depot"

BEGINNING = {
    "pyproject.toml": (
        '[project]\nname = "letters"\nversion = "0"\nrequires-python = ">=3.11"\n\n'
        '[tool.pytest.ini_options]\npythonpath = ["src"]\naddopts = "-p no:cacheprovider"\n\n'
        '[tool.ruff.lint]\nselect = ["E", "F", "I"]\n'
    ),
    "CLAUDE.md": "# Rules\nPlain Python without dependencies.\n",
    ".gitignore": "__pycache__/\n.ruff_cache/\n",
    "PRPs/INITIAL.md": (
        "---\ntemplate: initial\nname: Depot letters\n---\n\n## FEATURE\n"
        "A library that keeps letters by depot and plans routes over depots.\n\n"
        "## OTHER CONSIDERATIONS\n- No dependency outside of the standard library.\n"
    ),
}


@dataclass(frozen=True)
class Phase:
    """One phase: what is planned, what its PRP says, and the files that the model then writes.

    `tests` maps each test file to its tests, `keeps` each file to change to text that stands in it.
    """

    number: int
    name: str
    type: str
    depends_on: tuple[int, ...]
    scope: str
    delivers: str
    criterion: str
    tests: Mapping[str, tuple[str, ...]]
    keeps: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    provides: str = ""
    promises: str = ""
    """What the PRP takes up that an earlier phase left."""

    @property
    def prp(self) -> str:
        return f"PRPs/phase{self.number}.md"

    @property
    def requirements(self) -> str:
        return f"PRPs/PHASE{self.number}_REQUIREMENTS.md"

    @property
    def summary(self) -> str:
        return f"PRPs/PHASE{self.number}_COMPLETION_SUMMARY.md"


_INIT = '"""Letters by depot."""\n'
_STORE = '''\
"""Letters by depot."""


class Store:
    """Keeps the codes of letters, in the order in which they came."""

    def __init__(self) -> None:
        self._depots: dict[str, list[str]] = {}

    def add(self, code: str, depot: str) -> None:
        self._depots.setdefault(depot, []).append(code)

    def at(self, depot: str) -> list[str]:
        return list(self._depots.get(depot, ()))
'''
_REMOVE = """
    def remove(self, code: str, depot: str) -> None:
        self._depots[depot].remove(code)
"""
_ROUTE = '''\
"""Routes over depots."""

from letters.store import Store


def route(store: Store, depots: list[str]) -> list[str]:
    """Return the letters of the depots, depot by depot."""
    letters: list[str] = []
    for depot in depots:
        letters = letters + store.at(depot)
    return letters
'''
_QUICK_ROUTE = '''\
"""Routes over depots."""

from itertools import chain

from letters.store import Store


def route(store: Store, depots: list[str]) -> list[str]:
    """Return the letters of the depots, depot by depot."""
    return list(chain.from_iterable(store.at(depot) for depot in depots))
'''
_TEST_STORE = """\
from letters.store import Store


def test_letters_are_kept_by_depot() -> None:
    store = Store()
    store.add("A1", "Bern")
    assert store.at("Bern") == ["A1"]


def test_an_unknown_depot_has_no_letters() -> None:
    assert Store().at("Basel") == []
"""
_TEST_ROUTE = """\
from letters.route import route
from letters.store import Store


def test_a_route_goes_depot_by_depot() -> None:
    store = Store()
    store.add("A1", "Bern")
    store.add("B1", "Basel")
    assert route(store, ["Basel", "Bern"]) == ["B1", "A1"]


def test_a_removed_letter_is_on_no_route() -> None:
    store = Store()
    store.add("A1", "Bern")
    store.remove("A1", "Bern")
    assert route(store, ["Bern"]) == []
"""
_TEST_LONG = """\
from letters.route import route
from letters.store import Store


def test_1000_depots_are_each_read_once() -> None:
    store = Store()
    depots = [f"depot {n}" for n in range(1000)]
    for depot in depots:
        store.add(f"letter at {depot}", depot)
    assert len(route(store, depots)) == 1000
"""

PHASES = (
    Phase(
        1, "Store", "foundation", (), "Letters are kept by their depot.", "Store.add and Store.at",
        criterion="A letter that was added is found at its depot, and 0 letters at an unknown one",
        tests={
            "tests/unit/test_store.py": (
                "test_letters_are_kept_by_depot",
                "test_an_unknown_depot_has_no_letters",
            )
        },
        files={
            "src/letters/__init__.py": _INIT,
            "src/letters/store.py": _STORE,
            "tests/unit/test_store.py": _TEST_STORE,
            "README.md": "# Letters\n\n    Store().add('A1', 'Bern')\n",
        },
        provides="Store.add(code, depot): keeps a letter",
    ),
    Phase(
        2, "Routes", "integration", (1,), "Letters of depots become a route.", "route",
        criterion="A route holds the letters of its depots in the order of the depots",
        tests={
            "tests/integration/test_route.py": (
                "test_a_route_goes_depot_by_depot",
                "test_a_removed_letter_is_on_no_route",
            )
        },
        keeps={
            "src/letters/store.py": "def at(self, depot: str) -> list[str]:",
            "README.md": "# Letters",
        },
        files={
            "src/letters/store.py": _STORE + _REMOVE,
            "src/letters/route.py": _ROUTE,
            "tests/integration/test_route.py": _TEST_ROUTE,
            "README.md": "# Letters\n\n    route(store, ['Bern', 'Basel'])\n",
        },
        provides="route(store, depots): the letters in the order of the depots",
        promises=f"Phase 1 left {DEFERRAL}; it is done here.",
    ),
    Phase(
        3, "Long routes", "optimization", (1, 2), "Routes over many depots stay quick.",
        "route over 1000 depots",
        criterion="A route over 1000 depots holds 1000 letters and reads each depot once",
        tests={"tests/integration/test_long_route.py": ("test_1000_depots_are_each_read_once",)},
        keeps={"src/letters/route.py": "letters = letters + store.at(depot)", "README.md": "route"},
        files={
            "src/letters/route.py": _QUICK_ROUTE,
            "tests/integration/test_long_route.py": _TEST_LONG,
            "README.md": "# Letters\n\nA route over 1000 depots is fine.\n",
        },
        promises=f"Phase 2 did what phase 1 left, {DEFERRAL}; nothing of it is left.",
    ),
)  # fmt: skip


def plan() -> str:
    """Return the plan of all phases, after the shipped template."""
    entries = "".join(
        f"  - number: {phase.number}\n    name: {phase.name}\n    type: {phase.type}\n"
        f"    complexity: low\n    depends_on: {list(phase.depends_on)}\n"
        f"    scope: {phase.scope}\n    delivers:\n      - {phase.delivers}\n"
        for phase in PHASES
    )
    return (
        f"---\ntemplate: phase_plan\nproject: Depot letters\nphases:\n{entries}---\n\n"
        "# Depot letters: phase plan\n\n## Overview\nLetters for depots, then routes over them.\n\n"
        "## Status\n<!-- prp:begin status -->\n<!-- prp:end -->\n\n## Risks\nNone known.\n"
    )


def requirements(phase: Phase) -> str:
    return (
        f"---\ntemplate: phase_requirements\nphase: {phase.number}\nname: {phase.name}\n"
        f"type: {phase.type}\ncomplexity: low\ndepends_on: {list(phase.depends_on)}\n---\n\n"
        f"# Phase {phase.number}: {phase.name}\n\n## Goal\n{phase.scope}\n\n"
        f"## Scope\n- {phase.delivers}\n\n## Acceptance criteria\n- {phase.criterion}\n"
    )


# --- The PRP --------------------------------------------------------------------------------

_HEADING = re.compile(r"#{2,3} (.+)")
# A program has filled these, or they hold for every PRP as they are.
_LEFT_AS_THEY_ARE = (
    "Purpose", "Core Principles", "Project Context", "Previous Phase Integration",
    "Current Codebase tree", "Anti-Patterns",
)  # fmt: skip


def filled(scaffold: str, phase: Phase) -> str:
    """Return the PRP that `prp new` began with every section that is the author's filled in."""
    bodies = _bodies(phase)
    lines: list[str] = []
    keeping, fenced = True, False
    for line in scaffold.split("\n"):
        fenced ^= line.startswith("```")
        heading = None if fenced else _HEADING.match(line)
        if heading:
            title = heading[1]
            keeping = title.startswith(_LEFT_AS_THEY_ARE)
            if not keeping:
                name = next(name for name in bodies if title.startswith(name))
                lines += [line, *bodies[name].rstrip("\n").split("\n"), ""]
        if keeping:
            lines.append(line)
    return "\n".join(lines)


def _bodies(phase: Phase) -> dict[str, str]:
    """Return what stands under each heading, by how the heading begins; the longest come first."""
    tests = " ".join(phase.tests)
    named = [f"{path}: {name}" for path, names in phase.tests.items() for name in names]
    decided = "\n".join(
        f"- [ ] {phase.criterion}: `{name}` in `{path}`"
        for path, names in phase.tests.items()
        for name in names
    )
    none = "N/A: a library without a service, a server or a database"
    return {
        "For Complex": f"- Adds {phase.delivers}, in memory, without a limit of its own.",
        "Success Criteria": decided,
        "Documentation": '```yaml\n- file: CLAUDE.md\n  why: "the rules of this project"\n```',
        "Desired": "```bash\n" + "".join(
            f"{path}  # {phase.scope}\n" for path in phase.files if path not in phase.keeps
        ) + "```",
        "Known Gotchas": "```python\n# CRITICAL: a list that is handed out must be a copy\n```",
        "System Architecture": (
            "```yaml\ncomponent_relationships:\n"
            f'  - component: "{phase.name}"\n    depends_on: "nothing outside of this library"\n'
            f'    provides: "{phase.delivers}"\n    integration_pattern: "function call"\n```'
        ),
        "Phase-Specific": (
            f"```yaml\n{phase.type.upper()}_PHASE:\n  focus:\n"
            f'    - interfaces: "{phase.delivers}"\n  validation_priority:\n'
            f'    - tests: "{tests}"\n```'
        ),
        "Data models": "```python\n# A letter is its code, a depot its name: both are str.\n```",
        "list of tasks": f"```yaml\n{_tasks(phase)}```",
        "Per task": "```python\n# Task 1: the test is written before the code.\n```",
        "Integration Points": none,
        "Level 1a": "```python\n" + "".join(f"# {each} -> its name\n" for each in named)
        + f"```\n\n```bash\npytest {tests} -q\n```",
        "Level 1b": "```bash\npython -c 'import sys; sys.path.insert(0, \"src\"); import letters'\n```",
        "Level 1": "```bash\nruff check .\n```",
        "Level 2": "```bash\npytest tests -q\n```",
        "Level 3": none,
        "Level 4": none,
        "Level 5": none,
        "Component Level": (
            f"- [ ] The linter is silent: `ruff check .`\n- [ ] The tests pass: `pytest {tests} -q`\n"
            f"- [ ] The README says how to use {phase.delivers}"
        ),
        "Integration Level": "- [ ] All tests pass: `pytest tests -q`",
        "Performance Level": f"- [ ] Nothing got slower than the tests bear: `pytest {tests} -q`",
        "System Level": "- [ ] Workflows pass from end to end: `pytest tests -q`",
        "Forward Compatibility": f"- [ ] What the next phase uses is tested: `pytest {tests} -q`",
        "Production Readiness": "- [ ] The whole library passes: `pytest tests -q`",
        "Goal": f"{phase.scope} Other Python code calls it; it runs in that code's process.",
        "Why": f"- Depots need {phase.delivers}, and nothing offers it today.",
        "What": f"{phase.scope} {phase.promises}".rstrip(),
        "All Needed Context": "",
        "Implementation Blueprint": "",
        "Validation Loop": "",
        "Final Validation Checklist": "",
    }  # fmt: skip


def _tasks(phase: Phase) -> str:
    tasks = "Task 1:\n"
    for path in phase.files:
        if path in phase.keeps:
            tasks += f'MODIFY {path}:\n  - FIND pattern: "{phase.keeps[path]}"\n'
            tasks += f"  - ADD {phase.delivers}\n"
        else:
            tasks += f"CREATE {path}:\n  - IMPLEMENT {phase.delivers}\n"
    return tasks


def handed_over(summary: str, phase: Phase) -> str:
    """Return a completion summary with the words that only its author can know."""
    front, marker, body = summary.partition("\n---\n")
    said = re.sub(r"^\[.*\]$", f"{phase.name}: {phase.scope}", body, flags=re.MULTILINE)
    if phase.provides:
        line = f'  configuration:\n    - "{phase.provides}"'
        front = front.replace("  configuration: []", line)
    return front + marker + said
