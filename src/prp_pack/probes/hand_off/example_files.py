"""The files of an example: a Python program over the standard library alone, and one for curl.

Both take `BASE_URL` from the environment, and so what the configured headers and earlier answers
hold: none of that stands in a file.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pprint import pformat
from urllib.parse import quote

from prp_pack.parse.contract import Json
from prp_pack.probes.hand_off.calls import VARIABLE, Call
from prp_pack.probes.openapi.operations import FORM

MARK = "create_integration_examples"
_NAME = re.compile(r"\W+")
_WIDTH = 88


def environment_name(name: str) -> str:
    """Return the variable of a header or a saved value."""
    return f"EXAMPLE_{_NAME.sub('_', name).strip('_').upper()}"


@dataclass(frozen=True, slots=True)
class Example:
    """A call for the reader of phase `target`; `headers` are the names of the configured ones."""

    call: Call
    phase: int
    target: int
    headers: Sequence[str] = ()

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the environment beside `BASE_URL`."""
        return tuple(environment_name(name) for name in (*self.headers, *self.call.variables))

    @property
    def accepts(self) -> str:
        reply = self.call.operation.success
        kinds = [each.kind for each in reply.contents] if reply else []
        return ", ".join(kinds) or "*/*"


# --- Python ---------------------------------------------------------------------------------


_SENDING = """\
try:
    answer = urlopen(request, timeout=30)
except HTTPError as error:
    answer = error
with answer:
    print(answer.status, answer.headers.get("content-type", ""), flush=True)
    sys.stdout.buffer.write(answer.read())
"""


def python_text(example: Example) -> str:
    """Return the program; it prints status and media type on a line, then the body."""
    call = example.call
    needs = "".join(f"\n{name} must be set." for name in example.variables)
    lines = [f'"""{_title(example)}', "", f"Written, and run, by {MARK} of prp.{needs}", "",
             f"    BASE_URL=http://127.0.0.1:8000 python {call.stem}.py", '"""', ""]  # fmt: skip
    imports = ["import os", "import sys"]
    if call.has_body and call.kind != FORM and not isinstance(call.body, str):
        imports.insert(0, "import json")
    lines += [*imports, "from urllib.error import HTTPError"]
    used = [name for name in ("quote", "urlencode") if _uses(call, name)]
    lines += [f"from urllib.parse import {', '.join(used)}"] if used else []
    lines += ["from urllib.request import Request, urlopen", ""]
    lines += [
        "request = Request(",
        f"    {_url_in_python(call)},",
        f'    method="{call.operation.method}",',
    ]
    lines += ["    headers={", f'        "accept": {_python(example.accepts)},']
    lines += [f'        "content-type": {_python(call.kind)},'] if call.has_body else []
    lines += [f"        {_python(k)}: {_python(v)}," for k, v in call.headers.items()]
    lines += [f"        {_python(k)}: {_environment(k)}," for k in example.headers]
    lines += ["    },"]
    lines += [f"    data={_data_in_python(call)},"] if call.has_body else []
    return "\n".join([*lines, ")", _SENDING])


def _title(example: Example) -> str:
    call = example.call
    what = (call.operation.summary or call.operation.description).split("\n", 1)[0].rstrip(". ")
    said = f"{call.operation.name}{f': {what}' if what else ''}. Phase {example.phase}, for phase "
    return _plain(f"{said}{example.target}.")


def _plain(text: str) -> str:
    """Return a text that ends neither a docstring nor a comment."""
    shown = "".join(c for c in " ".join(text.split()) if c.isprintable())
    return shown.replace("\\", "/").replace('"', "'")


def _uses(call: Call, name: str) -> bool:
    if name == "quote":
        return bool(VARIABLE.search(call.path))
    return bool(call.query) or (
        call.has_body and call.kind == FORM and isinstance(call.body, Mapping)
    )


def _environment(name: str) -> str:
    return f'os.environ["{environment_name(name)}"]'


def _url_in_python(call: Call) -> str:
    parts = ['os.environ["BASE_URL"]']
    pieces = VARIABLE.split(call.path)
    for at, piece in enumerate(pieces):
        if at % 2:
            parts.append(f'quote({_environment(piece)}, safe="")')
        elif piece:
            parts.append(_python(piece))
    if call.query:
        parts += ['"?"', f"urlencode({_python(list(call.pairs))})"]
    return " + ".join(parts)


