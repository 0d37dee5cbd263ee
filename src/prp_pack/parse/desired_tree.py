"""A tree of files as people draw it: with branches, indented, or one path a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from prp_pack.regex import regex
from prp_pack.values import dataclass, replace

# Deeper folders and longer names than these are no tree of a project.
MAX_DEPTH = 50
MAX_NAME = 255
MAX_LINE = 4000

_BRANCHES = regex(r"(?:[\s│┃║|├└┣┗╠╰╚─━═]|[+`\\](?=-)|(?<=[-|+`\\├└┣┗╠╰╚─━═])-)*")
_DRAWN = regex(r"[│┃├└┣┗╰]|^\s*(?:\||\+|`|\\)\s?--")
_BULLET = regex(r"[-*+]\s+")
# What ends a name: a comment, an arrow, a remark, a dash.
_REMARK = regex(r"(?<!\s)\s+(?=#|//|<|\(|\[|\{|→|←|->|—|–|-\s|:\s|✅|🆕|⭐|✨)|:\s+(?=\S)|\s*(?=—)")
_COMMENT_MARK = regex(r"^(?:[\s:#—–←→]|//|<-+|->|-(?=\s))+")
_MARKER = regex(
    r"^[\[(*]{0,2}(?P<word>NEW(?: FILE)?|NOVO|CREATED?|CRIAR|ADD(?:ED)?|MODIF(?:Y|IED|ICAR)|"
    r"UPDATED?|EXISTING|KEEP|MANTER|ENHANCED?|EXTEND(?:ED)?|DELETED?|REMOVED?|UNCHANGED|PRESERVED)"
    r"\b[\])*]{0,2}\s*(?:[:–—-]\s*)?",
    re.IGNORECASE,
)
_COUNT = regex(r"^\(\s*\d+ (?:\w+ )?files?\b[^)]*\)")
_SUMMARY = regex(r"^\d+ director(?:y|ies)\b")
_ELLIPSIS = regex(r"^(?:\.{3,}|…|\(?etc\b)")
_PROSE = regex(r"\s")


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One file or folder of a drawn tree.

    `path` has no `/` at its end; `marker` is NEW, MODIFY and the like, upper case; `folded` folders
    are drawn as a count of their files. `drawn_root` is the name of the tree's first folder when
    everything hangs below it: it may be the project's own name.
    """

    path: str
    line: int
    column: int
    folder: bool = False
    responsibility: str = ""
    marker: str = ""
    folded: bool = False
    drawn_root: str = ""

    @property
    def below_root(self) -> str:
        """The path without the drawn root; empty for the root itself."""
        return self.path.removeprefix(self.drawn_root).removeprefix("/")


def parse(content: str, first_line: int) -> tuple[TreeEntry, ...]:
    """Return the entries of a tree in the order of their lines; what isn't an entry is left out."""
    drawn = _DRAWN.search(content) is not None
    entries: list[TreeEntry] = []
    above: list[tuple[int, str, int]] = []
    for line, whole in enumerate(content.split("\n"), start=first_line):
        text = whole[:MAX_LINE]
        branches = _BRANCHES.match(text)
        depth = branches.end() if branches else 0
        bullet = _BULLET.match(text, depth)
        start = bullet.end() if bullet else depth
        said = text[start:].strip()
        if said.startswith("#"):
            # Under an entry, its comment goes on; at the margin, it is a heading.
            if start and entries:
                entries[-1] = _continued(entries[-1], said)
            else:
                above = []
            continue
        if not said or _SUMMARY.match(said) or _ELLIPSIS.match(said):
            continue
        entry = _entry(text, start, line)
        if entry is None or not _belongs(entry, drawn=drawn and bool(start), under=bool(above)):
            continue
        while above and above[-1][0] >= depth:
            above.pop()
        if len(above) >= MAX_DEPTH:
            continue
        if above:
            entries[above[-1][2]] = replace(entries[above[-1][2]], folder=True)
            entry = replace(entry, path=_joined(above[-1][1], entry.path))
        above.append((depth, entry.path, len(entries)))
        entries.append(entry)
    return tuple(_rooted(entries))


def _entry(text: str, start: int, line: int) -> TreeEntry | None:
    said = text[start:].rstrip()
    cut = _REMARK.search(said)
    name, rest = (said[: cut.start()], said[cut.end() :]) if cut else (said, "")
    name = name.strip().removeprefix("**").removesuffix("**").strip("`\"'").rstrip(",")
    if not name or max(map(len, name.split("/"))) > MAX_NAME or name.startswith("://"):
        return None
    folded = _COUNT.match(rest.strip()) is not None
    comment = _COMMENT_MARK.sub("", rest).strip()
    marker = _MARKER.match(comment)
    said_of_it = "" if folded else comment[marker.end() :] if marker else comment
    path = name.removeprefix("./").rstrip("/")
    return TreeEntry(
        path="" if path == "." else path,
        line=line,
        column=start + 1,
        folder=name.endswith("/") or path in ("", "."),
        responsibility=said_of_it.strip(" ()[]"),
        marker=marker["word"].upper() if marker else "",
        folded=folded,
    )


def _belongs(entry: TreeEntry, *, drawn: bool, under: bool) -> bool:
    """Tell whether a line without branches names a file, and isn't a sentence."""
    if drawn:
        return True
    name = entry.path.rpartition("/")[2]
    if _PROSE.search(name):
        return False
    return entry.folder or "/" in entry.path or "." in name or under


def _joined(folder: str, name: str) -> str:
    # Somebody who draws whole paths under a folder doesn't mean the folder twice.
    if not folder or name.startswith(f"{folder}/"):
        return name
    return f"{folder}/{name}" if name else folder


def _continued(entry: TreeEntry, said: str) -> TreeEntry:
    comment = _COMMENT_MARK.sub("", said).strip()
    return replace(entry, responsibility=f"{entry.responsibility} {comment}".strip()[:MAX_LINE])


def _rooted(entries: list[TreeEntry]) -> Iterator[TreeEntry]:
    """Yield the entries with the root that all of them hang below, if there is one."""
    root = entries[0].path if entries and entries[0].folder else ""
    if (
        root
        and "/" not in root
        and all(entry.path == root or entry.path.startswith(f"{root}/") for entry in entries)
    ):
        yield from (replace(entry, drawn_root=root) for entry in entries)
    else:
        yield from entries
