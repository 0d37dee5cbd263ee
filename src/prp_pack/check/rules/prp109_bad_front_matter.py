from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from difflib import get_close_matches

from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, FrontMatter, Kind, Lineage, Severity
from prp_pack.parse.document import TEMPLATES
from prp_pack.parse.phase_number import as_number, dependencies_in_text
from prp_pack.regex import regex

_IS: dict[str, Callable[[object], bool]] = {
    "text": lambda value: isinstance(value, str),
    "a date": lambda value: isinstance(value, str | date),
    "a whole number from 1": lambda value: (as_number(value) or 0) > 0,
    "true or false": lambda value: isinstance(value, bool),
    "a list": lambda value: isinstance(value, list),
    "text or a list": lambda value: isinstance(value, str | list),
    "a list of phase numbers": lambda value: (
        isinstance(value, list | int)
        or (isinstance(value, str) and dependencies_in_text(value) is not None)
    ),
    "keys and values": lambda value: isinstance(value, dict),
    "a list, or keys and values": lambda value: isinstance(value, list | dict),
}
_NUMBER, _NUMBERS, _EITHER = (
    "a whole number from 1",
    "a list of phase numbers",
    ("a list, or keys and values"),
)
# What each kind of document may say, and how. `template` names the kind, so each has it.
KEYS: dict[Kind, dict[str, str]] = {
    Kind.PRP: dict.fromkeys(("name", "description", "requirements", "track"), "text")
    | dict.fromkeys(("created", "updated"), "a date"),
    Kind.PLAN: {"project": "text", "phases": "a list", "track": "text"},
    Kind.REQUIREMENTS: {"phase": _NUMBER, "depends_on": _NUMBERS, "consumes": "text or a list"}
    | dict.fromkeys(("name", "type", "complexity", "plan", "track"), "text"),
    Kind.SUMMARY: {"phase": _NUMBER, "provides": "keys and values", "gates": _EITHER}
    | {"uncommitted": "true or false"}
    | dict.fromkeys(("name", "status", "commit", "track", "run", "prp"), "text")
    | dict.fromkeys(
        ("endpoints", "metrics", "deferred", "open", "waived", "attested", "accepted"), "a list"
    ),
    Kind.INITIAL: {"name": "text"},
}

_FIRST_KEY = regex(r"template[ \t]*:[ \t]*[\"']?(\w+)")
# Nobody means another template by a word as near to one of ours as this.
_NEAR, _LONGER = 0.8, 2


@rule(
    "PRP109",
    name="bad-front-matter",
    summary="The front matter doesn't parse, or has a key or value that means nothing.",
    v2=Severity.ERROR,
    other=Severity.WARNING,
    kinds=tuple(KEYS),
)
def bad_front_matter(target: Target) -> Iterator[Finding]:
    front = target.document.front_matter
    for problem in front.problems:
        said = problem.message.removeprefix("YAML ")
        message = said if said.startswith(("front matter", "key")) else f"front matter {said}"
        yield Finding(problem.place.line, message, help=problem.help)
    first = _FIRST_KEY.match(target.lines[0])
    if not front.present and first and first[1] in TEMPLATES:
        yield Finding(1, "front matter is not opened by a line `---`", help="put one above it")
    # Documents of other families carry keys of their own.
    if target.lineage is Lineage.V3 and not front.legacy:
        known = {"template": "text"} | KEYS[target.document.kind]
        for key, value in front.values.items():
            yield from _entry(front, key, value, known)
    elif _is_slip(front.text("template")):
        # With a slip in it, nothing but the signature could say whose document this is.
        yield _unknown_template(front, front.text("template"))


def _entry(front: FrontMatter, key: str, value: object, known: dict[str, str]) -> Iterator[Finding]:
    line = front.lines.get(key, 1)
    if key not in known:
        meant = get_close_matches(key, known, 1)
        hint = f"did you mean “{meant[0]}”?" if meant else f"known keys: {', '.join(known)}"
        yield Finding(line, f"unknown key “{key}”", help=hint, severity=Severity.WARNING)
    elif value is not None and not _IS[known[key]](value):
        said = "a list" if isinstance(value, list) else f"“{value}”"
        said = "keys and values" if isinstance(value, dict) else said
        hint = "put it in quotes" if known[key] == "text" else ""
        yield Finding(line, f"“{key}” must be {known[key]}, not {said}", help=hint)
    elif key == "template" and value is not None and str(value).strip() not in TEMPLATES:
        yield _unknown_template(front, value)


def _unknown_template(front: FrontMatter, value: object) -> Finding:
    message = f"“template” names no known template: “{value}”"
    line = front.lines.get("template", 1)
    return Finding(line, message, help=f"one of {', '.join(TEMPLATES)}")


def _is_slip(named: str) -> bool:
    near = get_close_matches(named, TEMPLATES, 1, _NEAR)
    return named not in TEMPLATES and bool(near) and abs(len(near[0]) - len(named)) <= _LONGER
