"""Requests that show operations: declared in `[examples]`, or from the contract's examples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlencode

from prp_pack.parse.contract import PLACE, Json
from prp_pack.probes.hand_off.schemas import sample
from prp_pack.probes.openapi.operations import JSON, Contract, Operation, Parameter
from prp_pack.probes.settings import Settings

_WORD = re.compile(r"[^A-Za-z0-9]+")
VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True)
class Declared:
    """An entry of `[[examples.calls]]`.

    `parameters` are those of the path, the query and the headers. Without a `status` any of those
    from 200 to 299 that are declared is right. `save` names values of the answer, by a JSON
    pointer; later calls have them as `{{name}}`. Calls are sent by their `order`, then as they
    stand.
    """

    path: str
    method: str = "GET"
    name: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    body: object = None
    status: int = 0
    save: Mapping[str, str] = field(default_factory=dict)
    order: int = 0


@dataclass(frozen=True)
class Examples:
    """`[examples]`; `volatile` names the keys of answers whose values differ each time."""

    calls: tuple[Declared, ...] = ()
    volatile: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """A request that can be sent, but for its variables, such as `{{code}}`.

    `stem` is the name of its files. `path` begins below the base URL; `kind` is the body's media
    type. `missing` says what nobody gave a value for; then it can't be sent.
    """

    operation: Operation
    stem: str
    path: str
    query: tuple[tuple[str, Json], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    kind: str = ""
    status: int = 0
    save: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    @property
    def has_body(self) -> bool:
        return bool(self.kind)

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the values that must have been saved before."""
        found = [*_names(self.path), *_names(self.body)]
        found += [name for _, value in self.query for name in _names(value)]
        found += [name for value in self.headers.values() for name in _names(value)]
        return tuple(dict.fromkeys(found))

    def target(self, saved: Mapping[str, Json]) -> str:
        """Return path and query with the variables filled in, as they are sent."""
        path = VARIABLE.sub(lambda m: quote(str(saved[m[1]]), safe=""), self.path)
        query = urlencode([(name, filled(value, saved)) for name, value in self.pairs])
        return f"{path}?{query}" if query else path

    @property
    def pairs(self) -> tuple[tuple[str, Json], ...]:
        """The query's names with single values."""
        return tuple((name, each) for name, value in self.query for each in _several(value))

    @property
    def sent(self) -> frozenset[str]:
        """The single values that go with the request, as texts, without those that were saved."""
        values = [self.body, [value for _, value in self.query], list(self.headers.values())]
        path = [unquote(part) for part in self.path.split("/")]
        return frozenset(_singles([values, path]))


def filled(value: Json, saved: Mapping[str, Json]) -> Json:
    """Return a value with its variables replaced; one that stands alone keeps its type."""
    if isinstance(value, Mapping):
        return {key: filled(each, saved) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, saved) for each in value]
    if not isinstance(value, str):
        return value
    if (alone := VARIABLE.fullmatch(value)) and alone[1] in saved:
        return saved[alone[1]]
    return VARIABLE.sub(lambda m: str(saved.get(m[1], m[0])), value)


def of_contract(
    contract: Contract,
    wanted: Sequence[Operation],
    examples: Examples,
    settings: Settings,
    base_url: str,
) -> tuple[Call, ...]:
    """Return the calls in the order in which they are sent.

    First those that are declared, then one for each other wanted operation, what changes nothing
    before what does. Raises `UnreadableError` for a declared call of an operation that the contract
    lacks.
    """
    making = _Making(contract, contract.base_below(base_url))
    found = [
        making.call(operation, declared)
        for declared, operation in _declared(contract, examples, settings)
    ]
    known = {call.operation.name for call in found}
    rest = [each for each in wanted if each.name not in known]
    rest.sort(key=lambda each: _ORDER.index(each.method))
    return (*found, *(making.call(each, Declared(each.path)) for each in rest))


_ORDER = ("GET", "HEAD", "OPTIONS", "TRACE", "POST", "PUT", "PATCH", "DELETE")


def _declared(
    contract: Contract, examples: Examples, settings: Settings
) -> Iterator[tuple[Declared, Operation]]:
    for index, declared in sorted(enumerate(examples.calls), key=lambda each: each[1].order):
        operation = contract.find(declared.method, declared.path)
        if operation is None:
            said = f"{contract.where} has no {declared.method.upper()} {declared.path}"
            keys = ("examples", "calls", str(index))
            raise settings.error(said, keys, "write the path as the contract has it")
        yield declared, operation


class _Making:
    """Makes calls, and gives each a stem of its own."""

    def __init__(self, contract: Contract, base: str) -> None:
        self._document = contract.document
        self._base = base
        self._stems: dict[str, int] = {}

    def call(self, operation: Operation, declared: Declared) -> Call:
        missing: list[str] = []
        values: dict[str, list[tuple[str, Json]]] = {}
        for each in operation.parameters:
            for value in self._value(each, declared, missing):
                values.setdefault(each.where, []).append((each.name, value))
        in_path = dict(values.get("path", ()))
        body, kind = self._body(operation, declared, missing)
        path = PLACE.sub(lambda m: _in_path(in_path.get(m[1], m[0])), operation.path)
        return Call(
            operation=operation,
            stem=self._stem(declared.name or operation.name),
            path=self._base + path,
            query=tuple(values.get("query", ())),
            headers={name: str(value) for name, value in values.get("header", ())},
            body=body,
            kind=kind,
            status=declared.status,
            save=declared.save,
            missing=tuple(missing),
        )

    def _value(
        self, parameter: Parameter, declared: Declared, missing: list[str]
    ) -> tuple[Json, ...]:
        """Return the value of a parameter, if any is to be sent."""
        if parameter.name in declared.parameters:
            return (declared.parameters[parameter.name],)
        if not parameter.required:
            return ()
        known = (*parameter.examples, *sample(self._document, parameter.schema))[:1]
        if not known:
            missing.append(f"{parameter.where} parameter {parameter.name}")
        return known

    def _body(
        self, operation: Operation, declared: Declared, missing: list[str]
    ) -> tuple[Json, str]:
        contents = operation.body.contents if operation.body else ()
        content = next((e for e in contents if "json" in e.kind), contents[0] if contents else None)
        kind = content.kind if content else JSON
        if declared.body is not None:
            return declared.body, kind
        given = (*content.examples, *sample(self._document, content.schema)) if content else ()
        if given:
            return given[0], kind
        if operation.body and operation.body.required:
            missing.append("body")
        return None, ""

    def _stem(self, name: str) -> str:
        bare = _WORD.sub("_", name).strip("_").lower() or "call"
        self._stems[bare] = self._stems.get(bare, 0) + 1
        return bare if self._stems[bare] == 1 else f"{bare}_{self._stems[bare]}"


def _in_path(value: Json) -> str:
    text = str(value)
    return text if VARIABLE.fullmatch(text) else quote(text, safe="")


def _names(value: Json) -> list[str]:
    if isinstance(value, Mapping):
        return [name for each in value.values() for name in _names(each)]
    if isinstance(value, list):
        return [name for each in value for name in _names(each)]
    return VARIABLE.findall(value) if isinstance(value, str) else []


def _several(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _singles(value: Json) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _singles(each)
    elif value is not None:
        yield str(value)
