"""Drift between promise and delivery, as an entry of PHASE_ADAPTATION_LOG.md."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import PurePosixPath

from prp_pack import assets
from prp_pack.check.neighbours import LOG_NAME
from prp_pack.check.registry import Target
from prp_pack.gate.reconciliation import Reconciliation
from prp_pack.parse import adaptation_log as recorded
from prp_pack.render import adaptation_log
from prp_pack.render.adaptation_log import Adaptation
from prp_pack.repository import Repository, Source, UnreadableError, decode

_TEMPLATE = "phase_adaptation_log.md"
_PLAN_LINE = re.compile(r"^plan:.*$", re.MULTILINE)
_FIRST_ENTRY = re.compile(r"^## ", re.MULTILINE)
# Of more than so many promises the entry says how many there are.
_SHOWN = 12


def append(
    repository: Repository, target: Target, found: Reconciliation, reason: str, now: datetime
) -> tuple[str, bool]:
    """Add the drift to the log beside the plan; returns its path, and whether it was added.

    Drift that is recorded already isn't added again. Raises `UnreadableError`, also for a PRP that
    belongs to no plan.
    """
    plan = target.followed_plan
    if plan is None or target.number is None:
        hint = "a feature without a plan has no log; mend the PRP, or what it promised"
        raise UnreadableError(target.document.path, "belongs to no phase plan", help=hint)
    path = PurePosixPath(plan.path).with_name(LOG_NAME).as_posix()
    if not found.broken and not found.unplanned:
        return path, False
    there = repository.read_if_there(path) or _begun(repository, path, plan.path)
    entry = adaptation_log.render(
        Adaptation(
            date=now.strftime("%Y-%m-%d"),
            title=f"phase {target.number}, promised against delivered",
            phase=target.number,
            planned=_listed([promise.what for promise in found.broken], "all that was promised"),
            now=_now(found),
            reason=reason,
            affects=tuple(p.number for p in plan.phases if target.number in p.depends_on),
        )
    )
    # The day on which it was found is no part of what is said.
    if entry.partition(": ")[2] in there.text:
        return path, False
    text = f"{there.text.rstrip()}\n\n{entry}"
    if len(recorded.parse(text, path)) != len(recorded.parse(there.text, path)) + 1:
        line = there.text.count("\n") + 1
        hint = "close the fence or the comment that is open at its end"
        raise UnreadableError(path, "takes no entry: it would not be read as one", line, hint)
    added = text[len(there.text.rstrip()) :].replace("\n", there.newline)
    repository.write(path, f"{there.raw.rstrip()}{added}")
    return path, True


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


def _begun(repository: Repository, path: str, plan: str) -> Source:
    """Return a new log: the project's own template, else the shipped one, without its entry."""
    own = repository.read_if_there(f"PRPs/templates/{_TEMPLATE}")
    shipped = assets.folder("templates") / _TEMPLATE
    text = own.text if own else shipped.read_text(encoding="utf-8")
    text = _PLAN_LINE.sub(lambda _: f"plan: {plan}", text, count=1)
    if entry := _FIRST_ENTRY.search(text):
        text = text[: entry.start()]
    return decode(text.replace("\n", own.newline if own else "\n").encode(), path)
