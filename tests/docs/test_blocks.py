"""What counts as the same output, and what doesn't."""

from __future__ import annotations

import pytest

from tests.docs.blocks import disagreement

SHOWN = """\
load_test passed in 14.6 s
  …
  ok    p95 under load: 21.1 ms (19.1 to 24.8, n 400) ≤ 500 ms
  FAIL  GET /items: answered 422: …
record: PRPs/evidence/phase_2/20261123T114545Z-5fed1e67.json
"""


@pytest.mark.parametrize(
    ("old", "new", "measured"),
    [
        ("14.6 s", "2.0 s", False),
        ("20261123T114545Z-5fed1e67", "20270101T000000Z-00000000", False),
        ("…\n  ok ", "warn  a: b\n  skip  c: d\n  ok ", False),
        ("  …\n", "", False),
        ("422: …", "422: undocumented", False),
        ("21.1 ms (19.1 to 24.8, n 400)", "3 ms", True),
        ("phase_2/", "by-hand/", True),
    ],
)
def test_what_varies_is_no_difference(old: str, new: str, measured: bool) -> None:
    assert old in SHOWN
    assert not disagreement(SHOWN, SHOWN.replace(old, new), measured=measured)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("passed", "FAILED"),
        ("answered 422", "answered 500"),
        ("FAIL  GET", "ok    GET"),
        ("  FAIL", "  ok    one more: line\n  FAIL"),
        ("record: ", "left: "),
        ("≤ 500 ms", "≥ 500 ms"),
        ("  ok    p95 under load: 21.1 ms (19.1 to 24.8, n 400) ≤ 500 ms\n", ""),
    ],
)
@pytest.mark.parametrize("measured", [False, True])
def test_anything_else_is(old: str, new: str, measured: bool) -> None:
    assert old in SHOWN
    assert disagreement(SHOWN, SHOWN.replace(old, new), measured=measured)


def test_a_number_that_is_not_measured_is_a_difference() -> None:
    assert disagreement("1 error in 11 files", "1 error in 12 files")
    assert disagreement("1 error in 11 files", "1 error in 12 files").startswith(
        "not said there: 1"
    )
