"""The closed vocabulary of conditions that a section may carry, and the words that give them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prp_pack.model import PhaseContext, PhaseType

CONDITIONS: dict[str, Callable[[PhaseContext], bool]] = {
    "complex": lambda context: context.phase is not None,
    "not-final": lambda context: context.phase is None or not context.phase.is_final,
    "final-or-optimization": lambda context: (
        context.phase is not None
        and (context.phase.is_final or context.phase.type is PhaseType.OPTIMIZATION)
    ),
}

# The template says in its headings when a section applies. The most specific phrase comes
# first: each contains the next.
_PHRASES = (
    ("(complex multi-phase projects - non-final phases)", ("complex", "not-final")),
    ("(final phase / optimization phase)", ("complex", "final-or-optimization")),
    ("for complex multi-phase projects", ("complex",)),
    ("(complex multi-phase projects)", ("complex",)),
)


def conditions_of(heading: str) -> tuple[str, ...]:
    """Return the conditions that a heading's own words state; none means always."""
    words = heading.lower()
    return next((when for phrase, when in _PHRASES if phrase in words), ())


def applies(when: Iterable[str], context: PhaseContext) -> bool:
    """Return whether every condition in `when` holds; no condition means always."""
    return all(CONDITIONS[name](context) for name in when)
