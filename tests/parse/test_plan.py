"""The phase plan: both forms, and every way in which it can be wrong, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prp_pack.model import Complexity, PhaseType, Plan, Severity
from prp_pack.parse.plan import parse

GOOD = """\
---
project: Parcels
phases:
  - number: 1
    name: Store
    type: foundation
    complexity: low
    depends_on: []
    scope: Keep parcels.
    delivers:
      - POST /parcels
      - websocket: /ws
  - {number: 2, name: Live, type: integration, complexity: HIGH, depends_on: 1}
  - {number: 3, type: optimization, complexity: medium, depends_on: [2, "1", 2]}
---
"""


def read(text: str) -> Plan:
    return parse(text, "PRPs/PROJECT_PHASE_PLAN.md")


def test_a_good_plan_gives_its_phases_and_their_places() -> None:
    plan = read(GOOD)
    assert (plan.problems, plan.project) == ((), "Parcels")
    one, two, three = plan.phases
    assert (one.name, one.type, one.complexity) == ("Store", PhaseType.FOUNDATION, Complexity.LOW)
    assert (one.scope, one.delivers) == ("Keep parcels.", ("POST /parcels", "websocket: /ws"))
    assert [phase.depends_on for phase in plan.phases] == [(), (1,), (1, 2)]
    assert (two.complexity, three.name) == (Complexity.HIGH, "Phase 3")
    lines = {key: place.line for key, place in one.places.items()}
    assert lines == {
        "number": 4, "name": 5, "type": 6, "complexity": 7, "depends_on": 8, "scope": 9,
        "delivers": 10,
    }  # fmt: skip
    assert str(two.place) == "PRPs/PROJECT_PHASE_PLAN.md:13"
    assert plan.phase(3) is three
    assert plan.phase(4) is None


def test_what_the_template_leaves_open_is_named() -> None:
    template = Path(__file__).parents[2] / "PRPs/templates/project_phase_plan.md"
    plan = read(template.read_text(encoding="utf-8"))
    said = [f"{key} of a phase is still a placeholder" for key in ("name", "scope", "delivers")]
    assert [problem.message for problem in plan.problems] == said * 3
    assert {problem.severity for problem in plan.problems} == {Severity.WARNING}


@pytest.mark.parametrize("name", ["'[x] y'", "'[1]'", "'x [y]'", "'[a](b)'"])
def test_words_beside_brackets_are_no_placeholder(name: str) -> None:
    assert read(plan_of(phase(1, name=name))).problems == ()


def plan_of(*phases: str) -> str:
    """Return a plan whose phases stand on the lines from 3."""
    return "---\nphases:\n" + "".join(f"  - {{{phase}}}\n" for phase in phases) + "---\n"


def phase(number: object, depends_on: object = "[]", **others: object) -> str:
    fields = {"number": number, "type": "foundation", "complexity": "low", **others}
    fields["depends_on"] = depends_on
    return ", ".join(f"{key}: {value}" for key, value in fields.items())


MISSING = "a phase must be keys and values"
WHOLE = "phase number must be a whole number from 1, "
TYPE = "phase 1: type must be foundation, integration or optimization, "
LEVEL = "phase 1: complexity must be low, medium or high, "
NEEDS = "phase 1: depends_on must list phase numbers, not "
EMPTY = "the plan names no phase"
GAP = "phase {} is missing: numbers must run from 1 without a gap"

WRONG: dict[str, tuple[str, list[tuple[int, str]]]] = {
    "no number": (plan_of("name: x"), [(3, WHOLE + "and is missing"), (2, EMPTY)]),
    "number null": (plan_of(phase("null")), [(3, WHOLE + "and is missing"), (2, EMPTY)]),
    "number 0": (plan_of(phase(0)), [(3, WHOLE + "not “0”"), (2, EMPTY)]),
    "number true": (plan_of(phase("true")), [(3, WHOLE + "not “True”"), (2, EMPTY)]),
    "number a word": (plan_of(phase("one")), [(3, WHOLE + "not “one”"), (2, EMPTY)]),
    "number a list": (plan_of(phase("[1]")), [(3, WHOLE + "not a list"), (2, EMPTY)]),
    "number a mapping": (plan_of(phase("{a: 1}")), [(3, WHOLE + "not keys and values"), (2, EMPTY)]),
    "number a date": (plan_of(phase("2024-01-01")), [(3, WHOLE + "not “2024-01-01”"), (2, EMPTY)]),
    "number huge": (plan_of(phase(10**9)), [(3, WHOLE + f"not “{10**9}”"), (2, EMPTY)]),
    "no type": (plan_of("number: 1, complexity: low"), [(3, TYPE + "and is missing")]),
    "type null": (plan_of(phase(1, type="null")), [(3, TYPE + "not null")]),
    "type unknown": (plan_of(phase(1, type="x")), [(3, TYPE + "not “x”")]),
    "type a list": (plan_of(phase(1, type="[foundation]")), [(3, TYPE + "not a list")]),
    "no complexity": (plan_of("number: 1, type: foundation"), [(3, LEVEL + "and is missing")]),
    "complexity a number": (plan_of(phase(1, complexity=3)), [(3, LEVEL + "not “3”")]),
    "needs a word": (plan_of(phase(1, "[x]")), [(3, NEEDS + "“x”")]),
    "needs a mapping": (plan_of(phase(1, "[{a: 1}]")), [(3, NEEDS + "keys and values")]),
    "needs true": (plan_of(phase(1, "true")), [(3, NEEDS + "“True”")]),
    "phases a mapping": ("---\nphases:\n  number: x\n---", [(2, WHOLE + "not “x”"), (2, EMPTY)]),
    "phases null": ("---\nphases:\n---", [(2, MISSING), (2, EMPTY)]),
    "phases a word": ("---\nphases: x\n---", [(2, MISSING), (2, EMPTY)]),
    "phases empty": ("---\nphases: []\n---", [(2, EMPTY)]),
    "a phase is a word": ("---\nphases:\n  - x\n---", [(3, MISSING), (2, EMPTY)]),
    "no front matter": ("# Plan\n", [(1, EMPTY)]),
    "no YAML": ("---\nphases: [\n---\n", [(2, "YAML doesn't parse: "), (1, EMPTY)]),
    "itself": (plan_of(phase(1, "[1]")), [(3, "phases depend on each other in a cycle: 1 → 1")]),
    "two in a cycle": (
        plan_of(phase(1, "[2]"), phase(2, "[1]")),
        [(3, "phases depend on each other in a cycle: 1 → 2 → 1")],
    ),
    "three in a cycle, beside others": (
        plan_of(phase(1), phase(2, "[1, 4]"), phase(3, "[2]"), phase(4, "[3]"), phase(5, "[4]")),
        [(4, "phases depend on each other in a cycle: 2 → 4 → 3 → 2")],
    ),
    "two cycles": (
        plan_of(phase(1, "[2]"), phase(2, "[1]"), phase(3, "[4]"), phase(4, "[3]")),
        [
            (3, "phases depend on each other in a cycle: 1 → 2 → 1"),
            (5, "phases depend on each other in a cycle: 3 → 4 → 3"),
        ],
    ),
    "a later one": (
        plan_of(phase(1, "[2]"), phase(2)),
        [(3, "phase 1 depends on phase 2, which comes later")],
    ),
    "an unknown one": (
        plan_of(phase(1), phase(2, "[1, 7]")),
        [(4, "phase 2 depends on phase 7, which the plan lacks")],
    ),
    "phase 0": (plan_of(phase(1, "[0]")), [(3, "phase 1 depends on phase 0, which the plan lacks")]),
    "a gap": (plan_of(phase(1), phase(4, "[1]")), [(3, GAP.format(2)), (3, GAP.format(3))]),
    "a gap at the start": (plan_of(phase(2)), [(3, GAP.format(1))]),
    "one twice": (
        plan_of(phase(1), phase(1)),
        [(4, "phase 1 stands twice, first at PRPs/PROJECT_PHASE_PLAN.md:3")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_at_its_line(text: str, expected: list[tuple[int, str]]) -> None:
    plan = read(text)
    assert [problem.place.line for problem in plan.problems] == [line for line, _ in expected]
    for problem, (_, message) in zip(plan.problems, expected, strict=True):
        assert problem.message.startswith(message)
        assert problem.severity is Severity.ERROR


def test_an_unknown_key_is_a_warning() -> None:
    [problem] = read(plan_of(phase(1, owner="me"))).problems
    assert (problem.message, problem.severity) == (
        "unknown key “owner” of a phase",
        Severity.WARNING,
    )


def test_an_alias_is_a_note() -> None:
    plan = read(plan_of(phase(1, type="frontend")))
    [problem] = plan.problems
    assert problem.message == "phase 1: type “frontend” is read as “integration”"
    assert problem.severity is Severity.NOTE
    assert plan.phases[0].type is PhaseType.INTEGRATION


@pytest.mark.parametrize(
    ("stated", "numbers"),
    [("null", ()), ("none", ()), ('"1, 2"', (1, 2)), ("Phase 1 and 2", (1, 2)), ('"2"', (2,))],
)
def test_dependencies_may_be_words(stated: str, numbers: tuple[int, ...]) -> None:
    plan = read(plan_of(phase(1), phase(2), phase(3, stated)))
    assert plan.phases[2].depends_on == numbers


TREE = """\
# Plan

