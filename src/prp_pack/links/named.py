"""The addresses that PRPs name, each with all the places that name it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlsplit, urlunsplit

from prp_pack.check.addresses import addresses, wrong
from prp_pack.check.engine import Checker
from prp_pack.model import Kind
from prp_pack.repository import UnreadableError
from prp_pack.values import dataclass, field


@dataclass(frozen=True, slots=True)
class Mention:
    """Where a document names an address; prints as `PRPs/x.md:3:8`."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Named:
    """What some documents name; `documents` counts the PRPs among them."""

    documents: int = 0
    mentions: Mapping[str, tuple[Mention, ...]] = field(default_factory=dict)
    unreadable: tuple[UnreadableError, ...] = ()

    def joined(self, other: Named) -> Named:
        """Return what both name."""
        places = dict(self.mentions)
        for address, mentions in other.mentions.items():
            places[address] = (*places.get(address, ()), *mentions)
        unreadable = (*self.unreadable, *other.unreadable)
        return Named(self.documents + other.documents, places, unreadable)


def named_in(checker: Checker, files: Iterable[str], shown: Callable[[str], str]) -> Named:
    """Return the well-formed addresses of the PRPs among some files, in the order of the files.

    `shown` gives a path as it is told. What is to be filled in or malformed is for the check to
    report.
    """
    found: dict[str, tuple[Mention, ...]] = {}
    unreadable: list[UnreadableError] = []
    documents = 0
    for path in files:
        try:
            target = checker.target(checker.repository.read(path).text, path)
        except UnreadableError as error:
            told = UnreadableError(shown(error.path), error.reason, error.line, error.help)
            unreadable.append(told)
            continue
        if target.document.kind is not Kind.PRP:
            continue
        documents += 1
        for reference in addresses(target):
            if not wrong(reference.name):
                address = bare(reference.name)
                mention = Mention(shown(path), reference.line, reference.column)
                found[address] = (*found.get(address, ()), mention)
    return Named(documents, found, tuple(unreadable))


def bare(url: str) -> str:
    """Return an address as it is asked for: without fragment, and without user and password."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    return urlunsplit((parts.scheme, host, parts.path or "/", parts.query, ""))
