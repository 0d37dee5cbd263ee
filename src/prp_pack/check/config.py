"""`PRPs/prp.toml`: what a project changes about the check. Read strictly, each error with its line.

A key that nobody reads is a wish that nobody fulfils, so an unknown one is an error.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from pathlib import PurePosixPath

from prp_pack.check import forms, selection
from prp_pack.check.frozen_contracts import FOLDER, Places, places
from prp_pack.check.globs import glob
from prp_pack.check.registry import Rule
from prp_pack.check.suppression import UNSILENCEABLE
from prp_pack.check.toml_lines import line_of, place_in
from prp_pack.evidence.configuration import OF_SCRIPTS, PATH
from prp_pack.model import PhaseContext, PhaseType, Severity
from prp_pack.regex import regex
from prp_pack.repository import Repository, UnreadableError
from prp_pack.schema.matrix import matrix_for
from prp_pack.typed import Any
from prp_pack.values import dataclass, field, replace

OFF = "off"

_SECTIONS = ("check", "templates", *OF_SCRIPTS)
_CHECK = ("select", "ignore", "strict", "severity", "per-file", "aliases")
_PER_FILE = ("paths", "ignore", "reason")
_PHASE = regex(r"phase_[1-9]\d{0,3}")


@dataclass(frozen=True, slots=True)
class PerFile:
    """Rules, by id, that are not asked of some files; `paths` are globs from the root."""

    paths: tuple[str, ...]
    ignore: frozenset[str]
    reason: str

    def covers(self, path: str) -> bool:
        return any(glob(pattern).fullmatch(path) for pattern in self.paths)


@dataclass(frozen=True)
class Config:
    """The file's content; the default is what holds without one."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool = False
    severity: Mapping[str, Severity | None] = field(default_factory=dict)
    """By rule id; None is off."""
    per_file: tuple[PerFile, ...] = ()
    aliases: forms.Aliases = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    contracts: Places = field(default_factory=Places)

    def overridden(self, select: Sequence[str], ignore: Sequence[str]) -> Config:
        """Return it as a command line changes it: another selection, and more ignored.

        Raises `KeyError` with the word that no rule answers to.
        """
        selection.ids((*select, *ignore))
        return replace(
            self, select=tuple(select) or self.select, ignore=(*self.ignore, *ignore)
        )  # fmt: skip

    @cached_property
    def _selected(self) -> frozenset[str]:
        chosen = selection.ids(self.select or ("PRP",))
        off = {id_ for id_, severity in self.severity.items() if severity is None}
        return chosen - selection.ids(self.ignore) - off

    def active(self, rules: Collection[Rule], *, strict: bool = False) -> tuple[Rule, ...]:
        """Return the rules that run. `strict` keeps those that nobody may talk away."""
        kept = self._selected | (UNSILENCEABLE.keys() if strict else set())
        return tuple(rule for rule in rules if rule.id in kept)

    def ignored_in(self, path: str) -> frozenset[str]:
        """Return the ids of the rules that are not asked of a file."""
        covering = (entry.ignore for entry in self.per_file if entry.covers(path))
        return frozenset[str]().union(*covering)

    def template_for(self, context: PhaseContext | None) -> str:
        """Return the path of the template for a phase: by its number, else by its type."""
        phase = context.phase if context else None
        keys = (f"phase_{phase.number}", phase.type.value) if phase else ()
        found = (self.templates[key] for key in (*keys, "default") if key in self.templates)
        return next(found, forms.DEFAULT)


def load(repository: Repository) -> Config:
    """Return what the project's file says; raises `UnreadableError` with the line."""
    source = repository.read_if_there(PATH)
    if source is None:
        return Config()
    found = parse(source.text)
    for key, path in found.templates.items():
        if not repository.holds(path):
            line = line_of(source.text, ("templates", key))
            raise UnreadableError(PATH, f"the template “{path}” does not exist", line)
    if found.aliases:
        paths = dict.fromkeys((forms.DEFAULT, *found.templates.values()))
        texts = ((path, repository.read_if_there(path)) for path in paths)
        matrices = [matrix_for(text.text if text else None, path) for path, text in texts]
        for section, title, reason, help_ in forms.refused(found.aliases, matrices):
            line = line_of(source.text, ("check", "aliases", section), title)
            raise UnreadableError(PATH, reason, line, help_)
    return found