Phase 9: only prose, no branches.

```
Phase 1: Store - Template: base.md
├── Type: foundation
├── Complexity: Low
├── Dependencies: None
├── Scope: Keep parcels
└── POST /parcels

- Phase 2 - Live
│   ├── Phase Type: frontend
│   ├── Complexity Level: high
│   └── Depends on: Phase 1 (Python 3)
Phase 3: never drawn
```
"""


def test_the_tree_form_is_read_with_its_lines() -> None:
    plan = read(TREE)
    one, two = plan.phases
    assert (one.name, one.scope, one.delivers) == ("Store", "Keep parcels", ("POST /parcels",))
    assert (one.type, one.complexity) == (PhaseType.FOUNDATION, Complexity.LOW)
    assert {key: place.line for key, place in one.places.items()} == {
        "number": 6, "type": 7, "complexity": 8, "depends_on": 9, "scope": 10,
    }  # fmt: skip
    assert (two.name, two.depends_on, two.type) == ("Live", (1,), PhaseType.INTEGRATION)
    assert [(p.place.line, p.message) for p in plan.problems] == [
        (14, "phase 2: type “frontend” is read as “integration”")
    ]


def test_a_tree_may_end_the_text_and_follow_another() -> None:
    plan = read("Phase 1: a\n├── x\nPhase 2: b\n├── Dependencies: Phase 1\n└── y")
    assert [(p.number, p.delivers) for p in plan.phases] == [(1, ("x",)), (2, ("y",))]


def test_front_matter_without_phases_leaves_the_word_to_the_tree() -> None:
    assert read("---\nproject: x\n---\nPhase 1: a\n├── Type: foundation").phases[0].place.line == 4


@pytest.mark.parametrize(
    "text",
    [
        "Phase 1: a\n" + " " * 300_000 + "x",
        "Phase 1: a" + " " * 300_000 + "x\n├── b",
        "Phase 1: a\n├── a" + " " * 300_000 + "x",
        "Phase 1: a\n" + "│" * 300_000,
    ],
    ids=["indented", "in a name", "in a leaf", "bars"],
)
def test_a_hostile_tree_comes_to_an_end(text: str) -> None:
    assert read(text).path == "PRPs/PROJECT_PHASE_PLAN.md"


def test_a_long_chain_of_phases_comes_to_an_end() -> None:
    plan = read(plan_of(phase(1), *(phase(n, f"[{n - 1}]") for n in range(2, 600))))
    assert (len(plan.phases), plan.problems) == (599, ())


values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-2, 12), st.floats(), st.sampled_from(
            ["foundation", "frontend", "low", "Phase 1", "1-3", "none", "2024-01-01", ""]), st.text(max_size=5)
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner)),
    max_leaves=6,
)  # fmt: skip
entries = st.dictionaries(
    st.sampled_from(["number", "name", "type", "complexity", "depends_on", "delivers", "x.y"]),
    values,
)


@settings(deadline=None, max_examples=200)
@given(st.one_of(st.lists(st.one_of(entries, values), max_size=5), values), st.text(max_size=20))
def test_no_front_matter_makes_it_raise(phases: object, below: str) -> None:
    import yaml

    stated = yaml.safe_dump({"phases": phases}, allow_unicode=True)
    text = f"---\n{stated}---\n{below}"
    plan = read(text)
    last = text.count("\n") + 1
    assert all(1 <= problem.place.line <= last for problem in plan.problems)
    assert all(phase.number >= 1 for phase in plan.phases)


tree_lines = st.sampled_from(
    ["Phase 1: a", "Phase 2: b", "Phase 0: c", "├── Type: frontend", "└── Dependencies: Phase 2",
     "├── Complexity: low", "├──", "│   └── x", "```", "", "prose"]
)  # fmt: skip


@given(st.lists(st.one_of(tree_lines, st.text(max_size=10)), max_size=12).map("\n".join))
def test_no_tree_makes_it_raise(text: str) -> None:
    assert all(1 <= p.place.line <= text.count("\n") + 1 for p in read(text).problems)
