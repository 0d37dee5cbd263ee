"""The graph of the phases and the charts, as geometry."""

from __future__ import annotations

import math
import re

from hypothesis import given
from hypothesis import strategies as st

from prp_pack.report.html import charts, graph
from prp_pack.report.html.charts import HEIGHT, WIDTH, chart
from prp_pack.report.html.render import segments
from prp_pack.report.html.view import Amount, Limit, Mark, Point, Series

PLANS = st.integers(0, 14).flatmap(
    lambda count: st.fixed_dictionaries(
        {n: st.lists(st.integers(-1, 16), max_size=4) for n in range(1, count + 1)}
    )
)


@given(PLANS, st.booleans())
def test_no_two_phases_overlap_and_each_arrow_goes_forward(
    depends: dict[int, list[int]], across: bool
) -> None:
    drawn = graph.draw(depends, across=across)
    size = drawn.size
    assert sorted(node.number for node in drawn.nodes) == sorted(depends)
    at = {node.number: (node.x, node.y) for node in drawn.nodes}
    for x, y in at.values():
        assert 0 <= x <= drawn.width - size.width
        assert 0 <= y <= drawn.height - size.height
        others = [place for place in at.values() if place != (x, y)]
        assert len(others) == len(at) - 1
        assert all(abs(x - a) >= size.width or abs(y - b) >= size.height for a, b in others)
    arrows = {(b, a) for a, before in depends.items() for b in before if b in depends and b < a}
    assert {(edge.before, edge.after) for edge in drawn.edges} == arrows
    along = 0 if across else 1
    assert all(at[before][along] < at[after][along] for before, after in arrows)


def test_a_longer_arrow_goes_round_what_lies_between() -> None:
    drawn = graph.draw({1: [], 2: [1], 3: [1, 2]}, across=True)
    long = next(edge for edge in drawn.edges if (edge.before, edge.after) == (1, 3))
    second = next(node for node in drawn.nodes if node.number == 2)
    straight = re.search(r" (\d+) (\d+) L(\d+) (\d+) ", long.path)
    assert straight
    assert not second.y <= int(straight[2]) <= second.y + drawn.size.height


NUMBERS = st.one_of(st.none(), st.floats())
SERIES = st.builds(
    lambda values, limits: Series(
        "m",
        "ms",
        tuple(Point(n, value, Mark.PROVEN, "run", ends) for n, (value, ends) in enumerate(values)),
        "",
        tuple(Limit(n, "<=", value) for n, value in enumerate(limits)),
    ),
    st.lists(
        st.tuples(NUMBERS, st.one_of(st.none(), st.tuples(st.floats(), st.floats()))), max_size=14
    ),
    st.lists(st.floats(), max_size=3),
)


@given(SERIES)
def test_a_chart_of_any_numbers_stays_in_its_frame(series: Series) -> None:
    drawn = chart(series, range(16))
    for dot in drawn.dots:
        assert 0 <= dot.x <= WIDTH
        assert -1 <= dot.y <= HEIGHT + 1
        assert all(math.isfinite(end) for end in (dot.low, dot.high) if end is not None)
    for line in (*drawn.ticks, *drawn.limits):
        assert -1 <= line.y <= HEIGHT + 1
        assert 0 <= line.x <= line.end <= WIDTH
    known = [p for p in series.points if p.value is not None and math.isfinite(p.value)]
    assert len(drawn.dots) == len(known)
    assert all(charts.exact(point.value) for point in known if point.value is not None)


def test_the_axis_begins_at_zero_and_ends_above_the_largest() -> None:
    drawn = chart(Series("m", "", (Point(1, 180.0, Mark.PROVEN),)), (1, 2))
    assert [tick.label for tick in drawn.ticks] == ["0", "50", "100", "150", "200"]


def test_numbers_are_shown_short_and_listed_in_full() -> None:
    assert [charts.short(value) for value in (0.0, 1234.0, 0.123456, 1e12)] == [
        "0", "1,234", "0.1235", "1e+12",
    ]  # fmt: skip
    assert [charts.exact(value) for value in (3.0, 0.1 + 0.2, 1e300, math.nan)] == [
        "3", "0.30000000000000004", "1e+300", "nan",
    ]  # fmt: skip


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=8))
def test_a_bar_is_full_and_shows_even_the_few(counts: list[int]) -> None:
    parts = list(segments([Amount(mark, n) for mark, n in zip(Mark, counts, strict=False)]))
    assert abs(sum(part.width for part in parts) - 100) < 0.1
    assert all(part.width > 0.5 for part in parts)
