from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.probes import quantities


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (quantities.seconds, "60s", 60), (quantities.seconds, "1m", 60),
        (quantities.seconds, "500ms", 0.5), (quantities.seconds, "2", 2),
        (quantities.seconds, 1.5, 1.5), (quantities.seconds, "1h", 3600),
        (quantities.milliseconds, "<200ms", 200), (quantities.milliseconds, "≤ 200 ms", 200),
        (quantities.milliseconds, "0.2s", 200), (quantities.milliseconds, "200", 200),
        (quantities.percent, "10%", 10), (quantities.percent, "10", 10),
        (quantities.percent, 2.5, 2.5), (quantities.percentile, "p95", 95),
        (quantities.percentile, "P99.9", 99.9), (quantities.percentile, 50, 50),
        (quantities.rate, "100", 100), (quantities.rate, "100/s", 100),
        (quantities.rate, "100rps", 100), (quantities.rate, "60/min", 1),
        (quantities.rate, "1_000", 1000), (quantities.count, "7", 7),
        (quantities.phase, "phase_2", 2), (quantities.phase, "2", 2),
        (quantities.phase, "Phase 12", 12), (quantities.phase, 3, 3),
    ],
)  # fmt: skip
def test_quantities_are_read_as_people_write_them(
    read: quantities.Read, text: object, value: float
) -> None:
    assert read(text) == pytest.approx(value)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (quantities.seconds, "soon"), (quantities.seconds, "5 parsecs"), (quantities.seconds, ""),
        (quantities.seconds, "-1s"), (quantities.seconds, True), (quantities.seconds, None),
        (quantities.seconds, "1e400"), (quantities.milliseconds, "<"), (quantities.percent, "%"),
        (quantities.rate, "0"), (quantities.count, "0"), (quantities.count, "1.5"),
        (quantities.percentile, "p100"), (quantities.percentile, "pp5"),
        (quantities.percentile, "0"), (quantities.percentile, "p"),
        (quantities.phase, "0"), (quantities.phase, "last"), (quantities.phase, "phase_"),
    ],
)  # fmt: skip
def test_what_is_no_quantity_is_refused(read: quantities.Read, text: object) -> None:
    with pytest.raises(ValueError, match=r"is |has "):
        read(text)


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (quantities.seconds, quantities.percent, quantities.rate, quantities.phase):
        try:
            assert read(text) >= 0
        except ValueError as error:
            assert str(error)


@pytest.mark.parametrize(
    ("value", "left"),
    [("[N-1]", "[N-1]"), ("phase_[N]", "[N]"), ("[<Xms]", "[<Xms]"), ("<target>", "<target>"),
     ("<200ms", ""), ("200ms", ""), ("", ""), ("a < 3", "")],
)  # fmt: skip
def test_a_placeholder_is_told_from_a_comparison(value: str, left: str) -> None:
    assert quantities.placeholder(value) == left


def test_brackets_within_a_word_of_a_command_are_no_placeholder() -> None:
    assert quantities.word("[ -f x ] && y") == "[ -f x ] && y"
    for wrong in ("[command]", 3):
        with pytest.raises(ValueError, match=r"placeholder|not a text"):
            quantities.word(wrong)
