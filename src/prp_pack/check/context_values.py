"""Where the values of a context block differ from what the sources say."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from prp_pack.model import Complexity, Document, Phase, PhaseContext, ProjectType
from prp_pack.parse import phase_number

Difference = tuple[str, object, object]


def differences(document: Document, context: PhaseContext) -> Iterator[Difference]:
    """Yield key, stated value and true value; a value outside its enumeration is left out."""
    stated = document.block.values
    type_ = stated.get("PROJECT_TYPE")
    if type_ in tuple(ProjectType) and type_ != context.project_type:
        yield "PROJECT_TYPE", str(type_), str(context.project_type)
    elif context.phase:
        for key, there in _facts(context.phase).items():
            here = _comparable(key, stated.get(f"PHASE_INFO.{key}"), document.path, there)
            if here is not None and here != there:
                yield f"PHASE_INFO.{key}", here, there


def _facts(phase: Phase) -> dict[str, object]:
    return {
        "number": phase.number,
        "total_phases": phase.total,
        "phase_type": str(phase.type),
        "previous_phases": tuple(sorted(phase.previous)),
        "template_source": phase.template_source,
        "complexity_level": str(phase.complexity),
    }


def _comparable(key: str, here: object, path: str, there: object) -> object:
    """Return the stated value as it compares with the true one; None when it can't."""
    match key:
        case "phase_type":
            type_, _ = phase_number.phase_type(here)
            return str(type_) if type_ else None
        case "complexity_level":
            return here if here in tuple(Complexity) else None
        case "previous_phases":
            return tuple(sorted(set(here))) if isinstance(here, list) else None
        case "template_source":
            # A path may be meant from the root or from the document's own folder.
            beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), str(here)))
            return there if beside == there else here
        case _:
            return here
