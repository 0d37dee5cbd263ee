"""What decorators and calls in a test take away from it: skips, expected failures, retries."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prp_pack.evidence.weakening.forms import Scope, Value, dotted, shortened, value_of


@dataclass(frozen=True, slots=True)
class Mark:
    """`kind` is the name of the change when it is added; `form` tells it from others of its kind.

    `more` is the number that makes it harmless when it grows (`max_examples`), else None.
    `off` is true when the test, or some of its cases, no longer counts.
    """

    kind: str
    form: str
    line: int
    text: str
    more: float | None = None
    off: bool = False
    strict: bool = False


_SKIPS = frozenset({"skip", "skipif", "xfail", "skipIf", "skipUnless", "expectedFailure",
                    "importorskip", "skipTest", "SkipTest"})  # fmt: skip
_KINDS = {"xfail": "xfail-added", "expectedFailure": "xfail-added"}
_RETRIES = frozenset({"flaky", "retry", "repeat_on_failure", "rerun", "reruns"})
# Decorators that change how a test is run or prepared, not whether it counts.
_HARMLESS = frozenset("""
    fixture asyncio anyio trio override staticmethod classmethod parametrize usefixtures
    timeout integration_test freeze_time activate mock
    django_db xdist_group order dependency allure title feature story step tag tags wraps
    cache lru_cache dataclass
    httpx_mock respx responses vcr use_cassette benchmark given example settings seed
    reproduce_failure hookimpl hookspec patch object dict multiple
""".split())  # fmt: skip  # noqa: SIM905 - a list of words
# What hypothesis tries when nobody says how many.
DEFAULT_EXAMPLES = 100.0


def marks_of(decorators: Iterable[ast.expr], scope: Scope) -> Iterator[Mark]:
    """Yield the marks among decorators, or in the list that `pytestmark` is."""
    for node in decorators:
        mark = _mark(node, scope)
        if mark is not None:
            yield mark


def listed(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, ast.List | ast.Tuple) else [node]


def _mark(node: ast.expr, scope: Scope) -> Mark | None:  # noqa: PLR0911 - one for each kind
    function = node.func if isinstance(node, ast.Call) else node
    name = dotted(function).rpartition(".")[2]
    is_mark = ".mark." in f".{dotted(function)}"
    keywords = _keywords(node, scope)
    text = f"@{dotted(function)}"
    if name in _SKIPS:
        return skip(name, node, scope, text)
    if name in _RETRIES:
        return Mark("retry-added", name, node.lineno, text)
    if name == "filterwarnings":
        said = value_of(node, scope).form
        return None if "str:'error" in said else Mark("warning-ignored", said, node.lineno, text)
    if name == "settings":
        many = keywords.get("max_examples", Value("")).number
        return Mark("settings", "max_examples", node.lineno, text,
                    more=DEFAULT_EXAMPLES if many is None else many)  # fmt: skip
    if name in ("given", "example"):
        return Mark(name, value_of(node, scope).form, node.lineno, text)
    if is_mark or name in _HARMLESS or not name:
        return None
    return Mark("decorator-added", name, node.lineno, text)


def skip(name: str, node: ast.expr, scope: Scope, text: str, guard: str = "") -> Mark:
    """Return the mark of a skip or an expected failure; its reason doesn't count."""
    positional = node.args if isinstance(node, ast.Call) else []
    conditions = (
        []
        if name in ("skip", "skipTest", "SkipTest", "importorskip", "exit", "_exit")
        else positional
    )
    keywords = _keywords(node, scope)
    forms = [value_of(one, scope).form for one in conditions[: 1 if name != "xfail" else 9]]
    forms += [f"{key}={value.form}" for key, value in sorted(keywords.items())
              if key in ("condition", "raises", "run")]  # fmt: skip
    strict = keywords.get("strict", Value("")).form == "bool:True"
    kind = _KINDS.get(name, "skip-added")
    return Mark(
        kind, f"{name}({','.join(forms)}){guard}", node.lineno, text, off=True, strict=strict
    )


def _keywords(node: ast.expr, scope: Scope) -> dict[str, Value]:
    found = node.keywords if isinstance(node, ast.Call) else []
    return {one.arg: value_of(one.value, scope) for one in found if one.arg}


# --- Parametrised cases ---------------------------------------------------------------------

MAX_CASES = 400


def cases_of(decorators: Iterable[ast.expr], scope: Scope) -> list[dict[str, Value]]:
    """Return what the parameters are in each case; one empty case where there are none."""
    cases: list[dict[str, Value]] = [{}]
    for node in decorators:
        if not isinstance(node, ast.Call) or len(node.args) < 1:
            continue
        if dotted(node.func).rpartition(".")[2] != "parametrize":
            continue
        values = _argument(node, 1, "argvalues")
        if values is not None:
            table = value_of(values, scope)
            added = list(_cases(_names(node.args[0]), table))
            if len(cases) * len(added) > MAX_CASES:
                any_case = Value(shortened(f"each case of {table.form}"))
                added = [dict.fromkeys(_names(node.args[0]), any_case)]
            cases = [before | one for before in cases for one in added]
    return cases


def _argument(node: ast.Call, index: int, name: str) -> ast.expr | None:
    if len(node.args) > index:
        return node.args[index]
    return next((one.value for one in node.keywords if one.arg == name), None)


def _names(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [name.strip() for name in node.value.split(",") if name.strip()]
    return [str(one.value) for one in listed(node) if isinstance(one, ast.Constant)]


def _cases(names: list[str], values: Value) -> Iterator[dict[str, Value]]:
    if values.items is None:
        for_each = (Value(f"each({values.form}){index}") for index in range(len(names)))
        yield dict(zip(names, for_each, strict=True))
        return
    for item in values.items:
        if item.form == SKIPPED_CASE:
            continue
        if len(names) == 1:
            yield {names[0]: item}
        elif item.items is not None and len(item.items) == len(names):
            yield dict(zip(names, item.items, strict=True))
        else:
            parts = (Value(f"{item.form}[int:{index}]") for index in range(len(names)))
            yield dict(zip(names, parts, strict=True))


SKIPPED_CASE = "a case that doesn't count"


def case(node: ast.Call, scope: Scope) -> Value:
    """Return the value of `pytest.param(…)`: what it holds, or that it is skipped."""
    marks = _argument(node, 99, "marks")
    if marks is not None and any(mark.off for mark in marks_of(listed(marks), scope)):
        return Value(SKIPPED_CASE)
    values = tuple(value_of(one, scope) for one in node.args)
    if len(values) == 1:
        return values[0]
    forms = ",".join(one.form for one in values)
    return Value(f"({forms})", values, None, all(one.constant for one in values))
