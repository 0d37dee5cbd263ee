"""HTTP endpoints as plans, summaries and contracts write them, made comparable."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from prp_pack.project import Project

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")

_WRITTEN = re.compile(rf"^({'|'.join(METHODS)}|WebSocket|WS)\s+(/\S*)$", re.IGNORECASE)
# `{code}`, `<int:code>` and `:code` are one way to leave a place open, and so is `$code`.
_PARAMETER = re.compile(r"\{[^{}\s]{0,100}\}|(?<=/)<[^<>\s/]{1,100}>|(?<=/)[:$]\w{1,100}")


@dataclass(frozen=True, slots=True)
class WrittenEndpoint:
    """An endpoint in words, such as `GET /parcels/{code}`; the method is in capitals."""

    method: str
    path: str


def endpoint_in(words: str) -> WrittenEndpoint | None:
    """Return the endpoint that the words are; None when they say more or something else."""
    match = _WRITTEN.match(" ".join(words.strip("` ").split()))
    return WrittenEndpoint(match[1].upper(), match[2]) if match else None


def template_of(path: str) -> str:
    """Return the path with its parameters' names left out, and without query or last slash."""
    bare = path.partition("?")[0]
    return _PARAMETER.sub("{}", bare).rstrip("/") or "/"


def names_path(text: str, path: str) -> bool:
    """Tell whether the text names this very path, not only a longer one that begins like it."""
    wanted = re.escape(template_of(path))
    shape = rf"(?:(?<![\w}}])|://[^\s/]{{1,100}}){wanted}/?(?![\w/{{-])"
    return re.search(shape, _PARAMETER.sub("{}", text)) is not None


def frozen_contract(project: Project, path: str, number: int | None) -> tuple[str, str] | None:
    """Return path and text of a phase's frozen contract, beside a document or in `PRPs/`."""
    for folder in dict.fromkeys((str(PurePosixPath(path).parent), "PRPs")):
        for name in ("openapi.json", "openapi.yaml", "openapi.yml"):
            contract = f"{folder}/contracts/phase_{number}/{name}"
            text = project.text(contract) if project.exists(contract) else None
            if text is not None:
                return contract, text
    return None
