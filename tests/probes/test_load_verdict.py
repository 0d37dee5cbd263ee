from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.evidence.record import Verdict, verdict_of
from prp_pack.probes import order_statistics
from prp_pack.probes.load import counts as counts_of
from prp_pack.probes.load import plan as plans
from prp_pack.probes.load import tally as tallies
from prp_pack.probes.load import verdict
from prp_pack.probes.load.generator import Place, place
from prp_pack.probes.load.plan import Asked, Plan
from prp_pack.probes.load.tally import Counting, Tally

PLAN = Plan("http://127.0.0.1", (Asked("/a"),), rate=100, duration=10, users=300)
LIMITS = verdict.Limits(1.0, {95.0: 50.0})
SOUND = Tally(
    ended={"GET /a": 1000},
    times={"GET /a": {5.0: 990, 20.0: 10}},
    late={0.5: 1000},
    in_time=999,
    quickest=5.0,
    busy=(0.2,),
    plans=(PLAN.digest,),
)
TIMES = st.dictionaries(st.floats(0.01, 60_000), st.integers(1, 500), min_size=1, max_size=50)


def judged(tally: Tally) -> Verdict:
    found = verdict.findings(PLAN, tally, LIMITS)
    return verdict_of(found.checks, found.thresholds)


@pytest.mark.parametrize(
    ("tally", "expected"),
    [
        (SOUND, Verdict.PASS),
        (Tally(), Verdict.FAIL),
        # The server is too slow: the generator had time.
        (replace(SOUND, in_time=900), Verdict.FAIL),
        # The generator had none, so that nobody knows.
        (replace(SOUND, in_time=900, busy=(0.2, 0.97)), Verdict.INCONCLUSIVE),
        (replace(SOUND, in_time=900, late={400.0: 1000}), Verdict.INCONCLUSIVE),
        # What holds in spite of a busy generator holds.
        (replace(SOUND, busy=(0.97,)), Verdict.PASS),
        (replace(SOUND, times={"GET /a": {80.0: 1000}}), Verdict.FAIL),
        (replace(SOUND, times={"GET /a": {80.0: 1000}}, late={16.0: 1000}), Verdict.INCONCLUSIVE),
        # So few answers say nothing about one in twenty.
        (replace(SOUND, times={"GET /a": {5.0: 20}}), Verdict.INCONCLUSIVE),
        (replace(SOUND, failures={"GET /a": {"answered 500": 11}}), Verdict.FAIL),
        (replace(SOUND, failures={"GET /a": {"answered 500": 9}}), Verdict.PASS),
        # Errors don't become fewer by a busy generator.
        (replace(SOUND, failures={"GET /a": {"x": 90}}, busy=(1.0,)), Verdict.FAIL),
        (replace(SOUND, times={}, failures={"GET /a": {"answered 500": 1000}}), Verdict.FAIL),
    ],
)
def test_a_verdict_follows_from_the_tally(tally: Tally, expected: Verdict) -> None:
    assert judged(tally) is expected


@given(TIMES, st.sampled_from([50.0, 95.0, 99.0]))
def test_percentiles_of_counts_are_those_of_the_values(
    counts: dict[float, int], share: float
) -> None:
    values = [value for value, n in counts.items() for _ in range(n)]
    exact = order_statistics.percentile(values, share)
    found = verdict.percentile(counts, share)
    assert found.value == exact.value
    assert found.low <= found.value <= found.high


def test_the_interval_is_that_of_the_ordered_values() -> None:
    counts = {float(each): 1 for each in range(1, 4001)}
    exact = order_statistics.percentile(sorted(counts), 95)
    found = verdict.percentile(counts, 95)
    assert abs(found.low - exact.low) <= 2
    assert abs(found.high - exact.high) <= 2


@given(st.floats(0.1, 500), st.integers(1, 5), st.floats(0.2, 5), st.floats(1, 30))
def test_workers_share_the_timetable(
    rate: float, workers: int, period: float, duration: float
) -> None:
    users = plans.users_for(rate, period, workers)
    assert users % workers == 0
    assert users >= rate * period - 1e-6
    plan = Plan("http://h", (Asked("/"),), rate, duration, users, workers)
    whole = sorted(plan.due(turn, worker) for worker in range(workers) for turn in range(20))
    steps = [after - before for before, after in pairwise(whole)]
    assert all(math.isclose(step, 1 / rate, rel_tol=1e-6) for step in steps)


def test_what_waits_for_the_server_is_the_servers() -> None:
    counting = Counting(PLAN)
    # The user had its answer at 2.5 s; its next request was due at 1 s.
    assert counting.sent(due=1.0, at=2.6, free=2.5) == pytest.approx(1.6)
    # The user was free, so the generator was late.
    assert counting.sent(due=3.0, at=3.2, free=2.7) == 0.0
    assert counting.tally(busy=0.0).late == {0.0: 1, 200.0: 1}


def test_a_wrong_answer_has_no_time_and_a_missing_one_has() -> None:
    counting = Counting(PLAN)
    counting.answered("a", 0.5, 1.0, 1.0, "answered 500")
    counting.unanswered("a", 1.0, 10_000.0, 11.0, "no answer")
    counting.answered("a", 1.0, 2.0, 1.0, "")
    found = counting.tally(busy=0.0)
    assert found.times == {"a": {10_000.0: 1, 2.0: 1}}
    assert (found.ended, found.failed, found.in_time) == ({"a": 3}, 2, 2)


def test_reasons_without_number_are_not_all_kept() -> None:
    counting = Counting(PLAN)
    for n in range(1000):
        counting.answered("a", 1.0, 1.0, 1.0, f"answered with {n}")
    found = counting.tally(busy=0.0)
    assert len(found.failures["a"]) < 30
    assert found.failed == 1000


@given(TIMES, TIMES)
def test_several_tallies_survive_the_way_and_add_up(
    one: dict[float, int], two: dict[float, int]
) -> None:
    def made(counts: dict[float, int], title: str) -> Tally:
        rounded = {counts_of.rounded(value): n for value, n in counts.items()}
        return replace(
            SOUND, times={title: rounded}, ended={title: sum(rounded.values())}, late={0.0: 1}
        )

    all_ = [made(one, "a"), made(two, "b")]
    sent = [tallies.from_json(tallies.to_json(each)) for each in all_]
    assert sent == all_
    together = tallies.together(sent)
    assert together.times == {"a": all_[0].times["a"], "b": all_[1].times["b"]}
    assert together.sent == 2
    assert together.in_time == 2 * SOUND.in_time


@pytest.mark.parametrize("text", ["[]", "{}", '{"times": 3}', "null"])
def test_what_is_no_tally_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match="no tally"):
        tallies.from_json(text)


def test_a_plan_survives_the_way_and_hides_headers_from_its_digest() -> None:
    plan = replace(PLAN, headers={"authorization": "Bearer one"})
    assert plans.from_json(plans.to_json(plan)) == plan
    assert plan.digest == replace(plan, headers={"authorization": "Bearer two"}).digest
    assert plan.digest != replace(plan, rate=99.0).digest
    assert json.loads(plans.to_json(plan))["rate"] == 100


@pytest.mark.parametrize(
    ("text", "expected"),
    [("10.0.0.5:5557", Place("10.0.0.5", 5557)), ("[::1]:80", Place("::1", 80))],
)
def test_an_address_is_a_host_and_a_port(text: str, expected: Place) -> None:
    assert place(text) == expected


@pytest.mark.parametrize("text", ["host", ":80", "host:0", "host:99999", "host:x"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        place(text)
