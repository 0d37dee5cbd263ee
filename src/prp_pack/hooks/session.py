"""What a session is doing: the command of ours that runs in it, kept in `.prp/sessions/`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

from prp_pack.parse.yaml_block import as_mapping
from prp_pack.regex import regex
from prp_pack.repository import STATE, Repository, UnreadableError
from prp_pack.values import asdict, dataclass, field

LOG = f"{STATE}/hook.log"
_NAME = regex(r"[\w-]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Running:
    """A `/generate-prp` that hasn't ended.

    `before` holds the digest of each document when it began, so that whatever the command
    writes is found, also when it was written through a shell. `fewest` is the smallest number
    of open points so far, `stalled` how many rounds in a row brought it no lower. `project` is the
    folder of the project that it works on, from the one that the session began in; it is empty
    where that is the same. `arguments` name files from there.
    """

    command: str
    arguments: str
    prompt: str
    before: Mapping[str, str] = field(default_factory=dict)
    fewest: int | None = None
    stalled: int = 0
    project: str = ""

    def seen(self, path: str) -> str:
        """Return a path of the project as the session sees it."""
        return f"{self.project}/{path}" if self.project else path


def _path(session: str) -> str | None:
    return f"{STATE}/sessions/{session}.json" if _NAME.fullmatch(session) else None


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


def project_of(repository: Repository, running: Running) -> Repository:
    """Return the project that the command works on; in a monorepo it lies below the session's."""
    place = running.project
    below = isinstance(place, str) and place != "" and repository.holds(place)
    return Repository(repository.root / place) if below else repository


def save(repository: Repository, session: str, running: Running) -> None:
    """Keep what runs in the session; raises `UnreadableError` where nothing can be written."""
    path = _path(session)
    if path is None:
        raise UnreadableError(STATE, "has no place for a session without a name")
    repository.prepare_state()
    repository.write(path, json.dumps(asdict(running), indent=1) + "\n")


def end(repository: Repository, session: str) -> None:
    """Forget the session's command."""
    if path := _path(session):
        repository.remove(path)


def record(repository: Repository, line: str) -> None:
    """Add a line to the hooks' log; raises `UnreadableError` where nothing can be written."""
    repository.keep("hook.log", line.replace("\n", " ") + "\n")


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
