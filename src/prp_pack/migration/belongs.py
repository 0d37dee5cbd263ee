"""Where the sections of older templates belong in today's, by what their titles say.

The matrix knows the titles that mean the same section wherever they stand. These are further ones,
which mean a section only under a certain parent, and only in an older document.
"""

from __future__ import annotations

import re

from prp_pack.model import PhaseContext
from prp_pack.regex import regex

BLUEPRINT, CONTEXT, LOOP, CHECKLIST = (
    "implementation-blueprint",
    "all-needed-context",
    "validation-loop",
    "final-validation-checklist",
)
COMPONENT_LEVEL = f"{CHECKLIST}.component-level"

_LEVEL = regex(r"level-\d+\w?(?:-|$)|-(?:gates|tests|checks|validation)$")

# The first that is found in a title decides.
_SECTIONS: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    BLUEPRINT: (
        (regex(r"pseudocode"), "per-task-pseudocode-as-needed-added-to-each-task"),
        (regex(r"^tasks?-\d|^tasks?$|task-list|list-of-tasks|tasks-|^task-.*order|implementation-(steps|order)"),
         "list-of-tasks-to-be-completed-to-fullfill-the-prp-in-the-order-they-should-be-completed"),
        (regex(r"^data-(models?|schemas?|structures?)"), "data-models-and-structure"),
        (regex(r"^integration-points"), "integration-points"),
    ),
    CONTEXT: (
        (regex(r"^current-.*(tree|structure|architecture)"),
         "current-codebase-tree-to-get-an-overview-of-the-codebase"),
        (regex(r"^(desired|files-to-)"),
         "desired-codebase-tree-with-files-to-be-added-and-responsibility-of-file"),
        (regex(r"gotchas|quirks"), "known-gotchas-of-our-codebase-library-quirks"),
        (regex(r"documentation|references"), "documentation-references"),
    ),
    CHECKLIST: ((regex(r"^(technical|code-quality)-"), "component-level"),),
}  # fmt: skip

_UNIT, _COMPONENT, _SMOKE, _INTEGRATION, _PERFORMANCE, _SYSTEM = (
    "level-1a-unit-tests-for-each-new-feature",
    "level-1-component-validation",
    "level-1b-service-smoke-test",
    "level-2-integration-validation",
    "level-3-performance-validation",
    "level-4-system-integration",
)
# Words of a level's title; where it goes for a simple feature, and for a phase.
_LEVELS = (
    (
        regex(r"syntax|style|lint|type|build|format|compil|static|code-quality"),
        _COMPONENT,
        _COMPONENT,
    ),
    (regex(r"unit|tdd"), _UNIT, _UNIT),
    (regex(r"e2e|end-to-end|system|cross|creative|domain"), _SMOKE, _SYSTEM),
    (regex(r"performance|load|memory"), _SMOKE, _PERFORMANCE),
    (regex(r"smoke|service|manual|startup"), _SMOKE, _SMOKE),
    (regex(r"integration"), _SMOKE, _INTEGRATION),
    (regex(r"test"), _UNIT, _UNIT),
)

# Titles that the older template itself has, whose words say no more than today's title does.
REPLACED = frozenset({"level-1-syntax-style", "level-2-unit-tests", "level-3-integration-test"})


def by_title(parent: str, name: str, context: PhaseContext) -> str:
    """Return the id of the section that a title means under a parent's id; empty when none."""
    if parent == LOOP and _LEVEL.search(name):
        return f"{LOOP}.{_level(name, context)}"
    found = (child for words, child in _SECTIONS.get(parent, ()) if words.search(name))
    child = next(found, "")
    return f"{parent}.{child}" if child else ""


def instead_of(id_: str, name: str, context: PhaseContext) -> str:
    """Return where a section goes that this phase must not have; empty where it has no place."""
    if id_.startswith(f"{LOOP}."):
        return f"{LOOP}.{_level(name, context)}"
    return COMPONENT_LEVEL if id_.startswith(f"{CHECKLIST}.") else ""


def _level(name: str, context: PhaseContext) -> str:
    # Its number says little: older templates count their levels by no rule.
    for words, simple, phase in _LEVELS:
        if words.search(name):
            return phase if context.phase else simple
    return _COMPONENT


def is_level(name: str) -> bool:
    """Tell whether a heading would begin a level wherever it stands."""
    return f"-{name}".find("-level-") >= 0
