"""Where the paths that a PRP names lead: what is there, and what the PRP itself will create.

The order in which a name is looked up was measured on real documents; what costs a walk or a
process is asked only for names that aren't simply there.
"""

from __future__ import annotations

import difflib
import posixpath
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import chain

from prp_pack.check import path_forms
from prp_pack.check.frozen_contracts import FOLDER
from prp_pack.check.path_forms import folder_name, is_absolute, leaves, normal
from prp_pack.model import Document, PhaseContext
from prp_pack.parse import desired_tree, path_names, references, tasks
from prp_pack.parse.desired_tree import TreeEntry
from prp_pack.parse.references import Reference
from prp_pack.parse.tasks import TaskTarget
from prp_pack.project import Project, folders_of
from prp_pack.regex import regex
from prp_pack.schema.sections import Located
from prp_pack.values import dataclass, replace

DOCUMENTATION = "all-needed-context.documentation-references"
DESIRED = (
    "all-needed-context.desired-codebase-tree-with-files-to-be-added-and-responsibility-of-file"
)
# What executing a PRP with this pack leaves behind.
_WRITTEN = ("PRPs/evidence/", "PRPs/baselines/")
# Kept out of every repository, whether its `.gitignore` says so or not.
_PRIVATE = (".env", ".env.local")
_CLOSE = 0.8

_DIGITS = regex(r"\d+")
_SAYS_NEW = regex(
    r"\b(?:CREATE|ADD|NEW|Create|New [Ff]iles?|NEW FILE|WRITE|CRIAR|NOVO|Generate)\b|"
    r"\(new\b|\(to be created\)|\bnew file\b"
)
# Quick to look for in a whole text; each of the words above has one of these in it.
_MAY_SAY_NEW = regex(
    r"CREATE|ADD|NEW|Create|New [Ff]ile|WRITE|CRIAR|NOVO|Generate|\(new|\(to be|new file"
)
_HEADS_CODE = regex(r"^\s*(?:#|//|--|/\*|<!--)\s*(?:[A-Z]\w+:\s+)?(?=[\w./@-]+\.\w)")
_WORD = regex(r"[\w./@()\[\]-]*[\w/)\]]")


class How(StrEnum):
    """How a name was found, or why it isn't judged."""

    THERE = "there"
    CREATED = "created"
    """By this document."""
    IGNORED = "ignored"
    """By git: that it isn't there says nothing."""
    ELSEWHERE = "elsewhere"
    """Outside of any repository by its form: `~`, a variable, an address."""
    UNFILLED = "unfilled"
    """A placeholder or no path at all."""
    SUFFIX = "suffix"
    """There, under another folder than written; `path` says where."""
    RENAMED = "renamed"
    OUTSIDE = "outside"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Resolution:
    """`path` is where the name leads; for what is missing, what may have been meant.

    `certain` when `path` is the only file that it can be.
    """

    how: How
    path: str = ""
    certain: bool = False

    @property
    def is_fine(self) -> bool:
        """Whether there is nothing to say about the name."""
        return self.how in (How.THERE, How.CREATED, How.IGNORED, How.ELSEWHERE, How.UNFILLED)


@dataclass(frozen=True, slots=True)
class Creation:
    """A path that the document creates; `by_task` when a task says so, not a tree or a text."""

    path: str
    line: int
    by_task: bool


