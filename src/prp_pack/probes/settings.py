"""The scripts' tables of `PRPs/prp.toml`, read strictly into dataclasses.

A table is a dataclass; its annotations say how values are read: `str`, `bool`, `int`, `float`,
`Literal` words, a reader in `Annotated` (`quantities.Seconds`), a tuple of any of these, a
`Mapping` of texts to them, another dataclass for a table below, `object` for whatever TOML has. A
field without default must be there. In texts `${NAME}` and `${NAME:-default}` are taken from the
environment. Whatever is wrong raises `UnreadableError` with the line.
"""

from __future__ import annotations

import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from difflib import get_close_matches
from typing import (
    Annotated,
    Any,
    Literal,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from prp_pack.check.toml_lines import line_of, place_in
from prp_pack.evidence.configuration import OF_SCRIPTS, PATH
from prp_pack.probes import quantities
from prp_pack.repository import Repository, UnreadableError

T = TypeVar("T")
# An annotation, and what comes of it: of any type.
Hint: TypeAlias = Any
Read: TypeAlias = Any

_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)(:-([^}]*))?\}")
_PLAIN = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}


@dataclass(frozen=True)
class Settings:
    """A configuration file that may be absent: `text` and `document` are empty then."""

    path: str
    text: str
    document: Mapping[str, Any]
    environment: Mapping[str, str]

    def __contains__(self, table: str) -> bool:
        return table in self.document

    def table(self, name: str, shape: type[T]) -> T:
        """Return a table as the dataclass that describes it; an absent one is an empty one."""
        if name not in OF_SCRIPTS:
            raise ValueError(f"no script has a table [{name}]")
        return self._shaped(self.document.get(name, {}), shape, (name,))

    def error(self, reason: str, keys: Sequence[str], help_: str = "") -> UnreadableError:
        """Return the error about a value, with the line on which it stands."""
        line = line_of(self.text, keys) if self.text else 0
        return UnreadableError(self.path, reason, line, help_)

    def _shaped(self, value: object, shape: type[T], keys: tuple[str, ...]) -> T:
        name = ".".join(key for key in keys if not key.isdigit())
        if not isinstance(value, dict):
            raise self.error(f"“{name}” is not a table", keys)
        known = {field.name: field for field in fields(shape)}  # type: ignore[arg-type]
        for key in value:
            if key not in known:
                near = get_close_matches(key, known, 1)
                help_ = f"did you mean “{near[0]}”" if near else f"known are {', '.join(known)}"
                raise self.error(f"unknown key “{key}” in [{name}]", (*keys, key), help_)
        hints = get_type_hints(shape, include_extras=True)
        read = {key: self._value(each, hints[key], (*keys, key)) for key, each in value.items()}
        for key, field in known.items():
            if key not in read and field.default is MISSING and field.default_factory is MISSING:
                raise self.error(f"[{name}] has no “{key}”", keys, f"write {key} = … into it")
        return shape(**read)

    def _value(self, value: object, hint: Hint, keys: tuple[str, ...]) -> Read:  # noqa: PLR0911
        """Return a value as its annotation wants it."""
        origin: Hint = get_origin(hint)
        arguments = get_args(hint)
        if origin is Annotated:
            return self._read(self.interpolated(value, keys), arguments[1], keys)
        if origin in (Union, types.UnionType):
            inner = next(each for each in arguments if each is not types.NoneType)
            return self._value(value, inner, keys)
        if origin is Literal:
            if value not in arguments:
                raise self.error(f"“{keys[-1]}” is none of {', '.join(map(str, arguments))}", keys)
            return value
        if origin is tuple:
            return self._tuple(value, arguments[0], keys)
        if origin is not None and issubclass(origin, Mapping):
            if not isinstance(value, dict):
                raise self.error(f"“{keys[-1]}” is not a table", keys)
            return {k: self._value(each, arguments[1], (*keys, k)) for k, each in value.items()}
        if is_dataclass(hint):
            return self._shaped(value, hint, keys)  # type: ignore[arg-type]
        return self._plain(self.interpolated(value, keys), hint, keys)

    def _tuple(self, value: object, hint: Hint, keys: tuple[str, ...]) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise self.error(f"“{keys[-1]}” is not a list", keys)
        # Only tables of an array have lines of their own.
        below = [str(index) for index in range(len(value))] if is_dataclass(hint) else []
        paths = [(*keys, key) for key in below] or [keys] * len(value)
        return tuple(self._value(e, hint, at) for e, at in zip(value, paths, strict=True))

    def _plain(self, value: object, hint: Hint, keys: tuple[str, ...]) -> object:
        if hint not in _PLAIN:
            return value
        accepted = (int, float) if hint is float else (hint,)
        if not isinstance(value, accepted) or (isinstance(value, bool) and hint is not bool):
            raise self.error(f"“{keys[-1]}” is not {_PLAIN[hint]}", keys)
        if isinstance(value, str) and (left := quantities.placeholder(value)):
            raise self.error(f"“{keys[-1]}” still has the placeholder {left}", keys)
        return float(value) if hint is float else value

    def _read(self, value: object, reader: Hint, keys: tuple[str, ...]) -> object:
        try:
            return reader(value)
        except ValueError as error:
            raise self.error(f"“{keys[-1]}” {error}", keys) from None

    def interpolated(self, value: object, keys: tuple[str, ...]) -> object:
        """Return a value with the variables of its texts filled in, however deep they are."""
        if isinstance(value, dict):
            return {key: self.interpolated(each, keys) for key, each in value.items()}
        if isinstance(value, list):
            return [self.interpolated(each, keys) for each in value]
        if not isinstance(value, str):
            return value
        for match in _VARIABLE.finditer(value):
            if match[1] not in self.environment and match[2] is None:
                help_ = f"set it, or write ${{{match[1]}:-default}}"
                raise self.error(f"“{keys[-1]}” needs the variable {match[1]}", keys, help_)
        return _VARIABLE.sub(lambda m: self.environment.get(m[1]) or m[3] or "", value)


def load(repository: Repository, environment: Mapping[str, str], path: str = PATH) -> Settings:
    """Return a project's configuration; raises `UnreadableError` for one that is no TOML."""
    import tomllib  # noqa: PLC0415 - most projects have no such file

    source = repository.read_if_there(path) if path == PATH else repository.read(path)
    if source is None:
        return Settings(path, "", {}, environment)
    try:
        document = tomllib.loads(source.text)
    except (ValueError, RecursionError) as error:
        said, line = place_in(str(error), source.text)
        raise UnreadableError(path, f"is not valid TOML: {said}", line) from None
    return Settings(path, source.text, document, environment)
