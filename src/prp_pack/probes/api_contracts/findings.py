"""What is reported: an operation's check each, how many were seen to work, what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from prp_pack.evidence.record import Check, Measurement, Status, Threshold
from prp_pack.probes.api_contracts.changes import Comparison, Weight
from prp_pack.probes.api_contracts.frozen import Contracts
from prp_pack.probes.api_contracts.judging import Observed, check_of
from prp_pack.probes.openapi.operations import Contract, Operation

CONFIRMED = "operations that answered 2xx"
_SHOWN = 5


def summary(contract: Contract) -> str:
    return f"{contract.version}, {len(contract.operations)} operations"


def described(contract: Contract, flaws: Sequence[str]) -> str:
    """Return which contract it is, or what is wrong with it."""
    if flaws:
        return f"{contract.where} is no valid {contract.version}: {'; '.join(flaws)}"
    return f"{contract.where}, {summary(contract)}"


def conformance(
    contract: Contract, seen: Mapping[str, Observed], excluded: frozenset[str]
) -> Iterator[Check]:
    for each in contract.operations:
        if each.name in excluded:
            yield Check(each.name, Status.SKIP, "excluded by [contracts]", each.name)
        else:
            yield check_of(each, seen.get(each.name))


def confirmation(asked: Sequence[Operation], seen: Mapping[str, Observed]) -> Iterator[Check]:
    """Yield the check of how many operations were seen to work at all."""
    good = _succeeded(asked, seen)
    missing = [each.name for each in asked if each not in good]
    said = f"{len(good)} of {len(asked)}"
    if missing:
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        said += f"; not {', '.join(missing[:_SHOWN])}{more}"
    yield Check(CONFIRMED, Status.PASS if good else Status.FAIL, said)


def _succeeded(asked: Sequence[Operation], seen: Mapping[str, Observed]) -> list[Operation]:
    return [each for each in asked if each.name in seen and seen[each.name].succeeded]


def comparison(
    comparison: Comparison, published: Contract, flaws: Sequence[str]
) -> Iterator[Check]:
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
        Status.FAIL if broken or flaws else Status.PASS,
        f"{described(published, flaws)}{'; ' if flaws else ', '}{found}{listed}",
        published.where,
        {"notes": notes} if notes else {},
    )


def incomparable(published: Contract, flaws: Sequence[str], error: Exception) -> Check:
    """Return the check of an invalid contract that the tool can't compare."""
    said = f"{described(published, flaws)}; not compared: {error}"
    return Check("published contract", Status.FAIL, said, published.where)


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