@dataclass(frozen=True)
class Paths:
    """The paths of one document, against its project."""

    document: Document
    project: Project
    located: Located
    context: PhaseContext
    plan: str = ""
    """Where the plan or the requirements lie, beside which summaries are looked for."""
    contracts: str = FOLDER
    """Where contracts are frozen."""

    # --- What the document names ---

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        return references.parse(self.document)

    @cached_property
    def tasks(self) -> tuple[TaskTarget, ...]:
        """The targets of the task list, from its fences or, without any, from its text."""
        found: list[TaskTarget] = []
        lines = self.document.lines
        for match in self.located.matches:
            if match.spec.grammar != "tasks":
                continue
            section = match.section
            inside = [
                f for f in self.document.outline.fences if section.line < f.line < section.end
            ]
            for fence in inside:
                found += tasks.targets(fence.content, fence.line + 1)
            if not inside:
                text = "\n".join(lines[section.line : section.end - 1])
                found += tasks.targets(text, section.line + 1)
        return tuple(dict.fromkeys(found))

    @cached_property
    def desired(self) -> tuple[TreeEntry, ...]:
        """The entries of the desired tree."""
        fences = chain.from_iterable(
            self.document.outline.fences_of(match.section)
            for match in self.located.by_id.get(DESIRED, ())
        )
        return tuple(
            without_project_name(entry, self.project)
            for fence in fences
            for entry in desired_tree.parse(fence.content, fence.line + 1)
        )

    # --- What the document creates ---

    @cached_property
    def creations(self) -> tuple[Creation, ...]:
        """What the document creates, with the line that says so."""
        found = [
            Creation(self.relative(target.creates), target.line, by_task=True)
            for target in self.tasks
            if target.creates
        ]
        found += [
            Creation(path, entry.line, by_task=False)
            for entry in self.desired
            for path in (entry.path, entry.below_root)
            if path and not self.project.exists(path)
        ]
        found += self._said_to_be_new()
        return tuple(c for c in found if c.path and not c.path.startswith(("/", "..")))

    def _said_to_be_new(self) -> Iterator[Creation]:
        """Yield the paths that a line of text calls new, and those that head a code sample."""
        lines = self.document.lines
        openings = {fence.line + 1 for fence in self.document.outline.fences}
        for number in sorted(openings | self._lines_that_may_say_new()):
            text = lines[number - 1][: references.MAX_LINE] if number <= len(lines) else ""
            heads = _HEADS_CODE.match(text) if number in openings else None
            if heads:
                words: Iterable[str] = _WORD.findall(text, heads.end())[:1]
            elif ("." in text or "/" in text) and _SAYS_NEW.search(text):
                words = _WORD.findall(text)
            else:
                continue
            for word in words:
                if path_names.is_path(word, strict=True):
                    yield Creation(self.relative(word), number, by_task=False)

    def _lines_that_may_say_new(self) -> set[int]:
        text, found = self.document.text, set()
        line, counted = 1, 0
        for match in _MAY_SAY_NEW.finditer(text):
            line += text.count("\n", counted, match.start())
            counted = match.start()
            found.add(line)
        return found

    @cached_property
    def created(self) -> frozenset[str]:
        """Every path that the document creates, relative to the root, without `/` at its end."""
        return frozenset(creation.path for creation in self.creations)

    @cached_property
    def _created_folders(self) -> frozenset[str]:
        return folders_of(self.created)

    @cached_property
    def _created_by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in sorted(self.created | self._created_folders):
            found.setdefault(posixpath.basename(path), []).append(path)
        return found

    def creates(self, path: str) -> bool:
        """Tell whether executing this PRP leaves the path behind, in any task."""
        path = self.relative(path)
        if path in self.created or path in self._created_folders:
            return True
        if path.startswith((*_WRITTEN, f"{self.contracts}/")):
            return True
        if posixpath.basename(path) == self._summary_name or self._in_new_folder(path):
            return True
        # Written under the project's name, or without the folder above it.
        named = self._created_by_name.get(posixpath.basename(path), ())
        return any(
            new.endswith(f"/{path}") or ("/" in new and path.endswith(f"/{new}")) for new in named
        )

    def _in_new_folder(self, path: str) -> bool:
        above = folders_of([path]) & self.created
        return any(
            not path_names.has_suffix(folder) and not self.project.exists(folder)
            for folder in above
        )

    def created_before(self, path: str, line: int) -> bool:
        """Tell whether a task above the line creates the path or something below it."""
        path = self.relative(path)
        earlier = (c.path for c in self.creations if c.by_task and c.line < line)
        return any(new == path or new.startswith(f"{path}/") for new in earlier)

    # --- Whether it was executed ---

    @property
    def _summary_name(self) -> str:
        phase = self.context.phase
        return f"PHASE{phase.number}_COMPLETION_SUMMARY.md" if phase else "\0"

    @cached_property
    def executed(self) -> bool:
        """Whether the PRP was carried out: a phase has its summary, a feature all its files.

        A feature that creates nothing can't be told from one that nobody began.
        """
        if self.context.phase:
            folders = dict.fromkeys(
                posixpath.dirname(path) for path in (self.plan, self.document.path, "PRPs/x")
            )
            name = self._summary_name
            return any(self.project.exists(posixpath.join(folder, name)) for folder in folders)
        made = [self.relative(target.creates) for target in self.tasks if target.creates]
        return bool(made) and all(self.project.exists(path) for path in made if path)

    # --- Where a name leads ---

    def relative(self, name: str) -> str:
        """Return a name as a path from the root, without the author's own folder before it."""
        path = normal(name)
        for root in self._author_roots if path.startswith("/") else ():
            if path.startswith(root):
                return path.removeprefix(root)
        return path

    @cached_property
    def _author_roots(self) -> tuple[str, ...]:
        """The absolute folders that the author's project lay in, longest first."""
        names = chain(
            (ref.name for ref in self.references if ref.is_file),
            (target.path for target in self.tasks),
        )
        found: dict[str, None] = {}
        for name in names:
            path = normal(name)
            if path.startswith("/") and not any(path.startswith(root) for root in found):
                tail = self._existing_tail(path)
                if tail and tail != path[1:]:
                    found[path.removesuffix(tail)] = None
        return tuple(sorted(found, key=len, reverse=True))

    def _existing_tail(self, path: str) -> str:
        """Return the longest end of a path that is there from the root; empty when none is."""
        parts = path.strip("/").split("/")
        # A single name at the end of a relative path is too little to go by.
        last = len(parts) - (0 if path.startswith("/") else 1)
        for start in range(0 if path.startswith("/") else 1, last):
            tail = "/".join(parts[start:])
            if tail in self.project.files or tail in self.project.folders:
                return tail
        return ""

    def resolve(self, name: str) -> Resolution:
        """Return where a name leads, as the document means it. Never raises."""
        if name not in self._resolved:
            self._resolved[name] = self._resolve(name)
        return self._resolved[name]

    @cached_property
    def _resolved(self) -> dict[str, Resolution]:
        return {}

    def _resolve(self, name: str) -> Resolution:
        if not path_forms.is_speakable(name):
            return Resolution(How.MISSING)
        path = normal(name)
        absolute = is_absolute(path) or is_absolute(name)
        if not absolute and self.project.exists(path):
            return Resolution(How.THERE, path)
        if path in self.project.files:
            # git lists it, and following it leads out of the project.
            return Resolution(How.OUTSIDE)
        if path_forms.is_elsewhere(name):
            return Resolution(How.ELSEWHERE)
        if path_forms.is_unfilled(name):
            return Resolution(How.UNFILLED)
        return self._absolute(path) if absolute else self._relative(path)

    def _relative(self, path: str) -> Resolution:
        here = posixpath.normpath(posixpath.join(posixpath.dirname(self.document.path), path))
        if not leaves(here) and self.project.exists(here):
            return Resolution(How.THERE, here)
        if leaves(path):
            return Resolution(How.OUTSIDE) if leaves(here) else self._absent(here)
        return self._absent(path)

    def _absolute(self, path: str) -> Resolution:
        tail = self._existing_tail(f"/{path.lstrip('/')}")
        if tail:
            return Resolution(How.SUFFIX, tail, certain=True)
        inside = self.relative(path)
        if inside == path:
            known = self.creates(path.lstrip("/"))
            return Resolution(How.CREATED) if known else Resolution(How.OUTSIDE)
        return self._absent(inside)

    def _absent(self, path: str) -> Resolution:
        """Return the resolution of a path that isn't there under this name."""
        if path_forms.is_pattern(path) and path_forms.matches(path, self._known):
            return Resolution(How.THERE)
        if self.creates(path):
            return Resolution(How.CREATED)
        if elsewhere := self._by_suffix(path):
            return Resolution(How.SUFFIX, elsewhere, certain=True)
        if self._ignores(path):
            return Resolution(How.IGNORED)
        if path in self.project.renames:
            return Resolution(How.RENAMED, self.project.renames[path], certain=True)
        return self._meant(path)

    @property
    def _known(self) -> Iterator[str]:
        files, folders = self.project.files, self.project.folders
        return chain(files, folders, self.created, self._created_folders)

    def _by_suffix(self, path: str) -> str:
        """Return the one file or folder that ends like the path, or that the path ends like."""
        if tail := self._existing_tail(path):
            return tail
        path = path.removeprefix("@/")
        named = _by_name(self.project.files, self.project.folders).get(posixpath.basename(path), ())
        found = [known for known in named if known.endswith(f"/{path}")]
        return found[0] if len(found) == 1 else ""

    def _ignores(self, path: str) -> bool:
        if posixpath.basename(path) in _PRIVATE:
            return True
        # A pattern `build/` is about folders, and nothing says that an absent name is one.
        return self.project.is_ignored(path) or (
            not path_names.has_suffix(path) and self.project.is_ignored(f"{path}/")
        )

    def _meant(self, path: str) -> Resolution:
        name = posixpath.basename(path)
        index = _by_name(self.project.files, frozenset())
        same = index.get(name, ())
        if same:
            # One that lies in a folder of another name may well be another file.
            certain = len(same) == 1 and folder_name(same[0]) == folder_name(path) != ""
            return Resolution(How.MISSING, same[0] if len(same) == 1 else "", certain)
        alike = [known for known in index if known.lower() == name.lower()]
        if not alike:
            numbers = _DIGITS.findall(name)
            # phase1.md is close to phase2.md and not what was meant.
            known_names = [n for n in index if _DIGITS.findall(n) == numbers]
            alike = difflib.get_close_matches(name, known_names, 2, _CLOSE) if name else []
        paths = index[alike[0]] if len(alike) == 1 else ()
        return Resolution(How.MISSING, paths[0] if len(paths) == 1 else "")


def without_project_name(entry: TreeEntry, project: Project) -> TreeEntry:
    """Return the entry without a drawn root that is the project's own folder."""
    root = entry.drawn_root
    if not root or root in project.folders or not project.files:
        return entry
    return replace(entry, path=entry.below_root, drawn_root="")


@lru_cache(maxsize=4)
def _by_name(files: AbstractSet[str], folders: AbstractSet[str]) -> dict[str, tuple[str, ...]]:
    """Return the paths by their last name."""
    found: dict[str, list[str]] = {}
    for path in sorted(files | folders):
        found.setdefault(posixpath.basename(path), []).append(path)
    return {name: tuple(paths) for name, paths in found.items()}
