"""Whether one version is slower than another: from pairs of launches, with a control among them.

Pure: numbers in, a judgement out. A round has three launches: the baseline, the baseline again, and
the target. What the baseline differs from itself is the noise that a difference of the target must
stand out from. Times are compared by their logarithms, so that a ratio and its inverse weigh alike.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

CONFIDENCE = 0.95
RESAMPLES = 2000
FEWEST = 5
"""Rounds, fewer than which give no interval that is worth the name."""
_TRIMMED = 0.2
# Times the tolerance: what a control may differ by where the target doesn't differ.
_NOISY = 2.0
# After this many times the asked number of rounds an open question stays open.
PATIENCE = 4


@dataclass(frozen=True, slots=True)
class Round:
    """The typical time of each of three launches, as a logarithm."""

    baseline: float
    control: float
    target: float

    @property
    def effect(self) -> float:
        """How much the target differs from the two launches of the baseline."""
        return self.target - (self.baseline + self.control) / 2

    @property
    def noise(self) -> float:
        """How much the baseline differs from itself."""
        return self.control - self.baseline


@dataclass(frozen=True, slots=True)
class Interval:
    """The middle of `n` numbers; the true one lies from `low` to `high` in 95 of 100 samples."""

    value: float
    low: float
    high: float
    n: int

    @property
    def reach(self) -> float:
        """How far the true value may be from nothing."""
        return max(abs(self.low), abs(self.high))


@dataclass(frozen=True, slots=True)
class Rules:
    """`limit` and `tolerance` are logarithms of ratios; the target's must not be above `limit`.

    A claim that it is faster has a limit below 0. `tolerance` is what the control may differ by.
    """

    limit: float
    tolerance: float
    rounds: int
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """`ok` is None where the rounds can't decide; `reason` says what decided, or why nothing did.

    `rounds` are all that were measured, also those that confirmed a suspicion.
    """

    ok: bool | None
    reason: str
    effect: Interval
    control: Interval
    rounds: tuple[Round, ...]


def rules(tolerance: float, improvement: float | None, rounds: int, seed: int = 0) -> Rules:
    """Return the rules for a tolerance, and for a claimed improvement, both in per cent.

    20 per cent faster means a fifth less time.
    """
    allowed = math.log1p(tolerance / 100)
    limit = allowed if improvement is None else math.log1p(-improvement / 100)
    return Rules(limit, allowed, rounds, seed)


def typical(times: Sequence[float]) -> float:
    """Return the logarithm of the median of a launch's times; raises `ValueError` for none."""
    if not times:
        raise ValueError("there is no time to take the median of")
    return math.log(max(statistics.median(times), 1e-12))


def middle(numbers: Sequence[float]) -> float:
    """Return the mean without the lowest and highest fifth; raises `ValueError` for none."""
    if not numbers:
        raise ValueError("there is nothing to take the middle of")
    cut = int(len(numbers) * _TRIMMED)
    kept = sorted(numbers)[cut : len(numbers) - cut]
    return math.fsum(kept) / len(kept)


def interval(numbers: Sequence[float], seed: int = 0) -> Interval:
    """Return the middle with its interval by the bootstrap; raises `ValueError` for no numbers.

    With few numbers the plain percentiles of a bootstrap are too narrow. They are taken further
    out, as far as Student's distribution is wider than the normal one: the expanded percentile
    interval of Hesterberg, What Teachers Should Know About the Bootstrap (2015), 3.5.1.
    """
    value, size = middle(numbers), len(numbers)
    kept = size - 2 * int(size * _TRIMMED)
    if kept < 2:  # noqa: PLR2004 - nothing varies
        return Interval(value, -math.inf, math.inf, size)
    chance = Random(seed)  # noqa: S311 - statistics
    found = sorted(middle(chance.choices(numbers, k=size)) for _ in range(RESAMPLES))
    far = math.sqrt(kept / (kept - 1)) * _student(1 - (1 - CONFIDENCE) / 2, kept - 1)
    out = int(statistics.NormalDist().cdf(-far) * RESAMPLES)
    return Interval(value, min(found[out], value), max(found[-1 - out], value), size)


