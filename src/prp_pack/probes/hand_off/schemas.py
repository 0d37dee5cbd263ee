"""What a JSON Schema of a contract allows, in words, and the example that it gives itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prp_pack.parse.contract import Json, listed, mapping, resolved
from prp_pack.probes.openapi.operations import Operation

# A schema may hold itself.
_DEEPEST = 12
_MOST_VALUES = 12
_LIMITS = (
    ("minimum", "≥ {}"), ("exclusiveMinimum", "> {}"), ("maximum", "≤ {}"),
    ("exclusiveMaximum", "< {}"), ("multipleOf", "multiple of {}"),
    ("minLength", "at least {} characters"), ("maxLength", "at most {} characters"),
    ("pattern", "pattern {}"), ("minItems", "at least {} items"), ("maxItems", "at most {} items"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Property:
    """A property of an object, its schema in words."""

    name: str
    words: str
    required: bool
    description: str


def in_words(schema: Json) -> str:
    """Return a schema in a few words; a named one is its name."""
    return _words(schema, 0)


def _words(schema: Json, depth: int) -> str:
    if not isinstance(schema, Mapping) or not schema or depth > _DEEPEST:
        return "nothing" if schema is False else "anything"
    if isinstance(schema.get("$ref"), str):
        return str(schema["$ref"]).rpartition("/")[2]
    said = _kind(schema, depth)
    limits = [
        text.format(json.dumps(schema[key], ensure_ascii=False))
        for key, text in _LIMITS
        if key in schema and not isinstance(schema[key], bool)
    ]
    if "default" in schema:
        limits.append(f"default {json.dumps(schema['default'], ensure_ascii=False)}")
    if schema.get("nullable") is True or schema.get("x-nullable") is True:
        said += " or null"
    return ", ".join((said, *limits))


def _kind(schema: Mapping[str, Json], depth: int) -> str:
    if "const" in schema:
        return json.dumps(schema["const"], ensure_ascii=False)
    if isinstance(schema.get("enum"), list):
        values = [json.dumps(each, ensure_ascii=False) for each in schema["enum"]]
        more = " …" if len(values) > _MOST_VALUES else ""
        return f"one of {', '.join(values[:_MOST_VALUES])}{more}"
    for key, word in (("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")):
        if isinstance(schema.get(key), list):
            return word.join(dict.fromkeys(_words(each, depth + 1) for each in schema[key]))
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return " or ".join(_one_kind({**schema, "type": each}, depth) for each in kinds)
    return _one_kind(schema, depth)


def _one_kind(schema: Mapping[str, Json], depth: int) -> str:
    kind = schema.get("type")
    if kind == "array" or (kind is None and "items" in schema):
        return f"list of {_words(schema.get('items', {}), depth + 1)}"
    if kind == "object" or (kind is None and "properties" in schema):
        others = schema.get("additionalProperties")
        if isinstance(others, Mapping) and others and not schema.get("properties"):
            return f"object of {_words(others, depth + 1)}"
        return "object"
    form = f" ({schema['format']})" if isinstance(schema.get("format"), str) else ""
    return f"{kind}{form}" if isinstance(kind, str) else "anything"


def properties(document: Json, schema: Json) -> Iterator[Property]:
    """Yield the properties that a schema names, with those of the schemas that it adds up."""
    found: dict[str, Json] = {}
    required: set[str] = set()
    for part in _added_up(document, schema, frozenset()):
        found.update(mapping(document, part.get("properties")))
        required.update(each for each in listed(part.get("required")) if isinstance(each, str))
    for name, value in found.items():
        said = mapping(document, value).get("description")
        text = said if isinstance(said, str) else ""
        yield Property(name, in_words(value), name in required, text)


def _added_up(document: Json, schema: Json, within: frozenset[str]) -> Iterator[Mapping[str, Json]]:
    name = schema.get("$ref") if isinstance(schema, Mapping) else None
    if isinstance(name, str):
        if name in within or len(within) > _DEEPEST:
            return
        within |= {name}
    here = mapping(document, schema)
    for part in listed(here.get("allOf")):
        yield from _added_up(document, part, within)
    yield here


def sample(document: Json, schema: Json) -> tuple[Json, ...]:
    """Return the example that a schema gives, as one value; nothing when it gives none.

    Taken from examples, defaults and single values, in the schema and in what it is made of. No
    value is made up: one that fits may still mean nothing to the service.
    """
    return _Samples(document).of(schema)


class _Samples:
    """Examples of the schemas of one document, each named one looked at once."""

    def __init__(self, document: Json) -> None:
        self._document = document
        # One that is being looked at gives none, so that a schema may hold itself.
        self._named: dict[str, tuple[Json, ...]] = {}

    def of(self, schema: Json) -> tuple[Json, ...]:
        name = schema.get("$ref") if isinstance(schema, Mapping) else None
        if not isinstance(name, str):
            return self._of(schema)
        if name not in self._named:
            self._named[name] = ()
            self._named[name] = self._of(resolved(self._document, schema))
        return self._named[name]

    def _of(self, here: Json) -> tuple[Json, ...]:  # noqa: PLR0911 - one for each source
        if not isinstance(here, Mapping):
            return ()
        for key in ("example", "const", "default"):
            if key in here:
                return (here[key],)
        for key in ("examples", "enum"):
            if isinstance(here.get(key), list) and here[key]:
                return (here[key][0],)
        for each in (*listed(here.get("oneOf")), *listed(here.get("anyOf"))):
            if found := self.of(each):
                return found
        if here.get("type") == "array":
            return tuple([each] for each in self.of(here.get("items")))
        if here.get("type") == "object" or "properties" in here or "allOf" in here:
            return self._object(here)
        return ()

    def _object(self, schema: Json) -> tuple[Json, ...]:
        found: dict[str, Json] = {}
        required: set[str] = set()
        for part in _added_up(self._document, schema, frozenset()):
            required.update(each for each in listed(part.get("required")) if isinstance(each, str))
            if isinstance(part.get("example"), Mapping):
                found.update(part["example"])
            for name, value in mapping(self._document, part.get("properties")).items():
                if given := self.of(value):
                    found.setdefault(name, given[0])
        return (found,) if found and required <= found.keys() else ()


DESCRIPTION, SCHEMA, EXAMPLE = "description", "schema", "example"


def gaps(document: Json, operation: Operation) -> list[str]:
    """Return what an operation doesn't say of itself: description, schema, example."""
    lacks = [] if operation.description or operation.summary else [DESCRIPTION]
    success = operation.success
    if success is None:
        return [*lacks, "answer that says it went well"]
    contents = [*success.contents, *(operation.body.contents if operation.body else ())]
    if any(each.schema is None for each in contents) or (
        not success.contents and success.status not in ("204", "205") and operation.method != "HEAD"
    ):
        lacks.append(SCHEMA)
    if any(not each.examples and not sample(document, each.schema) for each in contents):
        lacks.append(EXAMPLE)
    return lacks
