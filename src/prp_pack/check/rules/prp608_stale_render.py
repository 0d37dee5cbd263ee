from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Kind, Severity
from prp_pack.phase_graph import is_sound
from prp_pack.render.drawn_parts import MAP_TEMPLATE, drifts

_HELP = "change the plan, not what is drawn from it: `prp plan render` draws it again"
_BY_HAND = "move what you want to keep elsewhere; `prp plan render --force` draws over it"


@rule(
    "PRP608",
    name="stale-render",
    summary="What is drawn from the plan isn't what the plan gives.",
    severity=Severity.WARNING,
    kinds=(Kind.OTHER, Kind.PLAN),
    fixable=True,
)
def stale_render(target: Target) -> Iterator[Finding]:
    document = target.document
    is_map = document.front_matter.text("template") == MAP_TEMPLATE
    if not is_map and "<!-- prp:begin " not in document.text:
        return
    plan = target.plan or target.followed_plan
    # A plan that isn't sound is PRP603's; nothing is drawn from it.
    if plan is None or not is_sound(plan):
        return
    for drift in drifts(document, plan, target.neighbours.statuses_of(plan)):
        hint = _BY_HAND if drift.by_hand else _HELP
        fix = None if drift.by_hand else drift.edit
        yield Finding(drift.line, drift.message, help=hint, fix=fix)