def _student(share: float, freedom: int) -> float:
    """Return a quantile of Student's distribution, by the expansion of Cornish and Fisher."""
    z = statistics.NormalDist().inv_cdf(share)
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )


def judged(effects: Sequence[float], noises: Sequence[float], rules: Rules) -> Judgement:
    """Return what the rounds say, without a second look at it."""
    effect, control = interval(effects, rules.seed), interval(noises, rules.seed)
    ok, reason = _decided(effect, control, rules)
    return Judgement(ok, reason, effect, control, ())


def _decided(effect: Interval, control: Interval, rules: Rules) -> tuple[bool | None, str]:
    if control.low > rules.tolerance or control.high < -rules.tolerance:
        return None, "launches of one version differ, so that nothing can be compared"
    if effect.low <= rules.limit < effect.high:
        return None, "the limit lies within the interval"
    ok = effect.high <= rules.limit
    if not _stands_out(effect.value, control.reach, rules, ok=ok):
        return None, "launches of one version may differ as much"
    return ok, "below the limit" if ok else "above the limit"


def _stands_out(effect: float, noise: float, rules: Rules, *, ok: bool) -> bool:
    """Tell whether a difference is more than what the baseline may differ by from itself.

    That the target is no slower needs no difference, but noise in which one would have shown.
    """
    if ok:
        return -effect > noise or (rules.limit >= 0 and noise <= _NOISY * rules.tolerance)
    return effect > noise or (rules.limit < 0 and noise <= _NOISY * rules.tolerance)


Take = Callable[[Collection[str], int], Mapping[str, Sequence[Round]]]
"""Measures so many more rounds of the named things; one that is left out can't be compared."""


@dataclass
class _Course:
    rounds: list[Round] = field(default_factory=list)
    judgement: Judgement | None = None
    is_settled: bool = False


def compared(names: Collection[str], take: Take, rules: Rules) -> dict[str, Judgement]:
    """Measure and judge, with more rounds while it is open, and again where it looks bad.

    A limit that seems to be missed counts as missed only when as many fresh rounds lie above it
    too, and all rounds together still miss it. What can't be compared is not in the answer.
    """
    courses = {name: _Course() for name in names}
    wanted = rules.rounds
    while open_ := [name for name, course in courses.items() if not course.is_settled]:
        had = {len(courses[name].rounds) for name in open_}
        _add(courses, take(open_, wanted - min(had)), open_)
        for name in [name for name in open_ if name in courses]:
            course = courses[name]
            course.judgement = _judged(course.rounds, rules)
            course.is_settled = course.judgement.ok is not None
        suspects = [n for n in open_ if n in courses and _is_missed(courses[n])]
        if suspects:
            _confirm(courses, take(suspects, wanted), suspects, rules)
        wanted *= 2
        if wanted > rules.rounds * PATIENCE:
            break
    return {name: course.judgement for name, course in courses.items() if course.judgement}


def _is_missed(course: _Course) -> bool:
    return course.judgement is not None and course.judgement.ok is False


def _add(
    courses: dict[str, _Course], taken: Mapping[str, Sequence[Round]], asked: Sequence[str]
) -> None:
    for name in asked:
        if name in taken:
            courses[name].rounds += taken[name]
        else:
            del courses[name]


def _confirm(
    courses: dict[str, _Course],
    taken: Mapping[str, Sequence[Round]],
    suspects: Sequence[str],
    rules: Rules,
) -> None:
    _add(courses, taken, suspects)
    for name in [name for name in suspects if name in courses]:
        anew = middle([each.effect for each in taken[name]])
        whole = _judged(courses[name].rounds, rules)
        if whole.ok is False and anew > rules.limit:
            confirmed = replace(whole, reason="above the limit, also when measured anew")
        else:
            said = f"above the limit at first, {math.exp(anew):.3f} when measured anew"
            confirmed = replace(whole, ok=None, reason=said)
        courses[name].judgement = confirmed


def _judged(rounds: Sequence[Round], rules: Rules) -> Judgement:
    found = judged([each.effect for each in rounds], [each.noise for each in rounds], rules)
    return Judgement(found.ok, found.reason, found.effect, found.control, tuple(rounds))
