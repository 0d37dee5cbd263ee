"""Our dataclasses against the library's, which type checkers take them for."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import types
from collections.abc import Callable
from functools import cached_property
from typing import Any

import pytest

from prp_pack import values

OURS, THEIRS = values, dataclasses
Made = dict[str, type[Any]]


def made(library: types.ModuleType) -> Made:
    """Return the same classes as one of the libraries makes them."""
    dataclass, field = library.dataclass, library.field

    @dataclass(frozen=True, slots=True)
    class Pair:
        """Two things."""

        one: int
        other: str = "x"

        @property
        def both(self) -> str:
            return f"{self.one}{self.other}"

    @dataclass(frozen=True, slots=True)
    class Single:
        one: object

    @dataclass(frozen=True, slots=True)
    class Nothing: ...

    @dataclass(frozen=True)
    class Cached:
        one: int
        many: dict[str, int] = field(default_factory=dict)
        last: int = 7

        @cached_property
        def doubled(self) -> int:
            return 2 * self.one

    @dataclass(slots=True)
    class Open:
        one: int
        many: list[int] = field(default_factory=list)

    @dataclass
    class Bare:
        one: int = 3

    return {c.__name__: c for c in (Pair, Single, Nothing, Cached, Open, Bare)}


@pytest.fixture(params=[OURS, THEIRS], ids=["ours", "theirs"])
def library(request: pytest.FixtureRequest) -> types.ModuleType:
    module: types.ModuleType = request.param
    return module


@pytest.fixture
def classes(library: types.ModuleType) -> Made:
    return made(library)


def test_fields_come_by_position_and_by_name_with_defaults(classes: Made) -> None:
    pair = classes["Pair"]
    assert (pair(1).one, pair(1).other, pair(other="y", one=2).both) == (1, "x", "2y")
    assert classes["Cached"](1).last == 7
    assert classes["Bare"]().one == 3


@pytest.mark.parametrize(
    "call",
    [
        lambda pair: pair(),
        lambda pair: pair(1, "y", 2),
        lambda pair: pair(1, one=2),
        lambda pair: pair(1, third=3),
    ],
)
def test_wrong_arguments_are_refused(classes: Made, call: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError):
        call(classes["Pair"])


def test_a_factory_makes_a_new_value_each_time(classes: Made) -> None:
    first, second = classes["Open"](1), classes["Open"](1)
    first.many.append(1)
    assert second.many == []
    assert classes["Cached"](1).many == {}
    assert not hasattr(classes["Cached"], "many")


def test_equality_goes_by_class_and_fields(library: types.ModuleType, classes: Made) -> None:
    pair, other = classes["Pair"], made(library)["Pair"]
    assert pair(1) == pair(1, "x")
    assert pair(1) != pair(2)
    assert pair(1) != other(1)
    assert pair(1) != (1, "x")
    assert classes["Nothing"]() == classes["Nothing"]()
    assert classes["Open"](1) == classes["Open"](1)
    nan = float("nan")
    assert classes["Single"](nan) == classes["Single"](nan)


def test_frozen_values_have_a_hash_and_others_have_none(classes: Made) -> None:
    for name, arguments in (("Pair", (1,)), ("Single", (1,)), ("Nothing", ())):
        cls = classes[name]
        assert hash(cls(*arguments)) == hash(cls(*arguments))
        assert len({cls(*arguments), cls(*arguments)}) == 1
    with pytest.raises(TypeError):
        hash(classes["Open"](1))
    with pytest.raises(TypeError):
        hash(classes["Single"]([]))


@pytest.mark.parametrize("name", ["Pair", "Cached"])
def test_frozen_values_cannot_be_changed(classes: Made, name: str) -> None:
    value = classes[name](1)
    with pytest.raises(AttributeError):
        value.one = 2
    with pytest.raises(AttributeError):
        del value.one
    assert value.one == 1


def test_others_can_be_changed(classes: Made) -> None:
    for name in ("Open", "Bare"):
        value = classes[name](1)
        value.one = 2
        assert value.one == 2


def test_slots_leave_no_room_for_more(classes: Made) -> None:
    assert not hasattr(classes["Pair"](1), "__dict__")
    with pytest.raises(AttributeError):
        classes["Open"](1).more = 2


def test_what_is_computed_once_is_kept(classes: Made) -> None:
    value = classes["Cached"](4)
    assert value.doubled == 8
    assert "doubled" in vars(value)


def test_replacing_makes_a_new_value(library: types.ModuleType, classes: Made) -> None:
    pair = classes["Pair"](1, "y")
    assert library.replace(pair, one=5) == classes["Pair"](5, "y")
    assert pair.one == 1
    with pytest.raises(TypeError):
        library.replace(pair, third=1)
    cached = classes["Cached"](1, {"a": 1})
    assert cached.doubled == 2
    assert library.replace(cached, one=2).doubled == 4


def test_a_value_prints_its_fields(classes: Made) -> None:
    assert repr(classes["Pair"](1)).endswith("Pair(one=1, other='x')")
    assert repr(classes["Nothing"]()).endswith("Nothing()")


def test_fields_become_a_dictionary(library: types.ModuleType, classes: Made) -> None:
    single, pair = classes["Single"], classes["Pair"]
    value = single((pair(1), [pair(2)], {"a": pair(3)}))
    assert library.asdict(value) == {
        "one": (
            {"one": 1, "other": "x"},
            [{"one": 2, "other": "x"}],
            {"a": {"one": 3, "other": "x"}},
        )
    }


def test_a_pattern_takes_a_value_apart(classes: Made) -> None:
    pair = classes["Pair"]
    match pair(1, "y"):
        case pair(one, other=other):
            assert (one, other) == (1, "y")


def test_a_class_keeps_its_name_and_words(classes: Made) -> None:
    pair = classes["Pair"]
    assert (pair.__name__, pair.__doc__, pair.__module__) == ("Pair", "Two things.", __name__)


@values.dataclass(frozen=True, slots=True)
class Sent:
    one: int
    other: str = "x"


@values.dataclass(frozen=True)
class Kept:
    one: int


@pytest.mark.parametrize("value", [Sent(1), Sent(2, "y"), Kept(3)])
def test_a_value_travels(value: object) -> None:
    assert pickle.loads(pickle.dumps(value)) == value
    assert copy.copy(value) == value
    assert copy.deepcopy(value) == value
