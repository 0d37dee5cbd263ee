"""Files of `PRPs/ai_docs/` that no document names, so that no agent is sent to them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from urllib.parse import unquote

from prp_pack.check import path_forms
from prp_pack.check.engine import Checker
from prp_pack.regex import regex
from prp_pack.repository import Repository, UnreadableError

FOLDER = "PRPs/ai_docs/"

# INITIAL.md and requirements name a file in running text, and leave `PRPs/` out.
_MENTION = regex(r"(?<![\w-])ai_docs/[^\s()\[\]<>\"'`|,;]+")
_LINK = regex(r"\]\(\s*<?([^\s()<>]+)|^ {0,3}\[[^\]\n]+\]:[ \t]*<?([^\s<>]+)", re.MULTILINE)


def orphans(checker: Checker) -> tuple[str, ...]:
    """Return the paths, in order; READMEs, hidden files and what git ignores are none."""
    repository = checker.repository
    kept = sorted(path for path in checker.seen.files if path.startswith(FOLDER))
    left = {path for path in kept if _is_to_be_named(path)}
    for path in (*repository.documents(), *kept) if left else ():
        text = _text(repository, path)
        left -= _named(checker, text, path, left) - {path}
    return tuple(sorted(left))


def _is_to_be_named(path: str) -> bool:
    name = posixpath.basename(path)
    return name != "README.md" and not name.startswith(".")


def _text(repository: Repository, path: str) -> str:
    try:
        return repository.read(path).text
    except UnreadableError:
        # A picture names nothing; a broken document is for the check to report.
        return ""


def _named(checker: Checker, text: str, path: str, wanted: Collection[str]) -> set[str]:
    """Return those of the wanted files that a text names as the document at `path`."""
    folder = posixpath.dirname(path)
    names = {f"PRPs/{match[0]}" for match in _MENTION.finditer(text)}
    names |= {
        posixpath.join(folder, unquote(match[1] or match[2])) for match in _LINK.finditer(text)
    }
    found = {each for name in names for each in _meant(name, wanted)}
    if not path.startswith(FOLDER) and any(hint in text for hint in _hints(wanted)):
        found |= set(_referred(checker, text, path, wanted))
    return found


def _hints(wanted: Collection[str]) -> set[str]:
    """Return the words without one of which no reference leads to a wanted file."""
    # An old name in the folder may be that of a file which git knows to have been renamed.
    return {"ai_docs/", *map(posixpath.basename, wanted)}


def _referred(checker: Checker, text: str, path: str, wanted: Collection[str]) -> Iterator[str]:
    """Yield the wanted files that the references of a document lead to, as its rules see them."""
    paths, hints = checker.target(text, path).paths, _hints(wanted)
    for reference in paths.references:
        # To look for a name that is nowhere asks git.
        if reference.is_file and any(hint in reference.name for hint in hints):
            yield from _meant(paths.resolve(reference.name).path, wanted)


def _meant(name: str, wanted: Collection[str]) -> Iterator[str]:
    """Yield the wanted files that a path from the root means: a file, a folder's, a pattern's.

    Who names all of `PRPs/ai_docs/` sends nobody to a file of it.
    """
    written = name.partition("#")[0]
    # The end of a sentence, or of an emphasis that isn't a pattern.
    bare = written.rstrip(".:!?_*")
    path = posixpath.normpath(written if bare.endswith("/") else bare)
    for each in wanted:
        inside = each.startswith(f"{path}/") and len(path) > len(FOLDER)
        matched = path_forms.is_pattern(path) and path_forms.matches(path, [each])
        if each == path or inside or matched:
            yield each
