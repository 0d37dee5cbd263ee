"""The part of `PRPs/prp.toml` that a run depends on, and its digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from prp_pack.repository import Repository, UnreadableError

PATH = "PRPs/prp.toml"
# Read by the validation scripts, each by its own reader; of `[contracts]` the check reads the
# places. The other tables are of the check alone, and change nothing of what a command does.
OF_SCRIPTS = ("service", "contracts", "websocket", "database", "performance", "load", "memory",
              "faults", "compose", "examples")  # fmt: skip


def digest(repository: Repository, path: str = PATH) -> str:
    """Return the digest of the scripts' tables; raises `UnreadableError` for a broken file."""
    source = repository.read_if_there(path)
    document = _document(source.text, path) if source else {}
    tables = {name: document[name] for name in OF_SCRIPTS if name in document}
    return hashlib.sha256(json.dumps(tables, sort_keys=True, default=str).encode()).hexdigest()


def _document(text: str, path: str) -> Mapping[str, object]:
    import tomllib  # noqa: PLC0415 - most projects have no such file

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(path, f"is not valid TOML: {error}") from None
