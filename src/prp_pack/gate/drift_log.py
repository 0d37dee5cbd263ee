"""Drift between promise and delivery, as an entry of PHASE_ADAPTATION_LOG.md."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePosixPath

from prp_pack.check.neighbours import LOG_NAME
from prp_pack.check.registry import Target
from prp_pack.gate.reconciliation import Reconciliation
from prp_pack.model import Plan
from prp_pack.render import adaptation_log
from prp_pack.render.adaptation_log import Adaptation
from prp_pack.repository import Repository, UnreadableError

# Of more than so many promises the entry says how many there are.
_SHOWN = 12


def plan_of(target: Target) -> Plan:
    """Return the plan whose log takes the drift; raises `UnreadableError` for a feature."""
    plan = target.followed_plan
    if plan is None or target.number is None:
        hint = "a feature without a plan has no log; mend the PRP, or what it promised"
        raise UnreadableError(target.document.path, "belongs to no phase plan", help=hint)
    return plan


def adaptation(target: Target, found: Reconciliation, reason: str, now: datetime) -> Adaptation:
    """Return the entry for what isn't delivered, and for what nobody planned.

    It names no later phase: their documents would be excused from the plan (PRP602) by that.
    """
    number = target.number or 0
    return Adaptation(
        date=now.strftime("%Y-%m-%d"),
        title=f"phase {number}, promised against delivered",
        phase=number,
        planned=_listed([promise.what for promise in found.broken], "all that was promised"),
        now=_now(found),
        reason=reason,
    )


def holds(repository: Repository, plan: Plan, entry: Adaptation) -> bool:
    """Tell whether the log says it already; the day on which it was found doesn't count."""
    path = PurePosixPath(plan.path).with_name(LOG_NAME).as_posix()
    source = repository.read_if_there(path)
    return source is not None and adaptation_log.render(entry).partition(": ")[2] in source.text


def _now(found: Reconciliation) -> str:
    said = [f"{promise.place}: {promise.missing}" for promise in found.broken]
    said = [f"not delivered: {_listed(said, 'nothing')}"] if said else []
    if found.unplanned:
        said.append(f"unplanned: {_listed(list(found.unplanned), 'nothing')}")
    return "; ".join(said)


def _listed(texts: list[str], none: str) -> str:
    rest = len(texts) - _SHOWN
    more = [f"and {rest} more"] if rest > 0 else []
    return "; ".join((*texts[:_SHOWN], *more)) or none
