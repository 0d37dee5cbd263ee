"""The Python files of a project before or after an edit, taken together."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from prp_pack.evidence.weakening.collection import collected, defined, prepared_attributes
from prp_pack.evidence.weakening.modules import Function, Module, parsed
from prp_pack.evidence.weakening.roles import is_python, role_of


@dataclass(frozen=True)
class Side:
    """All Python files that differ, before or after; `unread` are those that don't parse."""

    modules: Mapping[str, Module]
    unread: Mapping[str, str] = field(default_factory=dict)

    def without(self, paths: Iterable[str]) -> Side:
        left_out = frozenset(paths)
        return Side({path: one for path, one in self.modules.items() if path not in left_out})

    def module(self, dotted_name: str) -> Module | None:
        """Return the module of this name, wherever its package lies."""
        wanted = dotted_name.replace(".", "/") + ".py"
        return self._by_tail.get(wanted)

    @cached_property
    def _by_tail(self) -> Mapping[str, Module]:
        found: dict[str, Module] = {}
        for path in sorted(self.modules, key=len):
            parts = path.split("/")
            for index in range(len(parts)):
                found.setdefault("/".join(parts[index:]), self.modules[path])
        return found

    @cached_property
    def imported(self) -> frozenset[str]:
        """What is imported by name from anywhere, with dots."""
        return frozenset(
            one.dotted for module in self.modules.values() for one in module.imports.values()
        )

    @cached_property
    def tests(self) -> Mapping[tuple[str, str], Function]:
        """The functions that pytest or unittest would run, by path and name."""
        return {test.id: test for one in self.modules.values() for test in collected(one)}

    @cached_property
    def functions(self) -> Mapping[str, tuple[Function, ...]]:
        """All functions of all modules by their bare name, also methods."""
        found: dict[str, tuple[Function, ...]] = {}
        for module in self.modules.values():
            for one in defined(module):
                name = one.name.rpartition(".")[2]
                found[name] = (*found.get(name, ()), one)
        return found

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that a module or a class of it defines."""
        found: set[str] = set()
        for module in self.modules.values():
            found |= module.constants.keys() | module.classes.keys()
            for name in module.classes:
                found |= {
                    f"self.{attribute}" for attribute in prepared_attributes(module.classes[name])
                }
        return frozenset(found | self.functions.keys())


def read(files: Mapping[str, str]) -> Side:
    """Return the Python files among `files`, parsed. What doesn't parse says why in `unread`."""
    modules, unread = {}, {}
    for path, text in files.items():
        if not is_python(path):
            continue
        tree = parsed(text)
        if isinstance(tree, str):
            unread[path] = tree
        else:
            modules[path] = Module(path, role_of(path), tree, tuple(text.split("\n")))
    return Side(modules, unread)


def imported_from(module: Module, name: str, side: Side) -> Module | None:
    """Return the module of this side that an imported name comes from."""
    said = module.imports.get(name)
    if said is None:
        return None
    folder = module.path
    for _ in range(said.level):
        folder = posixpath.dirname(folder)
    if said.level:
        return side.modules.get(posixpath.join(folder, said.module.replace(".", "/") + ".py"))
    return side.module(said.module)
