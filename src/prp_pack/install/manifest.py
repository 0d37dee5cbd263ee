"""The record of what was installed: digests, and the texts themselves as bases for merging.

Digests are of the text with LF newlines and no BOM, so that a checkout with CRLF is still ours.
Why the texts are kept, and why in this file, is in docs/adr/0018-upgrades-by-merging.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping

from prp_pack import __version__
from prp_pack.repository import MAX_BYTES, Repository, UnreadableError
from prp_pack.values import dataclass, field

MANIFEST = ".claude/prp-manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was installed: `files` from path to digest, `texts` from digest to the packed text.

    `hooks` is the digest of the registrations that were merged into the settings, empty where
    none are known; their text is among `texts` too.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    hooks: str = ""
    is_there: bool = False

    def text_of(self, digest: str) -> str | None:
        """Return the text with a digest; None when it isn't kept, or isn't that text."""
        return _unpacked(self.texts.get(digest, ""), digest)

    def followed_by(self, files: Mapping[str, str], hooks: str, texts: Iterable[str]) -> Manifest:
        """Return a manifest of these files, with the texts of all of them that are known.

        `hooks` are the registrations as JSON; `texts` are those known beside the kept ones.
        """
        wanted = {*files.values(), digest(hooks)}
        # What is packed already stays: another version of the library packs differently.
        kept = {d: p for d, p in self.texts.items() if d in wanted and _unpacked(p, d) is not None}
        for text in (*texts, hooks):
            if (name := digest(text)) in wanted and name not in kept:
                kept[name] = _packed(text)
        return Manifest(files, kept, digest(hooks), is_there=True)

    def to_json(self) -> str:
        document = {
            "version": 1,
            "pack": __version__,
            "files": dict(sorted(self.files.items())),
            "hooks": self.hooks,
            "texts": dict(sorted(self.texts.items())),
        }
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def load(repository: Repository) -> Manifest:
    """Return the project's manifest; raises `UnreadableError` for one that isn't ours."""
    source = repository.read_if_there(MANIFEST)
    if source is None:
        return Manifest()
    remedy = "delete it and run `prp init` again: files that equal ours are recognised"
    try:
        document = json.loads(source.text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(MANIFEST, f"is not valid JSON: {error}", help=remedy) from None
    files = document.get("files") if isinstance(document, dict) else None
    if not isinstance(files, dict) or document.get("version") != 1:
        raise UnreadableError(MANIFEST, "is not a manifest of version 1", help=remedy)
    hooks = document.get("hooks")
    return Manifest(
        files=_texts(files),
        texts=_texts(document.get("texts")),
        hooks=hooks if isinstance(hooks, str) else "",
        is_there=True,
    )


def digest(text: str) -> str:
    normalised = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return hashlib.sha256(normalised.encode("utf-8", "surrogatepass")).hexdigest()


def _texts(values: object) -> dict[str, str]:
    pairs = values.items() if isinstance(values, dict) else ()
    return {key: value for key, value in pairs if isinstance(value, str)}


def _packed(text: str) -> str:
    normalised = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return base64.b64encode(zlib.compress(normalised.encode(), 9)).decode("ascii")


def _unpacked(packed: str, expected: str) -> str | None:
    try:
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(base64.b64decode(packed, validate=True), MAX_BYTES)
        text = content.decode("utf-8")
    except (binascii.Error, zlib.error, ValueError):
        return None
    return text if digest(text) == expected else None
