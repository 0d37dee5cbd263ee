"""What is reported: an operation's check each, how many were seen to work, what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from prp_pack.evidence.record import Check, Measurement, Status, Threshold
from prp_pack.parse.contract import Operation
from prp_pack.probes.api_contracts.changes import Comparison, Weight
from prp_pack.probes.api_contracts.frozen import Contracts, Specification, label
from prp_pack.probes.api_contracts.judging import Observed, check_of

CONFIRMED = "operations that answered 2xx"
_SHOWN = 5


def summary(specification: Specification) -> str:
    return f"{specification.version}, {len(specification.operations)} operations"


def conformance(
    specification: Specification, seen: Mapping[str, Observed], excluded: frozenset[Operation]
) -> Iterator[Check]:
    for each in specification.operations:
        if each in excluded:
            yield Check(label(each), Status.SKIP, "excluded by [contracts]", label(each))
        else:
            documented = specification.documented(each)
            yield check_of(each, seen.get(label(each)), documented)


def confirmation(asked: Sequence[Operation], seen: Mapping[str, Observed]) -> Iterator[Check]:
    """Yield the check of how many operations were seen to work at all."""
    good = _succeeded(asked, seen)
    missing = [label(each) for each in asked if each not in good]
    said = f"{len(good)} of {len(asked)}"
    if missing:
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        said += f"; not {', '.join(missing[:_SHOWN])}{more}"
    yield Check(CONFIRMED, Status.PASS if good else Status.FAIL, said)


def _succeeded(asked: Sequence[Operation], seen: Mapping[str, Observed]) -> list[Operation]:
    return [each for each in asked if label(each) in seen and seen[label(each)].succeeded]


def comparison(comparison: Comparison, published: Specification) -> Iterator[Check]:
    for change in comparison.of(Weight.BREAKING):
        yield Check(
            "breaking change", Status.FAIL, f"{change.where}: {change.message}", change.where
        )
    for change in comparison.of(Weight.DOUBTFUL):
        said = f"{change.where}: {change.message}"
        yield Check("possibly breaking", Status.WARN, said, change.where)
    broken = len(comparison.of(Weight.BREAKING))
    notes = [f"{each.where}: {each.message}" for each in comparison.of(Weight.HARMLESS)]
    more = f" and {len(notes) - _SHOWN} more" if len(notes) > _SHOWN else ""
    listed = f"; noted: {'; '.join(notes[:_SHOWN])}{more}" if notes else ""
    found = f"breaks callers in {broken} changes" if broken else "breaks nothing"
    yield Check(
        "published contract",
        Status.FAIL if broken else Status.PASS,
        f"{published.path}, {summary(published)}, {found}{listed}",
        published.path,
        {"notes": notes} if notes else {},
    )


def numbers(
    asked: Sequence[Operation], seen: Mapping[str, Observed], contracts: Contracts
) -> tuple[tuple[Measurement, ...], tuple[Threshold, ...]]:
    requests = sum(each.statuses.total() for each in seen.values())
    share = round(100 * len(_succeeded(asked, seen)) / len(asked), 1) if asked else 0.0
    metrics = (
        Measurement("requests answered", requests, "requests", "higher"),
        Measurement(CONFIRMED, share, "%", "higher", n=len(asked)),
    )
    if contracts.confirmed is None:
        return metrics, ()
    ok = share >= contracts.confirmed
    return metrics, (Threshold(CONFIRMED, ">=", contracts.confirmed, ok, "[contracts] confirmed"),)
