"""What a rewritten document would no longer say. Nothing that loses a word is ever written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from prp_pack.migration.rewriting import Renamed
from prp_pack.model import Document
from prp_pack.regex import regex

_WORD = regex(r"\w+")


def losses(before: Document, after: Document, renamed: Iterable[Renamed]) -> Iterator[str]:
    """Yield what is missing in `after`, beside the words of titles that gave way to others.

    Words count as often as they stand there; a fence counts with its whole content.
    """
    missing = _said(before) - _said(after)
    for one in renamed:
        missing -= Counter(_WORD.findall(one.old))
    yield from (f"the word “{word}”" for word in missing)
    for info, content in _fences(before) - _fences(after):
        first = content.partition("\n")[0]
        yield f"a code fence “{info}” that begins with “{first}”"


def _fences(document: Document) -> Counter[tuple[str, str]]:
    return Counter((fence.info, fence.content) for fence in document.outline.fences)


def _said(document: Document) -> Counter[str]:
    """Count the words; those of front matter are its values', whatever quotes they stand in."""
    front = document.front_matter
    start = front.end if front.present and not front.problems else 1
    words = Counter(_WORD.findall("\n".join(document.lines[start - 1 :])))
    if start > 1:
        for text in _texts(front.values):
            words.update(_WORD.findall(text))
    return words


def _texts(value: object) -> Iterator[str]:
    # Nesting has a limit, which the reader of YAML keeps.
    if isinstance(value, dict):
        for key, inner in value.items():
            texts = list(_texts(inner))
            # A key that says nothing may go.
            yield from (str(key), *texts) if any(texts) else ()
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif value is not None:
        yield str(value)
