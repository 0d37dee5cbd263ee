"""Merging Markdown by section: who changed which section, who added, moved or removed one.

Two people who work on different sections never conflict, wherever in the file those lie.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from prp_pack import markdown
from prp_pack.install.merged import Lines, Merged

PREAMBLE = "the lines before the first heading"


class Piece(NamedTuple):
    """A section without its subsections; `gap` is the blank end of it."""

    path: tuple[str, ...]
    title: str
    level: int
    text: str
    gap: str

    @property
    def body(self) -> str:
        return self.text.partition("\n")[2]


class Place(NamedTuple):
    """A section's index in each of the three texts, None where the text hasn't got it."""

    base: int | None
    mine: int | None
    new: int | None


class Kept(NamedTuple):
    """What becomes of a section, and what it would be if our side won; None for nothing."""

    text: str | None
    theirs: str | None
    conflict: bool = False


def merge(base: str, mine: str, new: str, lines: Lines) -> Merged:
    """Return `mine` with what changed from `base` to `new`; all have LF newlines."""
    texts = Pieces(_pieces(base), _pieces(mine), _pieces(new))
    chosen = [(place, _chosen(place, texts, lines)) for place in _places(texts)]
    titles = tuple(texts.any_of(place).title for place, kept in chosen if kept.conflict)
    text = _joined([(p, k.text) for p, k in chosen if k.text is not None], texts)
    theirs = _joined([(p, k.theirs) for p, k in chosen if k.theirs is not None], texts)
    return Merged(text, theirs if titles else "", titles)


class Pieces(NamedTuple):
    base: Sequence[Piece]
    mine: Sequence[Piece]
    new: Sequence[Piece]

    def any_of(self, place: Place) -> Piece:
        """Return the section as the first of mine, new and base has it."""
        if place.mine is not None:
            return self.mine[place.mine]
        return self.base[place.base or 0] if place.new is None else self.new[place.new]


def _pieces(text: str) -> list[Piece]:
    # As Markdown counts lines; `splitlines` knows more line ends.
    rows = [f"{row}\n" for row in text.split("\n")]
    rows[-1] = rows[-1][:-1]
    sections = markdown.outline(text).sections
    starts = [0, *(section.line - 1 for section in sections), len(rows)]
    heads = [((), PREAMBLE, 0), *((s.path, s.title, s.level) for s in sections)]
    found = []
    for (path, title, level), (start, end) in zip(heads, pairwise(starts), strict=True):
        whole = "".join(rows[start:end])
        bare = whole.rstrip("\n")
        found.append(Piece(path, title, level, bare, whole[len(bare) :]))
    return found


# --- Which section is which ----------------------------------------------------------------------

Key = Callable[[Piece], Hashable]
# A section is known by its path; where that was changed, by what else it alone has.
_KEYS: tuple[Key, ...] = (
    lambda piece: piece.path,
    lambda piece: piece.text,
    lambda piece: markdown.normalise(piece.title),
    lambda piece: piece.body or None,
)


def _paired(one: Sequence[Piece], other: Sequence[Piece]) -> dict[int, int]:
    """Return index in `one` to index in `other` for the sections that are the same."""
    found: dict[int, int] = {}
    for key in _KEYS:
        left = _by_key(one, {*found}, key)
        right = _by_key(other, {*found.values()}, key)
        found |= {
            left[name][0]: right[name][0]
            for name in left
            if name is not None and len(left[name]) == len(right.get(name, ())) == 1
        }
    left, right = _by_key(one, {*found}, _KEYS[0]), _by_key(other, {*found.values()}, _KEYS[0])
    for name, indexes in left.items():
        found |= dict(zip(indexes, right.get(name, ()), strict=False))
    return found


def _by_key(pieces: Sequence[Piece], without: set[int], key: Key) -> dict[Hashable, list[int]]:
    found: dict[Hashable, list[int]] = defaultdict(list)
    for index, piece in enumerate(pieces):
        if index not in without:
            found[key(piece)].append(index)
    return found


def _places(texts: Pieces) -> list[Place]:
    """Return every section of the three texts once, in the order of the result."""
    mine, new = _paired(texts.base, texts.mine), _paired(texts.base, texts.new)
    places = [Place(index, mine.get(index), new.get(index)) for index in range(len(texts.base))]
    added = [i for i in range(len(texts.mine)) if i not in {*mine.values()}]
    ours = [i for i in range(len(texts.new)) if i not in {*new.values()}]
    both = _paired([texts.mine[i] for i in added], [texts.new[i] for i in ours])
    places += [Place(None, a, ours[both[n]] if n in both else None) for n, a in enumerate(added)]
    places += [Place(None, None, i) for n, i in enumerate(ours) if n not in {*both.values()}]
    in_mine = sorted((p for p in places if p.mine is not None), key=lambda p: p.mine or 0)
    in_new = sorted((p for p in places if p.new is not None), key=lambda p: p.new or 0)
    common = [p.base for p in in_mine if p.base is not None and p.new is not None]
    if common == sorted(common):
        # Nothing was moved by the user, so ours decides on the order.
        return _woven(in_new, in_mine, texts)
    return _woven(in_mine, in_new, texts)


def _woven(order: Sequence[Place], others: Sequence[Place], texts: Pieces) -> list[Place]:
    """Return `order` with what only `others` has, each behind the one that it follows there."""
    woven = list(order)
    for index, place in enumerate(others):
        if place in woven:
            continue
        at = woven.index(others[index - 1]) + 1 if index else 0
        level = texts.any_of(place).level
        # Subsections stay with their section.
        while at < len(woven) and texts.any_of(woven[at]).level > level:
            at += 1
        woven.insert(at, place)
    return woven


# --- What becomes of it --------------------------------------------------------------------------


def _chosen(place: Place, texts: Pieces, lines: Lines) -> Kept:
    base = None if place.base is None else texts.base[place.base].text
    mine = None if place.mine is None else texts.mine[place.mine].text
    new = None if place.new is None else texts.new[place.new].text
    if mine is None:
        # What the user took out stays out, also when ours has changed.
        kept = new if base is None else None
        return Kept(kept, kept)
    if mine == base:
        return Kept(new, new)
    if new in (base, mine):
        return Kept(mine, mine)
    together = lines(base, mine, new) if base is not None and new is not None else None
    return Kept(mine, new, conflict=True) if together is None else Kept(together, together)


def _joined(chosen: Sequence[tuple[Place, str]], texts: Pieces) -> str:
    return "".join(_spaced(chosen, texts))


def _spaced(chosen: Sequence[tuple[Place, str]], texts: Pieces) -> Iterator[str]:
    for index, (place, text) in enumerate(chosen):
        yield text
        was_last = place.mine == len(texts.mine) - 1 or (
            place.mine is None and place.new == len(texts.new) - 1
        )
        if index == len(chosen) - 1:
            yield texts.mine[-1].gap
        elif was_last and text:
            yield "\n\n"
        else:
            yield texts.any_of(place).gap
