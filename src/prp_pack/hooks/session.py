"""What a session is doing: the command of ours that runs in it, kept in `.prp/sessions/`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from prp_pack.parse.yaml_block import as_mapping
from prp_pack.repository import OWN_FOLDER as FOLDER
from prp_pack.repository import Repository, UnreadableError

LOG = f"{FOLDER}/hook.log"
_NAME = re.compile(r"[\w-]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Running:
    """A `/generate-prp` that hasn't ended.

    `before` holds the digest of each document when it began, so that whatever the command
    writes is found, also when it was written through a shell. `fewest` is the smallest number
    of open points so far, `stalled` how many rounds in a row brought it no lower.
    """

    command: str
    arguments: str
    prompt: str
    before: Mapping[str, str] = field(default_factory=dict)
    fewest: int | None = None
    stalled: int = 0


def _path(session: str) -> str | None:
    return f"{FOLDER}/sessions/{session}.json" if _NAME.fullmatch(session) else None


def load(repository: Repository, session: str) -> Running | None:
    """Return what runs in the session; None when nothing does or the file says nothing usable."""
    path = _path(session)
    source = repository.read_if_there(path) if path else None
    if source is None:
        return None
    try:
        fields = as_mapping(json.loads(source.text))
    except ValueError:
        return None
    known = {key: fields[key] for key in Running.__slots__ if key in fields}
    try:
        return Running(**known)  # type: ignore[arg-type]
    except TypeError:
        return None


def save(repository: Repository, session: str, running: Running) -> None:
    """Keep what runs in the session; raises `UnreadableError` where nothing can be written."""
    path = _path(session)
    if path is None:
        raise UnreadableError(FOLDER, "has no place for a session without a name")
    repository.prepare_own_folder()
    repository.write(path, json.dumps(asdict(running), indent=1) + "\n")


def end(repository: Repository, session: str) -> None:
    """Forget the session's command."""
    if path := _path(session):
        (repository.root / path).unlink(missing_ok=True)


def record(repository: Repository, line: str) -> None:
    """Add a line to the hooks' log; raises `UnreadableError` where nothing can be written."""
    repository.prepare_own_folder()
    try:
        with (repository.root / LOG).open("a", encoding="utf-8") as log:
            log.write(line.replace("\n", " ") + "\n")
    except OSError as error:
        raise UnreadableError(LOG, f"cannot be written: {error.strerror}") from None


def snapshot(repository: Repository) -> dict[str, str]:
    """Return the digest of each document under `PRPs/`; one that can't be read has its reason."""
    found = {}
    for path in repository.documents():
        try:
            raw = repository.read(path).raw
        except UnreadableError as error:
            found[path] = error.reason
        else:
            found[path] = hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return found
