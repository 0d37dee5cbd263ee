"""What a three-way merge gives."""

from __future__ import annotations

from collections.abc import Callable

from prp_pack.values import dataclass

# Base, mine and new to all lines merged; None where the same lines were changed.
Lines = Callable[[str, str, str], str | None]


@dataclass(frozen=True, slots=True)
class Merged:
    """The user's text with our changes in it.

    `conflicts` names what both sides changed: it is as the user has it in `text`, and as we have
    it in `theirs`, which is otherwise the same text and empty where nothing conflicts.
    """

    text: str
    theirs: str = ""
    conflicts: tuple[str, ...] = ()
