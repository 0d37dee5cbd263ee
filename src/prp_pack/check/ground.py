"""What the commands of a PRP may count on: what the project holds, and what the PRP creates."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Iterable, Iterator
from fnmatch import translate
from functools import cached_property
from itertools import pairwise

from prp_pack.check.gates import Step
from prp_pack.check.programs import DEPENDENCY_FILES, ECOSYSTEMS, OUTPUTS
from prp_pack.check.registry import Target
from prp_pack.parse.script import join
from prp_pack.project import Project, folders_of
from prp_pack.regex import regex
from prp_pack.values import dataclass

# Written by a tool into a folder of its own, whether git ignores it or not.
_ENVIRONMENTS = (".venv/", "venv/", "env/", ".env/", "node_modules/", ".tox/", "target/", "dist/")
_NOT_A_NAME = regex(r"[{}<>\[\]$|…]|\.\.\.|XXX|\byour[-_]")
_IN_COMMENT = regex(r"^\s*#\s*`?([\w./-]+\.\w+)`?\s*(?::|$|\s-)")
_WRITERS = ("mkdir", "touch", "cp", "mv", "tee", "ln")
_CLOSE = 0.8
MAX_QUESTIONS = 200
# By how much the best of two must be the better one.
_CLEARLY = 0.04


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


@dataclass(frozen=True)
class Ground:
    """`promised` are the paths that the document itself creates."""

    project: Project
    promised: frozenset[str]

    @cached_property
    def _promised_folders(self) -> frozenset[str]:
        return folders_of(self.promised)

    def promises(self, path: str) -> bool:
        return path in self.promised or path in self._promised_folders

    def holds(self, path: str) -> bool:
        """Tell whether the path is there, will be, or can't be judged because git ignores it."""
        if path in ("", ".") or path in self.project.files or path in self.project.folders:
            return True
        if self.promises(path) or f"{path}/".startswith(_ENVIRONMENTS):
            return True
        if path not in self._asked:
            # Each question starts git: a document of nothing but missing paths gets no answer more.
            asks = len(self._asked) < MAX_QUESTIONS
            self._asked[path] = asks and (
                self.project.exists(path) or self.project.is_ignored(path)
            )
        return self._asked[path]

    @cached_property
    def _asked(self) -> dict[str, bool]:
        return {}

    def matches(self, pattern: str) -> bool:
        found = re.compile(translate(pattern.rstrip("/"))).fullmatch
        paths = (self.project.files, self.project.folders, self.promised, self._promised_folders)
        return any(found(path) for some in paths for path in some)

    def text(self, path: str) -> str | None:
        """Return the text of a file that this PRP doesn't rewrite, None where it isn't known."""
        return None if self.promises(path) else self.project.text(path)

    def nearest(self, folder: str, names: Iterable[str]) -> str | None:
        """Return the path of the first file of these names in the folder or above it."""
        wanted = tuple(names)
        while True:
            for name in wanted:
                path = posixpath.join(folder, name)
                if path in self.project.files or self.promises(path) or self.project.exists(path):
                    return path
            if not folder:
                return None
            folder = posixpath.dirname(folder)

    @cached_property
    def knows_programs(self) -> bool:
        """Whether a search path is known at all; where not even these are, nothing is said."""
        return any(self.project.has_program(name) for name in ("git", "sh", "cmd"))

    def declares(self, program: str) -> bool:
        """Tell whether a file that lists what the project is built with names the program."""
        if any(program in programs and self.project.exists(file)
               for file, programs in ECOSYSTEMS.items()):  # fmt: skip
            return True
        return re.search(rf"(?<![\w-]){re.escape(program)}(?![\w-])", self._declared) is not None

    @cached_property
    def _declared(self) -> str:
        bases = sorted(path for path in self.project.files if path.endswith(DEPENDENCY_FILES))
        # Those at the top and one level below it are the project's own.
        near = [path for path in bases if path.count("/") <= 1]
        return "\n".join(self.project.text(path) or "" for path in near)

    def suggest(self, path: str, folder: str = "") -> str:
        """Return the one path that could have been meant, as written from `folder`; or nothing."""
        name = posixpath.basename(path)
        pool = self.project.files if "." in name else self.project.files | self.project.folders
        pool = pool | self.promised
        found = {known for known in pool if posixpath.basename(known) == name}
        if not found:
            suffix = posixpath.splitext(name)[1]
            names = sorted({posixpath.basename(known) for known in pool if known.endswith(suffix)})
            close = [(_likeness(name, one), one)
                     for one in difflib.get_close_matches(name, names, 2, _CLOSE)]  # fmt: skip
            if close and (len(close) == 1 or close[0][0] - close[1][0] > _CLEARLY):
                found = {known for known in pool if posixpath.basename(known) == close[0][1]}
        if len(found) != 1:
            return ""
        only = found.pop()
        return posixpath.relpath(only, folder) if folder else only


def resolved(folder: str | None, path: str) -> str | None:
    """Return a path of a command from the project's root; None when it isn't ours to judge."""
    if not path or _NOT_A_NAME.search(path) or "://" in path or path.startswith(("-", "@")):
        return None
    return join(folder, path)


def ground_of(target: Target, steps: Iterable[Step]) -> Ground:
    """Return the ground that this document's commands stand on."""
    named = {*target.paths.created, *_of_tests(target), *_of_commands(steps)}
    return Ground(target.project, frozenset(path for path in named if path))


def _of_tests(target: Target) -> Iterator[str]:
    """Yield the test files that Level 1a lists with their cases."""
    for match in target.located.by_id.get(
        "validation-loop.level-1a-unit-tests-for-each-new-feature", ()
    ):
        for fence in target.document.outline.fences_of(match.section):
            if fence.language in ("python", "py", "python3"):
                for line in fence.content.split("\n"):
                    if named := _IN_COMMENT.match(line):
                        yield posixpath.normpath(named[1])


def _of_commands(steps: Iterable[Step]) -> Iterator[str]:
    for step in steps:
        for command in step.own:
            written = [r.target for r in command.redirections if r.operator in (">", ">>", "&>")]
            words = [*written, *(command.words[1:] if command.program in _WRITERS else ())]
            for option, following in pairwise(command.words):
                words += [following] if option.value in OUTPUTS else []
            for word in words:
                if word is not None and word.value:
                    yield resolved(command.folder, word.value) or ""
