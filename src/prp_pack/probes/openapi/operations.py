"""The operations of a contract in one shape, whether it is OpenAPI 3 or Swagger 2."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from prp_pack.check.endpoints import template_of
from prp_pack.parse import contract
from prp_pack.parse.contract import METHODS, PLACE, Json, listed, mapping

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
_FORMS = (FORM, "multipart/form-data")
PLACES = ("path", "query", "header", "cookie")
_OF_PARAMETER = frozenset({"name", "in", "required", "description", "allowEmptyValue", "schema",
                           "content", "collectionFormat", "x-example"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Content:
    """A body of one media type. `examples` are those that the contract gives of it."""

    kind: str
    schema: Json = None
    examples: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """`where` is path, query, header or cookie."""

    name: str
    where: str
    required: bool
    schema: Json
    description: str = ""
    examples: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    required: bool
    contents: tuple[Content, ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `status` is a number, such as `404`, a range, such as `4XX`, or `default`."""

    status: str
    description: str
    contents: tuple[Content, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. The method is in capitals; `security` names schemes.

    `produces` are the media types that Swagger 2 names for all answers together.
    """

    method: str
    path: str
    summary: str = ""
    description: str = ""
    deprecated: bool = False
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    replies: tuple[Reply, ...] = ()
    security: tuple[str, ...] = ()
    produces: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def media(self) -> frozenset[str]:
        """The media types that are declared for its answers."""
        kinds = (content.kind for reply in self.replies for content in reply.contents)
        return frozenset((*self.produces, *kinds))

    @property
    def success(self) -> Reply | None:
        """The first answer that says it went well."""
        return next((each for each in self.replies if each.status.startswith("2")), None)

    def reply(self, status: int) -> Reply | None:
        """Return what is declared for a status: by its number, its range, or by default."""
        wanted = (str(status), f"{status // 100}XX", "default")
        by_status = {each.status.upper().replace("DEFAULT", "default"): each
                     for each in self.replies}  # fmt: skip
        return next((by_status[each] for each in wanted if each in by_status), None)


@dataclass(frozen=True)
class Contract:
    """A contract with the path or address that it was read from."""

    where: str
    document: Json

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        return operations(self.document)

    @property
    def version(self) -> str:
        """Standard and version, such as `OpenAPI 3.1.0`."""
        is_old = "swagger" in self.document
        name = "Swagger" if is_old else "OpenAPI"
        return f"{name} {self.document.get('swagger' if is_old else 'openapi')}"

    @property
    def bases(self) -> tuple[str, ...]:
        """The paths below which its paths are meant; that of a bare address is empty."""
        return contract.bases(self.document)

    def base_below(self, base_url: str) -> str:
        """Return what stands between a base URL and the contract's paths."""
        base = self.bases[0]
        return "" if base_url.rstrip("/").endswith(base) else base

    def find(self, method: str, path: str) -> Operation | None:
        """Return the operation of a path, as it stands or below one of the bases."""
        wanted = template_of(path)
        for each in self.operations:
            ways = {template_of(f"{base}{each.path}") for base in ("", *self.bases)}
            if each.method == method.upper() and wanted in ways:
                return each
        return None


def operations(document: Json) -> tuple[Operation, ...]:
    """Return the operations by path and, of one path, in the order of `METHODS`."""
    paths = mapping(document, mapping(document, document).get("paths"))
    return tuple(
        _operation(document, path, method, item, by_method[method])
        for path in sorted(paths)
        for item in [mapping(document, paths[path])]
        for by_method in [{method.lower(): said for method, said in item.items()}]
        for method in METHODS
        if isinstance(by_method.get(method), Mapping)
    )


def _operation(document: Json, path: str, method: str, item: Json, said: Json) -> Operation:
    raw = {}
    for one in (*listed(item.get("parameters")), *listed(said.get("parameters"))):
        parameter = mapping(document, one)
        # What an operation says of a parameter stands in place of what its path says.
        raw[str(parameter.get("name")), str(parameter.get("in"))] = parameter
    replies = mapping(document, said.get("responses"))
    security = said.get("security", document.get("security"))
    return Operation(
        method=method.upper(),
        path=path,
        summary=_text(said.get("summary")),
        description=_text(said.get("description")),
        deprecated=said.get("deprecated") is True,
        parameters=tuple(
            _parameter(document, each) for (_, where), each in raw.items() if where in PLACES
        ),
        body=body_of(document, said, tuple(raw.values())),
        replies=tuple(_reply(document, said, s, replies[s]) for s in sorted(replies, key=str)),
        security=tuple(
            sorted({name for each in listed(security) for name in mapping(document, each)})
        ),
        produces=_kinds(document, said, "produces"),
    )


def _parameter(document: Json, said: Json) -> Parameter:
    contents = _contents(document, said.get("content"))
    return Parameter(
        name=_text(said.get("name")),
        where=said["in"],
        required=said.get("required") is True or said["in"] == "path",
        schema=schema_of({"schema": contents[0].schema, **said} if contents else said),
        description=_text(said.get("description")),
        examples=(*_examples(document, said), *(e for c in contents for e in c.examples)),
    )


def schema_of(parameter: Mapping[str, Json]) -> Json:
    """Return the schema of a parameter; Swagger 2 has its keys among the parameter's own."""
    schema = parameter.get("schema")
    if schema is not None:
        return schema
    return {key: value for key, value in parameter.items() if key not in _OF_PARAMETER}


def body_of(document: Json, said: Json, parameters: Sequence[Json]) -> Body | None:
    """Return the body that an operation takes, `parameters` being those of its path too."""
    if "requestBody" in said:
        body = mapping(document, said["requestBody"])
        contents = _contents(document, body.get("content"))
        return Body(body.get("required") is True, contents, _text(body.get("description")))
    kinds = _kinds(document, said, "consumes")
    for each in parameters:
        if each.get("in") == "body":
            examples = _examples(document, each)
            contents = tuple(Content(kind, each.get("schema"), examples)
                             for kind in kinds or (JSON,))  # fmt: skip
            return Body(each.get("required") is True, contents, _text(each.get("description")))
    fields = [_parameter(document, each) for each in parameters if each.get("in") == "formData"]
    if not fields:
        return None
    schema = {
        "type": "object",
        "properties": {each.name: each.schema for each in fields},
        "required": [each.name for each in fields if each.required],
    }
    forms = tuple(kind for kind in kinds if kind in _FORMS) or (FORM,)
    return Body(bool(schema["required"]), tuple(Content(kind, schema) for kind in forms))


def _kinds(document: Json, said: Json, keyword: str) -> tuple[str, ...]:
    """Return the media types that Swagger 2 names under `consumes` or `produces`."""
    named = listed(said.get(keyword)) or listed(document.get(keyword))
    return tuple(dict.fromkeys(map(str, named)))


def _reply(document: Json, operation: Json, status: Json, value: Json) -> Reply:
    said = mapping(document, value)
    contents = contents_of(document, operation, said)
    return Reply(str(status), _text(said.get("description")), contents)


def contents_of(document: Json, operation: Json, said: Mapping[str, Json]) -> tuple[Content, ...]:
    """Return the bodies that an answer of an operation may have."""
    contents = _contents(document, said.get("content"))
    if contents or not ("schema" in said or "examples" in said):
        return contents
    given = mapping(document, said.get("examples"))
    kinds = _kinds(document, operation, "produces") or (JSON,)
    return tuple(
        Content(kind, said.get("schema"), (given[kind],) if kind in given else ())
        for kind in dict.fromkeys((*kinds, *given))
    )


def _contents(document: Json, value: Json) -> tuple[Content, ...]:
    by_kind = mapping(document, value)
    return tuple(
        Content(kind, media.get("schema"), _examples(document, media))
        for kind in sorted(by_kind)
        for media in [mapping(document, by_kind[kind])]
    )


def _examples(document: Json, said: Json) -> tuple[Json, ...]:
    found = [said[key] for key in ("example", "x-example") if key in said]
    several = said.get("examples")
    for each in several.values() if isinstance(several, Mapping) else ():
        one = mapping(document, each)
        found += [one["value"]] if "value" in one else []
    return tuple(found)


def _text(value: Json) -> str:
    return value.strip() if isinstance(value, str) else ""


def parameter_names(path: str) -> tuple[str, ...]:
    """Return the names of what a path leaves open, such as `code` of `/parcels/{code}`."""
    return tuple(PLACE.findall(path))


def fits(path: str, template: str) -> bool:
    """Tell whether a path, such as `/parcels/X1`, is one of a template's."""
    pieces = PLACE.split(template.rstrip("/"))[::2]
    return re.fullmatch("[^/]+".join(map(re.escape, pieces)), path.rstrip("/")) is not None


def parts(document: Json) -> Iterator[tuple[str, Json]]:
    """Yield the named schemas of a contract in the order of their names."""
    named = mapping(document, mapping(document, document.get("components")).get("schemas"))
    named = named or mapping(document, document.get("definitions"))
    for name in sorted(named):
        yield name, named[name]
