"""What a comparison is told as: ratios with their intervals, the control, times, and limits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from prp_pack.evidence.record import COMPARISON, Check, Findings, Measurement, Status, Threshold
from prp_pack.probes.benchmark.comparison import Interval, Judgement, Rules, interval, typical
from prp_pack.probes.benchmark.files import Times
from prp_pack.probes.benchmark.launches import BASELINE, CONTROL, TARGET, Series

_SECONDS = 1000.0


def of_series(
    series: Series, judgement: Judgement | None, rules: Rules, names: Sequence[str], versions: str
) -> Findings:
    """Return what was found of a path; `names` are those of the older and the newer version."""
    label, path = series.path.label, series.path
    where = f"{path.method} {path.path}"
    before, after = names
    if wrong := series.flaws[TARGET]:
        return _alone(Check(label, Status.FAIL, f"{after} {wrong[0]}", where))
    if wrong := series.flaws[BASELINE] or series.flaws[CONTROL]:
        if series.is_new:
            said = f"nothing to compare: {before} {wrong[0]}"
            return _alone(Check(label, Status.SKIP, said, where))
        return _undecided(label, f"{before} {wrong[0]}", where, rules)
    if judgement is None:
        return _alone(Check(label, Status.FAIL, "nothing measured", where))
    rounds = judgement.rounds
    said = f"{len(rounds)} rounds, all answers as expected; {judgement.reason}; {versions}"
    earlier = interval([(each.baseline + each.control) / 2 for each in rounds], rules.seed)
    now = interval([each.target for each in rounds], rules.seed)
    return Findings(
        (Check(label, Status.PASS, said, where),),
        (
            *_ratios(label, judgement),
            _measured(f"{label} {before}", earlier, "ms", COMPARISON),
            _measured(f"{label} {after}", now, "ms"),
        ),
        (_threshold(label, judgement.ok, rules, where),),
    )


def of_times(
    judgements: Mapping[str, Judgement | None],
    before: Sequence[Times],
    after: Sequence[Times],
    rules: Rules,
) -> Findings:
    """Return what was found in files; of one file a side it says what it can't show."""
    found = [_of_benchmark(name, one, before, after, rules) for name, one in judgements.items()]
    here = {name for each in after for name in each}
    there = {name for each in before for name in each}
    checks = [Check(name, Status.SKIP, "not in all files of both sides")
              for name in sorted((here | there) - judgements.keys())]  # fmt: skip
    if len(before) == 1:
        said = "one run of each version: how runs differ from each other is not in the intervals"
        checks.append(Check("files", Status.WARN, said))
    return Findings(
        (*(check for each in found for check in each.checks), *checks),
        tuple(one for each in found for one in each.metrics),
        tuple(one for each in found for one in each.thresholds),
    )


def _of_benchmark(
    name: str,
    judgement: Judgement | None,
    before: Sequence[Times],
    after: Sequence[Times],
    rules: Rules,
) -> Findings:
    if judgement is None:
        return _undecided(name, "too few times: 30 in one file, or five files a side", "", rules)
    said = f"{judgement.effect.n} pairs; {judgement.reason}"
    return Findings(
        (Check(name, Status.PASS, said),),
        (
            *_ratios(name, judgement),
            _median(f"{name} baseline", before, name, COMPARISON),
            _median(f"{name} target", after, name),
        ),
        (_threshold(name, judgement.ok, rules, ""),),
    )


def _alone(check: Check) -> Findings:
    return Findings((check,), (), ())


def _undecided(label: str, reason: str, where: str, rules: Rules) -> Findings:
    return Findings(
        (Check(label, Status.WARN, reason, where),),
        (Measurement(f"{label} ratio", None, "×", "lower", role=COMPARISON),),
        (_threshold(label, None, rules, where),),
    )


def _threshold(label: str, ok: bool | None, rules: Rules, where: str) -> Threshold:
    return Threshold(f"{label} ratio", "<=", _rounded(math.exp(rules.limit)), ok, source=where)


def _ratios(label: str, judgement: Judgement) -> Iterator[Measurement]:
    for name, found in (("ratio", judgement.effect), ("control", judgement.control)):
        yield _measured(f"{label} {name}", found, "×", COMPARISON)


def _measured(name: str, found: Interval, unit: str, role: str = "") -> Measurement:
    value, low, high = (
        _rounded(math.exp(each)) if math.isfinite(each) else each
        for each in (found.value, found.low, found.high)
    )
    ends = (low, high) if math.isfinite(low) and math.isfinite(high) else None
    better = "" if name.endswith(" control") else "lower"
    return Measurement(name, value, unit, better, ends, found.n, role=role)


def _median(name: str, side: Sequence[Times], benchmark: str, role: str = "") -> Measurement:
    times = [each for file in side for each in file[benchmark]]
    value = _rounded(_SECONDS * math.exp(typical(times)))
    return Measurement(name, value, "ms", "lower", n=len(times), role=role)


def _rounded(number: float) -> float:
    """Return a number with four significant digits."""
    return float(f"{number:.4g}")
