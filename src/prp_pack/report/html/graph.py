"""Where the phases of a plan lie in a drawing: in layers, so that each arrow goes forward."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from prp_pack.values import dataclass

# A drawing of more phases than this shows nobody anything.
MOST = 60
_ROUNDS = 4
_HEAD = 7


@dataclass(frozen=True, slots=True)
class Size:
    """Sizes in pixels: of a node, and of the space between nodes and between layers."""

    width: int
    height: int
    between: int
    ahead: int


WIDE = Size(width=204, height=78, between=24, ahead=44)
NARROW = Size(width=152, height=78, between=20, ahead=34)


@dataclass(frozen=True, slots=True)
class Node:
    number: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow from one phase to a later one; `path` is the `d` of an SVG path."""

    before: int
    after: int
    path: str


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    size: Size
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


Depends = Mapping[int, Sequence[int]]
# A phase, or a place that a longer arrow goes through: its ends and its layer.
_Slot = int | tuple[int, int, int]


def draw(depends: Depends, *, across: bool) -> Drawing:
    """Return the phases in layers, from left to right where `across`, else from top to bottom.

    `depends` has the phases that each one waits for; of those only earlier ones are drawn, as a
    cycle has no layers.
    """
    size = WIDE if across else NARROW
    arrows = [(b, a) for a in sorted(depends) for b in dict.fromkeys(depends[a])
              if b in depends and b < a]  # fmt: skip
    depth = _depths(sorted(depends), arrows)
    layers, chains = _slots(depth, arrows)
    _untangle(layers, chains)
    return _placed(layers, chains, size, across=across)


def _depths(numbers: Iterable[int], arrows: Iterable[tuple[int, int]]) -> dict[int, int]:
    depth = dict.fromkeys(numbers, 0)
    for before, after in arrows:
        depth[after] = max(depth[after], depth[before] + 1)
    return depth


def _slots(
    depth: Mapping[int, int], arrows: Iterable[tuple[int, int]]
) -> tuple[list[list[_Slot]], dict[tuple[int, int], list[_Slot]]]:
    """Return each layer's slots, and the slots that each arrow goes through, its ends included."""
    layers: list[list[_Slot]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for number in depth:
        layers[depth[number]].append(number)
    chains: dict[tuple[int, int], list[_Slot]] = {}
    for before, after in arrows:
        between: list[_Slot] = []
        for layer in range(depth[before] + 1, depth[after]):
            slot = (before, after, layer)
            layers[layer].append(slot)
            between.append(slot)
        chains[before, after] = [before, *between, after]
    return layers, chains


def _untangle(layers: list[list[_Slot]], chains: Mapping[tuple[int, int], Sequence[_Slot]]) -> None:
    """Order each layer by where the arrows of its slots come from and go to."""
    came: dict[_Slot, list[_Slot]] = {}
    goes: dict[_Slot, list[_Slot]] = {}
    for chain in chains.values():
        for before, after in pairwise(chain):
            came.setdefault(after, []).append(before)
            goes.setdefault(before, []).append(after)
    for turn in range(_ROUNDS):
        sides = (came, layers) if turn % 2 == 0 else (goes, layers[::-1])
        for layer in sides[1]:
            _order(layer, sides[0], layers)


def _order(
    layer: list[_Slot], side: Mapping[_Slot, Sequence[_Slot]], layers: Sequence[Sequence[_Slot]]
) -> None:
    place = {slot: i - len(each) / 2 for each in layers for i, slot in enumerate(each)}

    def middle(slot: _Slot) -> float:
        ends = side.get(slot, ())
        return sum(place[end] for end in ends) / len(ends) if ends else place[slot]

    layer.sort(key=middle)


def _placed(
    layers: Sequence[Sequence[_Slot]],
    chains: Mapping[tuple[int, int], Sequence[_Slot]],
    size: Size,
    *,
    across: bool,
) -> Drawing:
    along = size.width if across else size.height
    beside = size.height if across else size.width
    most = max(map(len, layers), default=0)
    length = len(layers) * (along + size.ahead) - size.ahead
    breadth = most * (beside + size.between) - size.between
    at: dict[_Slot, tuple[int, int]] = {}
    for index, layer in enumerate(layers):
        first = (breadth - len(layer) * (beside + size.between) + size.between) // 2
        for place, slot in enumerate(layer):
            main, cross = index * (along + size.ahead), first + place * (beside + size.between)
            at[slot] = (main, cross) if across else (cross, main)
    nodes = tuple(
        Node(slot, *at[slot]) for layer in layers for slot in layer if isinstance(slot, int)
    )
    edges = tuple(
        Edge(*ends, " ".join(_line([at[slot] for slot in chain], size, across=across)))
        for ends, chain in chains.items()
    )
    width, height = (length, breadth) if across else (breadth, length)
    return Drawing(max(width, 0), max(height, 0), size, nodes, edges)


def _line(places: Sequence[tuple[int, int]], size: Size, *, across: bool) -> Iterator[str]:
    """Yield the parts of an arrow: a curve between two layers, straight through one."""
    w, h = size.width, size.height

    def side(place: tuple[int, int], *, far: bool) -> tuple[int, int]:
        x, y = place
        return (x + w * far, y + h // 2) if across else (x + w // 2, y + h * far)

    x, y = side(places[0], far=True)
    yield f"M{x} {y}"
    for index, place in enumerate(places[1:], start=1):
        last = index == len(places) - 1
        to_x, to_y = side(place, far=False)
        # The head of the arrow takes the last pixels.
        to_x, to_y = to_x - _HEAD * (last and across), to_y - _HEAD * (last and not across)
        if across:
            half = (to_x - x) // 2
            yield f"C{x + half} {y} {to_x - half} {to_y} {to_x} {to_y}"
        else:
            half = (to_y - y) // 2
            yield f"C{x} {y + half} {to_x} {to_y - half} {to_x} {to_y}"
        if not last:
            x, y = side(place, far=True)
            yield f"L{x} {y}"
