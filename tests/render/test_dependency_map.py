"""The dependency map as the plan's phases give it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from prp_pack import markdown
from prp_pack.model import Complexity, PhaseType, Place, Plan, PlannedPhase
from prp_pack.render import dependency_map


def planned(number: int, *depends_on: int, name: str = "") -> PlannedPhase:
    type_, level = PhaseType.INTEGRATION, Complexity.LOW
    place = Place("PRPs/PROJECT_PHASE_PLAN.md")
    return PlannedPhase(number, name or f"n{number}", type_, level, depends_on, place)


def plan(*phases: PlannedPhase) -> Plan:
    return Plan("PRPs/PROJECT_PHASE_PLAN.md", phases=phases)


def test_the_three_sections_are_drawn() -> None:
    drawn = dependency_map.render(plan(planned(1), planned(2, 1), planned(3, 1, 2)))
    assert drawn["Graph"] == (
        '```mermaid\ngraph LR\n  P1["Phase 1: n1"]\n  P2["Phase 2: n2"]\n  P3["Phase 3: n3"]\n'
        "  P1 --> P2\n  P1 --> P3\n  P2 --> P3\n```\n"
    )
    assert drawn["Matrix"].splitlines()[2:] == [
        "| 1: n1 | integration | low | – | 2, 3 |",
        "| 2: n2 | integration | low | 1 | 3 |",
        "| 3: n3 | integration | low | 1, 2 | – |",
    ]
    assert drawn["Critical path"] == "1 → 2 → 3 (3 of 3 phases)\n"


def test_a_name_cannot_leave_its_place() -> None:
    drawn = dependency_map.render(plan(planned(1, name='a"] --> b | `c` <i> #d\n```')))
    assert '"Phase 1: a#34;] --#62; b | #96;c#96; #60;i#62; #35;d #96;#96;#96;"' in drawn["Graph"]
    assert '1: a"] --> b \\| `c` \\<i> #d' in drawn["Matrix"]


def test_a_name_cannot_begin_a_comment_or_a_directive_of_mermaid() -> None:
    drawn = dependency_map.render(plan(planned(1, name="90 %% done %%{init: {}}%%")))
    assert (
        '"Phase 1: 90 #37;#37; done #37;#37;#123;init: #123;#125;#125;#37;#37;"' in (drawn["Graph"])
    )


def test_a_name_brings_nothing_that_nobody_sees() -> None:
    drawn = dependency_map.render(plan(planned(1, name="a\0b\u202ec\u2028d\ud800 \n e")))
    assert '"Phase 1: abc d e"' in drawn["Graph"]
    assert "| 1: abc d e |" in drawn["Matrix"]


names = st.text(min_size=1, max_size=12)
numbers = st.integers(min_value=1, max_value=9)
plans = st.lists(
    st.builds(
        lambda number, depends_on, name: planned(number, *depends_on, name=name),
        numbers,
        st.lists(numbers, max_size=4),
        names,
    ),
    max_size=6,
).map(lambda phases: plan(*phases))


@given(plans)
def test_every_plan_is_drawn_the_same_each_time_and_stays_in_its_section(drawn: Plan) -> None:
    sections = dependency_map.render(drawn)
    assert sections == dependency_map.render(drawn)
    text = "".join(f"## {title}\n{body}\n" for title, body in sections.items())
    outline = markdown.outline(text)
    assert [section.title for section in outline.sections] == list(sections)
    assert [fence.closed for fence in outline.fences] == [True]


# What Mermaid's own parser was seen to accept; tests/mermaid asks it.
LINE = re.compile(
    r'graph LR|  P\d+\["Phase \d+: (?:[^"#&<>`\\;%{}\x00-\x1f]|#\d+;)*"\]|  P\d+ --> P\d+'
)


@given(plans)
def test_every_graph_is_in_the_grammar_of_mermaid(drawn: Plan) -> None:
    first, *lines, last = dependency_map.render(drawn)["Graph"].rstrip("\n").split("\n")
    assert (first, last) == ("```mermaid", "```")
    assert [line for line in lines if not LINE.fullmatch(line)] == []
