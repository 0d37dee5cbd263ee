from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.markdown import normalise
from prp_pack.model import Edit, Finding, Kind, Section, Severity
from prp_pack.render import dependency_map

_HELP = "change the plan, not the map: `prp check --fix` draws it again"


@rule(
    "PRP608",
    name="stale-render",
    summary="The dependency map isn't what the plan gives.",
    severity=Severity.WARNING,
    kinds=(Kind.OTHER,),
    fixable=True,
)
def stale_render(target: Target) -> Iterator[Finding]:
    if target.document.front_matter.text("template") != "dependency_map":
        return
    plan = target.followed_plan
    # A plan that isn't sound is PRP603's; nothing is drawn from it.
    if plan is None or not plan.phases or any(p.severity is Severity.ERROR for p in plan.problems):
        return
    sections = {s.path[-1]: s for s in reversed(target.document.outline.sections)}
    for title, text in dependency_map.render(plan).items():
        section = sections.get(normalise(title))
        if section is None:
            message = f"the section “{title}” is missing"
            yield Finding(
                target.document.last_line, message, help=_HELP, fix=_added(target, title, text)
            )
        elif _own(target, section) != text.strip():
            message = f"“{title}” differs from what {plan.path} gives"
            fix = _replaced(target, section, text)
            yield Finding(section.line, message, help=_HELP, fix=fix)


def _own(target: Target, section: Section) -> str:
    return "\n".join(line.rstrip() for _, line in target.own_lines(section)).strip()


def _replaced(target: Target, section: Section, text: str) -> Edit | None:
    if not target.lines[section.line - 1].startswith("#"):
        # An underlined heading has its line below, which must stay.
        return None
    end = min(section.body_end, target.document.last_line + 1)
    return Edit(section.line + 1, end, text if end != section.body_end else f"{text}\n")


def _added(target: Target, title: str, text: str) -> Edit | None:
    if target.ends_open:
        return None
    end = target.document.last_line + 1
    gap = "\n" if target.lines[end - 2 : end - 1] != ("",) else ""
    return Edit(end, end, f"{gap}## {title}\n{text}")
