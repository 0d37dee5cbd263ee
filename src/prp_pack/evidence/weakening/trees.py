"""The files of a project before and after: each is compared as what it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from prp_pack.evidence.weakening import (
    lines,
    pipelines,
    python_tests,
    settings,
    suite,
    suppressions,
)
from prp_pack.evidence.weakening.change import UNKNOWN, Change, weakened
from prp_pack.evidence.weakening.forms import TooLargeError
from prp_pack.evidence.weakening.roles import Role, is_python, role_of

_SUITE = (Role.TEST, Role.SUPPORT)


def compare(path: str, old: str | None, new: str | None) -> tuple[Change, ...]:
    """Return what an edit of one file does; None is a file that doesn't exist."""
    before = {} if old is None else {path: old}
    after = {} if new is None else {path: new}
    return compare_trees(before, after)


def compare_trees(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Change, ...]:
    """Return what the edits of a project do, by path and line.

    Both map paths, relative to the project and with `/`, to texts. Files that don't differ need
    not be there; with them, helpers and fixtures that they define are known.
    """
    before = {path: text for path, text in old.items() if new.get(path) != text}
    after = {path: text for path, text in new.items() if old.get(path) != text}
    found: list[Change] = []
    found += _python(before, after)
    found += _other_tests(before, after)
    found += _data(before, after)
    found += suppressions.compare(before, after)
    found += suppressions.knowing(before, after)
    found += _configuration(before, after)
    return tuple(sorted(set(found), key=lambda one: (one.path, one.line, one.kind, one.message)))


def _python(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    before, after = suite.read(old), suite.read(new)
    unread = after.unread.keys() | before.unread.keys()
    for path, reason in after.unread.items():
        if role_of(path) in _SUITE and path in before.modules:
            yield weakened(path, 1, "unreadable", f"the file can't be read any more: {reason}")
    apart = {path for path in unread if role_of(path) in _SUITE}
    yield from lines.compare(
        _only(old, apart - after.unread.keys()), _only(new, apart & old.keys())
    )
    try:
        yield from list(python_tests.compare(before.without(unread), after.without(unread)))
    except (TooLargeError, RecursionError):
        # What is too large or too deep to be understood is compared as text.
        tests = {path for path in {*old, *new} if is_python(path) and role_of(path) in _SUITE}
        yield from lines.compare(_only(old, tests - unread), _only(new, tests - unread))


def _only(files: Mapping[str, str], paths: Iterable[str]) -> dict[str, str]:
    return {path: files[path] for path in paths if path in files}


def _other_tests(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    paths = [p for p in {**old, **new} if role_of(p) in _SUITE and not is_python(p)]
    yield from lines.compare(_only(old, paths), _only(new, paths))


def _data(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    """Yield the files beside tests that lost lines, unless the same text is elsewhere now."""
    texts = set(new.values())
    for path, text in old.items():
        if role_of(path) is not Role.DATA or text in texts:
            continue
        had, has = Counter(text.splitlines()), Counter(new.get(path, "").splitlines())
        lost = sum((had - has).values())
        if lost:
            message = f"tests may compare with it, and {lost} of its lines changed: {UNKNOWN}"
            yield weakened(path, 0, "expected-data-changed", message)


def _configuration(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    before = {path: text for path, text in old.items() if role_of(path) is Role.CONFIGURATION}
    after = {path: text for path, text in new.items() if role_of(path) is Role.CONFIGURATION}
    yield from settings.compare_all(before, after)
    for path in before.keys() - after.keys():
        if pipelines.is_pipeline(path) and path not in new:
            yield weakened(
                path, 0, "configuration-removed", "the file is gone, and what it ran with it"
            )
