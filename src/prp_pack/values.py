"""Dataclasses as the standard library has them, made in a sixth of its time; see ADR 9.

To a type checker these names are the library's own. At run time a class is given what ours use of
it: `__init__` with defaults and factories, equality and hash by fields, `frozen`, `slots`,
`__match_args__`, pickling, and a `repr`. Only `__init__` is generated, on first use; the rest are
functions that all classes share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter

from prp_pack.typed import TYPE_CHECKING

__all__ = ("asdict", "dataclass", "field", "replace")

_Class = type[object]


class _Factory:
    """What `field(default_factory=…)` returns."""

    def __init__(self, make: Callable[[], object]) -> None:
        self.make = make


def _field(*, default_factory: Callable[[], object]) -> _Factory:
    return _Factory(default_factory)


def _dataclass(
    cls: _Class | None = None, /, *, frozen: bool = False, slots: bool = False
) -> _Class | Callable[[_Class], _Class]:
    if cls is None:
        return lambda decorated: _made(decorated, frozen=frozen, slots=slots)
    return _made(cls, frozen=frozen, slots=slots)


def _made(cls: _Class, *, frozen: bool, slots: bool) -> _Class:
    names = tuple(cls.__annotations__)
    body = dict(vars(cls))
    defaults = {name: body[name] for name in names if name in body}
    values = _values_of(names)
    body |= _SHARED | {
        "__match_args__": names,
        "__init__": _first_init(names, defaults, frozen=frozen),
        "__eq__": _equality(values),
        "__hash__": _hash(values) if frozen else None,
    }
    if frozen:
        body |= {"__setattr__": _refuse, "__delattr__": _refuse}
    if slots:
        body |= {"__slots__": names, "__reduce__": _reduction(values)}
    for name in ("__dict__", "__weakref__"):
        body.pop(name, None)
    for name, default in defaults.items():
        if slots or isinstance(default, _Factory):
            del body[name]
    made: _Class = type(cls)(cls.__name__, cls.__bases__, body)  # type: ignore[misc]
    return made


def _values_of(names: tuple[str, ...]) -> Callable[[object], tuple[object, ...]]:
    """Return what gives the values of the fields, in order."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


def _first_init(
    names: tuple[str, ...], defaults: Mapping[str, object], *, frozen: bool
) -> Callable[..., None]:
    """Return the `__init__` that puts the real one in its place when a value is first made."""

    def __init__(self: object, *given: object, **named: object) -> None:  # noqa: N807
        init = _init(names, defaults, frozen=frozen)
        owner = next(c for c in type(self).__mro__ if vars(c).get("__init__") is __init__)
        setattr(owner, "__init__", init)  # noqa: B010 - mypy refuses the assignment
        init(self, *given, **named)

    return __init__


def _init(
    names: tuple[str, ...], defaults: Mapping[str, object], *, frozen: bool
) -> Callable[..., None]:
    """Return the method that sets each field to what was given or to its default."""
    scope: dict[str, object] = {"_set": object.__setattr__, "_absent": _Factory}
    parameters, lines = ["self"], []
    for name in names:
        default = defaults.get(name)
        given = name
        if isinstance(default, _Factory):
            scope[f"_make_{name}"] = default.make
            parameters.append(f"{name}=_absent")
            given = f"_make_{name}() if {name} is _absent else {name}"
        elif name in defaults:
            scope[f"_default_{name}"] = default
            parameters.append(f"{name}=_default_{name}")
        else:
            parameters.append(name)
        lines.append(f" _set(self, {name!r}, {given})" if frozen else f" self.{name} = {given}")
    source = f"def __init__({', '.join(parameters)}):\n" + "\n".join(lines or [" pass"])
    exec(source, scope)  # noqa: S102 - of names in this package, as the library does it
    made: Callable[..., None] = scope["__init__"]  # type: ignore[assignment]
    return made


def _equality(
    values: Callable[[object], tuple[object, ...]],
) -> Callable[[object, object], bool]:
    def __eq__(self: object, other: object) -> bool:  # noqa: N807
        return values(self) == values(other) if type(other) is type(self) else NotImplemented

    return __eq__


def _hash(values: Callable[[object], tuple[object, ...]]) -> Callable[[object], int]:
    def __hash__(self: object) -> int:  # noqa: N807
        return hash(values(self))

    return __hash__


def _reduction(
    values: Callable[[object], tuple[object, ...]],
) -> Callable[[object], tuple[object, ...]]:
    def __reduce__(self: object) -> tuple[object, ...]:  # noqa: N807
        return type(self), values(self)

    return __reduce__


def _repr(self: object) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in _names(self))
    return f"{type(self).__qualname__}({shown})"


def _refuse(self: object, name: str, value: object = None) -> None:  # noqa: ARG001
    raise AttributeError(f"{type(self).__name__} is frozen; its “{name}” can't be set or deleted")


def _names(value: object) -> tuple[str, ...]:
    names: tuple[str, ...] = getattr(value, "__match_args__", ())
    return names


def _replace(value: object, /, **changes: object) -> object:
    for name in _names(value):
        if name not in changes:
            changes[name] = getattr(value, name)
    return type(value)(**changes)


def _asdict(value: object) -> object:
    """Return the value's fields as a dictionary, those of values inside as well."""
    if isinstance(value, list | tuple):
        return type(value)(map(_asdict, value))
    if isinstance(value, dict):
        return {key: _asdict(item) for key, item in value.items()}
    if names := _names(value):
        return {name: _asdict(getattr(value, name)) for name in names}
    return value


_SHARED: dict[str, object] = {"__repr__": _repr}

if TYPE_CHECKING:
    from dataclasses import asdict, dataclass, field, replace  # noqa: TID251
else:
    asdict, dataclass, field, replace = _asdict, _dataclass, _field, _replace