def parse(text: str) -> Config:
    """Return what a text says; raises `UnreadableError`, and nothing else, for any other text."""
    # Most projects have no such file, and a check without one is not to pay for it.
    import tomllib  # noqa: PLC0415

    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        said, line = place_in(str(error), text)
        raise UnreadableError(PATH, f"is not valid TOML: {said}", line) from None
    return _Reader(text).config(document)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Takes a TOML document apart; each error names the line in `text`."""

    text: str

    def error(
        self, reason: str, keys: Sequence[str], word: str = "", help_: str = ""
    ) -> UnreadableError:
        return UnreadableError(PATH, reason, line_of(self.text, keys, word), help_)

    def config(self, document: Mapping[str, Any]) -> Config:
        self.known(document, (), _SECTIONS)
        check = self.table(document, (), "check")
        self.known(check, ("check",), _CHECK)
        found = Config(
            select=self.rules(check, ("check",), "select"),
            ignore=self.rules(check, ("check",), "ignore"),
            strict=self.flag(check, ("check",), "strict"),
            severity=self.severities(self.table(check, ("check",), "severity")),
            per_file=self.per_files(check.get("per-file", [])),
            aliases=self.aliases(self.table(check, ("check",), "aliases")),
            templates=self.templates(self.table(document, (), "templates")),
            contracts=self.contracts(self.table(document, (), "contracts")),
        )
        if not found.active(selection.every()):
            raise self.error("no rule is left to check with", ("check",))
        return found

    def known(self, table: Mapping[str, Any], path: Sequence[str], keys: Sequence[str]) -> None:
        for key in table:
            if key in keys:
                continue
            where = f" in [{'.'.join(k for k in path if not k.isdigit())}]" if path else ""
            near = get_close_matches(key, keys, 1)
            meant = f"did you mean “{near[0]}”" if near else f"known are {', '.join(keys)}"
            raise self.error(f"unknown key “{key}”{where}", (*path, key), help_=meant)

    def table(self, parent: Mapping[str, Any], path: Sequence[str], key: str) -> Mapping[str, Any]:
        value = parent.get(key, {})
        if not isinstance(value, dict):
            raise self.error(f"“{key}” is {_kind(value)}, not a table", (*path, key))
        return value

    def flag(self, table: Mapping[str, Any], path: Sequence[str], key: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            raise self.error(f"“{key}” is {_kind(value)}, not true or false", (*path, key))
        return value

    def string(self, value: object, keys: Sequence[str]) -> str:
        if not isinstance(value, str):
            raise self.error(f"“{_name(keys)}” is {_kind(value)}, not a text", keys)
        if not value.strip():
            raise self.error(f"“{_name(keys)}” is empty", keys)
        return value

    def strings(self, table: Mapping[str, Any], path: Sequence[str], key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            kind = "a list of other things" if isinstance(value, list) else _kind(value)
            raise self.error(f"“{key}” is {kind}, not a list of texts", (*path, key))
        return tuple(value)

    def rules(self, table: Mapping[str, Any], path: Sequence[str], key: str) -> tuple[str, ...]:
        words = self.strings(table, path, key)
        for word in words:
            self.rule(word, (*path, key), word)
        return words

    def rule(self, word: str, keys: Sequence[str], searched: str = "") -> frozenset[str]:
        named = selection.meant(word)
        if not named:
            near = selection.nearest(word)
            meant = f"did you mean “{near}”" if near else "`prp explain` lists the rules"
            raise self.error(f"no rule is called “{word}”", keys, searched, meant)
        return named

    def severities(self, table: Mapping[str, Any]) -> dict[str, Severity | None]:
        found: dict[str, Severity | None] = {}
        words = [*Severity, OFF]
        for word, value in table.items():
            keys = ("check", "severity", word)
            named = self.rule(word, keys)
            if value not in words:
                shown = f"“{value}”" if isinstance(value, str) else _kind(value)
                raise self.error(f"severity {shown} of {word} is none of {', '.join(words)}", keys)
            found |= dict.fromkeys(named, None if value == OFF else Severity(value))
        return found

    def per_files(self, entries: object) -> tuple[PerFile, ...]:
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            reason = "“per-file” is not written as [[check.per-file]]"
            raise self.error(reason, ("check", "per-file"))
        return tuple(self.per_file(entry, str(index)) for index, entry in enumerate(entries))

    def per_file(self, entry: Mapping[str, Any], index: str) -> PerFile:
        at = ("check", "per-file", index)
        self.known(entry, at, _PER_FILE)
        for key in _PER_FILE:
            if key not in entry:
                why = "say why the rule doesn't hold there" if key == "reason" else ""
                raise self.error(f"[[check.per-file]] has no “{key}”", at, help_=why)
        paths = self.strings(entry, at, "paths")
        words = self.rules(entry, at, "ignore")
        for key, values in (("paths", paths), ("ignore", words)):
            if not values:
                raise self.error(f"“{key}” is empty", (*at, key))
        for path in paths:
            try:
                glob(path)
            except ValueError as error:
                raise self.error(f"“{path}” {error}", (*at, "paths"), path) from None
        reason = self.string(entry["reason"], (*at, "reason"))
        return PerFile(paths, selection.ids(words), reason)

    def aliases(self, table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
        return {key: self.strings(table, ("check", "aliases"), key) for key in table}

    def templates(self, table: Mapping[str, Any]) -> dict[str, str]:
        for key in table:
            if not _PHASE.fullmatch(key):
                self.known({key: ""}, ("templates",), ("default", *PhaseType, "phase_1"))
        found = {key: self.string(value, ("templates", key)) for key, value in table.items()}
        for key, path in found.items():
            self.inside(path, ("templates", key))
        return found

    def contracts(self, table: Mapping[str, Any]) -> Places:
        """Return where contracts lie; what else the table has is for the scripts."""
        at = ("contracts", "files")
        named = self.table(table, at[:1], "files")
        files = {key: self.inside(self.string(path, (*at, key)), (*at, key))
                 for key, path in named.items()}  # fmt: skip
        keys = ("contracts", "folder")
        folder = self.inside(self.string(table.get("folder", FOLDER), keys), keys)
        try:
            return places(folder, files)
        except KeyError as error:
            key = str(error.args[0])
            raise self.error(f"“{key}” is not a phase such as phase_2", (*at, key)) from None

    def inside(self, path: str, keys: Sequence[str]) -> str:
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise self.error(f"“{path}” is not a path from the project's root", keys)
        if "${" in path:
            raise self.error(f"“{path}” has a variable, which a check doesn't know", keys)
        return path


def _name(keys: Sequence[str]) -> str:
    return keys[-1]


def _kind(value: object) -> str:
    """Return what a TOML value is, in words."""
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "a text",
             list: "a list", dict: "a table"}  # fmt: skip
    return kinds.get(type(value), "a date or time")
