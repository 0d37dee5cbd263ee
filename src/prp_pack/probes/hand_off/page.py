"""A frozen contract as a page for whoever builds the next phase. Needs jinja2."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from prp_pack.parse.contract import Json, mapping
from prp_pack.probes.hand_off.channels import channels
from prp_pack.probes.hand_off.schemas import in_words, properties, sample
from prp_pack.probes.openapi.operations import Content, Contract, Parameter, operations, parts
from prp_pack.render.cells import cell, on_one_line, row

Text: TypeAlias = str
_TICKS = re.compile(r"`+")
_BLANK = re.compile(r"\n{3,}")
_LONGEST_EXAMPLE = 4000


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a page is written: what of it the next phase consumes, and who says so."""

    needs: Sequence[str] = ()
    source: str = ""


def render(number: int, contract: Json, asyncapi: Json, reader: Reader | None) -> str:
    """Return the page of a phase's contract; without a `reader` it says nothing of a next phase."""
    info = mapping(contract, contract.get("info"))
    text = (
        _environment()
        .get_template("page.md.j2")
        .render(
            drawn=_Drawn(contract),
            drawn_messages=_Drawn(asyncapi or {}),
            phase=number,
            title=on_one_line(str(info.get("title", ""))),
            version=on_one_line(str(info.get("version", ""))),
            about=str(info.get("description") or "").strip(),
            bases=list(filter(None, Contract("", contract).bases)),
            operations=operations(contract),
            needs=None if reader is None else list(reader.needs),
            needs_from=reader.source if reader else "",
            schemas=list(parts(contract)),
            channels=list(channels(asyncapi)) if asyncapi else [],
        )
    )
    lines = (line.rstrip() for line in text.split("\n"))
    return _BLANK.sub("\n\n", "\n".join(lines)).strip("\n") + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        # Markdown; what would be HTML in it is taken care of by the filters.
        autoescape=False,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {
        "cell": cell,
        "line": on_one_line,
        "code": code,
        "quoted": quoted,
        "words": in_words,
    }
    return environment


def quoted(text: str) -> str:
    """Return somebody's words as a quotation, so that their headings and fences stay in it."""
    lines = text.strip().splitlines()
    seen = ("".join(c for c in line if c.isprintable() or c == "\t") for line in lines)
    return "\n".join(f"> {line}".rstrip() for line in seen)


def code(text: str) -> str:
    """Return a text as code that can stand in a cell."""
    bare = on_one_line(text).replace("|", "\\|")
    longest = max((len(ticks) for ticks in _TICKS.findall(bare)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence}{bare}{fence}" if not longest else f"{fence} {bare} {fence}"


def fenced(value: Json) -> str:
    """Return a value as JSON in a fence, cut where it is too long to be read."""
    text = value if isinstance(value, str) else json.dumps(
        value, indent=2, ensure_ascii=False, sort_keys=True
    )  # fmt: skip
    if len(text) > _LONGEST_EXAMPLE:
        text = f"{text[:_LONGEST_EXAMPLE]}\n…"
    longest = max((len(ticks) for ticks in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}json\n{text}\n{fence}"


class _Drawn:
    """Parts of a page that need the whole contract."""

    def __init__(self, document: Json) -> None:
        self._document = document

    def example_cell(self, parameter: Parameter) -> str:
        given = (*parameter.examples, *sample(self._document, parameter.schema))
        return code(json.dumps(given[0], ensure_ascii=False)) if given else ""

    def content(self, content: Content) -> str:
        """Return a body: its media type, its schema, an example of it."""
        if content.schema is None:
            lines = [f"{code(content.kind)}\n"]
        else:
            lines = [f"{code(content.kind)}: {cell(in_words(content.schema))}\n"]
            if not _is_named(content.schema):
                lines += [f"{table}\n" for table in self._table(content.schema)]
        given = (*content.examples, *sample(self._document, content.schema))
        lines += [f"{fenced(given[0])}\n"] if given else []
        return "\n".join(lines)

    def schema(self, schema: Json) -> str:
        """Return a named schema: what it is, its properties, its example."""
        here = mapping(self._document, schema)
        said = here.get("description")
        lines = [f"{quoted(said)}\n"] if isinstance(said, str) and said.strip() else []
        lines += [f"{cell(in_words(schema))}\n"]
        lines += [f"{table}\n" for table in self._table(schema)]
        lines += [f"{fenced(each)}\n" for each in sample(self._document, schema)]
        return "\n".join(lines)

    def _table(self, schema: Json) -> Iterator[str]:
        rows = [
            row(code(each.name), "yes" if each.required else "no", cell(each.words),
                cell(each.description))
            for each in properties(self._document, schema)
        ]  # fmt: skip
        if rows:
            head = row("property", "required", "value", "what")
            yield "\n".join((head, "|---|---|---|---|", *rows))


def _is_named(schema: Json) -> bool:
    return isinstance(schema, Mapping) and isinstance(schema.get("$ref"), str)
