from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from prp_pack.check.paths import How, without_project_name
from prp_pack.check.registry import Target, rule
from prp_pack.model import Edit, Fence, Finding, Section, Severity
from prp_pack.parse import desired_tree
from prp_pack.render import tree

_SECTION = "all-needed-context.current-codebase-tree-to-get-an-overview-of-the-codebase"
_PROGRAM = frozenset("""
    .py .ts .tsx .js .jsx .mjs .rs .go .java .kt .cs .rb .php .swift .c .cc .cpp .h .vue .svelte
    .ex .exs .scala .clj .lua .dart .sql .sh
""".split())  # fmt: skip  # noqa: SIM905 - a list of words
# A folder `scripts/` with two files in it is none that a reader must know of.
_GOOD_PART = 0.15
_HINT = "run `prp check --fix` to draw the tree as git lists it"


@rule(
    "PRP304",
    name="stale-tree",
    summary="The current tree isn't what the project holds.",
    severity=Severity.WARNING,
    fixable=True,
)
def stale_tree(target: Target) -> Iterator[Finding]:
    # The tree of a PRP that was carried out is the tree of then.
    match = next(iter(target.located.by_id.get(_SECTION, ())), None)
    if match is None or target.paths.executed:
        return
    fences = target.document.outline.fences_of(match.section)
    fence = next(iter(fences), None)
    now = tree.of_code(sorted(target.project.files)) or tree.NO_FILES
    if any(now in f.content for f in fences):
        return
    for line, column, message in _stale(target, match.section, fences):
        yield Finding(line, message, column, help=_HINT, fix=_redrawn(match.section, fence, now))


def _stale(
    target: Target, section: Section, fences: tuple[Fence, ...]
) -> Iterator[tuple[int, int, str]]:
    drawn = [
        without_project_name(entry, target.project)
        for fence in fences
        for entry in desired_tree.parse(fence.content, fence.line + 1)
    ]
    if not drawn:
        where = fences[0].line if fences else section.line
        yield where, 1, "the current tree is empty"
        return
    gone = [e for e in drawn if e.path and not _is_there(target, e.path)]
    if gone:
        more = f", nor {'is' if len(gone) == 2 else 'are'} {len(gone) - 1} more" if gone[1:] else ""  # noqa: PLR2004
        yield (
            gone[0].line,
            gone[0].column,
            f"the current tree has “{gone[0].path}”, which isn't there{more}",
        )
    tops = {entry.path.partition("/")[0] for entry in drawn}
    absent = sorted(_source_folders(target) - tops)
    # A tree that shows one part of the project says so by its first folder.
    if absent and not (len(tops) == 1 and "/" in drawn[0].path):
        yield drawn[0].line, drawn[0].column, f"the current tree lacks the folder “{absent[0]}”"


def _is_there(target: Target, path: str) -> bool:
    name = path.rpartition("/")[2]
    # `(other parts)` and `[later.py]` say that there is more, not what.
    if any(mark in path for mark in "*…") or "..." in path or name.startswith(("(", "[")):
        return True
    if target.project.exists(path):
        return True
    shown = {tree.shown(p): p for p in target.project.files if not p.isprintable()}
    found = target.paths.resolve(path).how
    return path in shown or found in (How.THERE, How.IGNORED, How.ELSEWHERE, How.UNFILLED)


def _source_folders(target: Target) -> set[str]:
    """Return the folders at the top that hold a good part of the project's programs."""
    programs = [
        path.partition("/")
        for path in tree.code_of(target.project.files)
        if PurePosixPath(path).suffix in _PROGRAM
        if not path.startswith(".")
    ]
    tops = Counter(top for top, slash, _ in programs if slash)
    return {top for top, count in tops.items() if count >= len(programs) * _GOOD_PART}


def _redrawn(section: Section, fence: Fence | None, now: str) -> Edit | None:
    if fence is None:
        after = section.line + 1
        return Edit(after, after, f"```text\n{now}\n```\n")
    if not fence.closed or fence.nested or "```" in now:
        return None
    return Edit(fence.line + 1, fence.end - 1, f"{now}\n")
