"""The single numbers of a run, kept beside its result: what its pictures are drawn from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from prp_pack.evidence.record import Artefact
from prp_pack.probes.filing import redacted
from prp_pack.probes.probe import Run
from prp_pack.repository import Repository, UnreadableError

KIND = "samples"
_FILE = "samples.json"
_MAX_BYTES = 256 * 1024 * 1024


def keep(run: Run, plain: Mapping[str, object]) -> Artefact:
    """Write what a script measured, as JSON has it, and return the artefact that names it."""
    text = json.dumps(_clean(run, plain), separators=(",", ":")) + "\n"
    path = f"{run.folder}/{_FILE}"
    run.repository.write(path, text)
    return Artefact(path, hashlib.sha256(text.encode()).hexdigest(), KIND)


def _clean(run: Run, value: object) -> object:
    """Return the same without the secrets of the environment."""
    if isinstance(value, str):
        # Most texts are the keys of counts.
        is_number = value.replace(".", "", 1).isdecimal()
        return value if is_number else redacted(value, run.environment)
    if isinstance(value, Mapping):
        return {_clean(run, key): _clean(run, each) for key, each in value.items()}
    if isinstance(value, list):
        return [_clean(run, each) for each in value]
    return value


def kept(repository: Repository, artefacts: Sequence[Artefact]) -> Mapping[str, Any] | None:
    """Return what `keep` wrote, None where nothing was kept; raises `UnreadableError`.

    A file that isn't the one that was named is not read.
    """
    named = next((each for each in artefacts if each.kind == KIND), None)
    if named is None:
        return None
    content = repository.content(named.path, _MAX_BYTES)
    if hashlib.sha256(content).hexdigest() != named.sha256:
        raise UnreadableError(named.path, "is not what the run has left")
    loaded: Mapping[str, Any] = json.loads(content)
    return loaded