def _data_in_python(call: Call) -> str:
    if isinstance(call.body, str):
        return f"{_python(call.body)}.encode()"
    if call.kind == FORM:
        return f"urlencode({_python(call.body)}).encode()"
    return f"json.dumps({_python(call.body)}).encode()"


def _python(value: Json) -> str:
    """Return a value as Python writes it, its variables taken from the environment."""
    text = pformat(_expressed(value), width=_WIDTH, sort_dicts=False)
    return text.replace("\n", "\n        ")


@dataclass(frozen=True, slots=True)
class _Expression:
    text: str

    def __repr__(self) -> str:
        return self.text


def _expressed(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {_expressed(key): _expressed(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_expressed(each) for each in value)
    if not isinstance(value, str):
        return value
    pieces = enumerate(VARIABLE.split(value))
    # Both languages write a text alike, but for half a character.
    parts = [_environment(e) if at % 2 else json.dumps(e, ensure_ascii=False) for at, e in pieces
             if e]  # fmt: skip
    return _Expression(" + ".join(parts) or '""')


# --- curl -----------------------------------------------------------------------------------


def curl_text(example: Example) -> str:
    """Return the script; it prints the body, then status and media type on a line of their own."""
    call = example.call
    words = ["curl --silent --show-error --globoff --max-time 30"]
    method = call.operation.method
    words += ["--head"] if method == "HEAD" else [f"--request {method}"]
    words += [f"--header {_shell(f'accept: {example.accepts}')}"]
    words += [f"--header {_shell(f'content-type: {call.kind}')}"] if call.has_body else []
    words += [f"--header {_shell(f'{name}: {value}')}" for name, value in call.headers.items()]
    words += [f"--header {shlex.quote(f'{name}: ')}{_variable(name)}" for name in example.headers]
    words += [f"--data-raw {_shell(_data_in_shell(call))}"] if call.has_body else []
    words += ["--write-out '\\n%{http_code} %{content_type}\\n'", _url_in_shell(call)]
    needs = "".join(f" {name} must be set." for name in example.variables)
    about = (_title(example), f"Written, and run, by {MARK} of prp.{needs}",
             f"    BASE_URL=http://127.0.0.1:8000 sh {call.stem}.sh")  # fmt: skip
    lines = ["#!/bin/sh", *(f"# {line}" for line in about), " \\\n  ".join(words)]
    return "\n".join(lines) + "\n"


def _url_in_shell(call: Call) -> str:
    query = "&".join(f"{quote(name, safe='')}={_encoded(value)}" for name, value in call.pairs)
    url = f"{call.path}?{query}" if query else call.path
    return f'"${{BASE_URL:?}}"{_shell(url)}'


def _data_in_shell(call: Call) -> str:
    if isinstance(call.body, str):
        return call.body
    if call.kind == FORM:
        return "&".join(f"{quote(name, safe='')}={_encoded(v)}" for name, v in call.body.items())
    return json.dumps(call.body, ensure_ascii=False)


def _encoded(value: Json) -> str:
    pieces = enumerate(VARIABLE.split(str(value)))
    return "".join(f"{{{{{each}}}}}" if at % 2 else quote(each, safe="") for at, each in pieces)


def _shell(text: str) -> str:
    """Return a text as one word of a shell, its variables taken from the environment."""
    pieces = enumerate(VARIABLE.split(text))
    words = (_variable(e) if at % 2 else shlex.quote(e) for at, e in pieces if e)
    return "".join(words) or "''"


def _variable(name: str) -> str:
    return f'"${{{environment_name(name)}:?}}"'


# --- The page -------------------------------------------------------------------------------


_INDEX = """\
# Phase {phase} API: examples for phase {target}

<!-- Drawn by {mark}; what is changed here is drawn over. -->

Each was run on the service, in this order. `BASE_URL` says where that is; what else an example
needs stands at its top. In the answers, what differs each time is a word, such as `<uuid>`.

| operation | Python | curl | answer |
|---|---|---|---|"""


def index_text(phase: int, target: int, examples: Sequence[Example]) -> str:
    """Return the page that lists the examples."""
    lines = [_INDEX.format(phase=phase, target=target, mark=MARK)]
    for example in examples:
        stem = example.call.stem
        name = example.call.operation.name.replace("|", "\\|")
        lines.append(
            f"| `{name}` | [{stem}.py]({stem}.py) | [{stem}.sh]({stem}.sh) |"
            f" [{stem}.answer.json]({stem}.answer.json) |"
        )
    return "\n".join(lines) + "\n"
