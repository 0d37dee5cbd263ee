from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from prp_pack.check.characters import hidden, named
from prp_pack.check.registry import Target, rule
from prp_pack.model import Edit, Finding, Kind, Severity

_HELP = "`prp check --fix` removes them; look at what they hid before"
# These part words; the others only hide between letters.
_SPACES = "\x0b\x0c\x85"
_NAMED = 4


@rule(
    "PRP701",
    name="invisible-characters",
    summary="Characters that nobody sees change what an agent reads.",
    v2=Severity.WARNING,
    kinds=tuple(Kind),
    fixable=True,
)
def invisible_characters(target: Target) -> Iterator[Finding]:
    for number, line in enumerate(target.lines, start=1):
        if found := hidden(line):
            counted = Counter(named(line[at]) for at in found)
            shown = [f"{count} × {name}" if count > 1 else name for name, count in counted.items()]
            rest = f" and {len(shown) - _NAMED} others" if len(shown) > _NAMED else ""
            message = f"invisible characters: {', '.join(shown[:_NAMED])}{rest}"
            fix = _stripped(target, number, set(found))
            yield Finding(number, message, column=found[0] + 1, help=_HELP, fix=fix)


def _stripped(target: Target, number: int, found: set[int]) -> Edit:
    line = target.lines[number - 1]
    kept = (char for at, char in enumerate(line) if at not in found or char in _SPACES)
    text = "".join(" " if char in _SPACES else char for char in kept)
    end = "\n" if number < len(target.lines) else ""
    return Edit(number, number + 1, f"{text}{end}")
