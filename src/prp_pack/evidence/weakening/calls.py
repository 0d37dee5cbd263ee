"""What calls mean in a test: assertions of unittest and libraries, skips, stand-ins."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass

from prp_pack.evidence.weakening.assertions import NOTHING, Check, check_of, checks_of, close
from prp_pack.evidence.weakening.forms import Scope, Value, called, dotted, shortened, value_of
from prp_pack.evidence.weakening.marks import Mark, skip


@dataclass(frozen=True, slots=True)
class Said:
    """`checks` is None where the call asserts nothing; empty where it can't fail."""

    checks: list[Check] | None = None
    skip: Mark | None = None


_SKIPPING = frozenset({"pytest.skip", "pytest.xfail", "pytest.importorskip", "skip", "xfail",
                       "importorskip", "self.skipTest", "pytest.exit", "os._exit"})  # fmt: skip
_FAILING = frozenset({"pytest.fail", "self.fail", "fail"})
# Of unittest: the operator, and whether it is negated.
_TWO = {
    "assertEqual": ("eq", False), "assertEquals": ("eq", False), "assertNotEqual": ("eq", True),
    "assertIs": ("is", False), "assertIsNot": ("is", True), "assertIn": ("in", False),
    "assertNotIn": ("in", True), "assertIsInstance": ("isinstance", False),
    "assertNotIsInstance": ("isinstance", True), "assertListEqual": ("eq", False),
    "assertTupleEqual": ("eq", False), "assertSetEqual": ("eq", False),
    "assertDictEqual": ("eq", False), "assertMultiLineEqual": ("eq", False),
    "assertSequenceEqual": ("eq", False), "assertCountEqual": ("count", False),
    "assertRegex": ("regex", False), "assertNotRegex": ("regex", True),
    "assertLess": ("lt", False), "assertLessEqual": ("le", False),
    "assertGreater": ("gt", False), "assertGreaterEqual": ("ge", False),
    "assert_equal": ("eq", False), "assert_array_equal": ("eq", False),
    "assert_frame_equal": ("eq", False), "assert_series_equal": ("eq", False),
}  # fmt: skip
_CLOSE = frozenset({"assert_allclose", "assert_array_almost_equal", "assert_almost_equal"})
_RAISES = frozenset({"raises", "assertRaises", "assertRaisesRegex", "RaisesGroup"})
_WARNS = frozenset({"warns", "deprecated_call", "assertWarns", "assertWarnsRegex"})
_ASSERTING = ("assert", "check", "verify", "expect", "ensure", "should", "validate")
_MOCKS = frozenset({"Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock",
                    "PropertyMock", "create_autospec", "mock_open"})  # fmt: skip
_PATCHES = frozenset({"patch", "object", "multiple", "setattr", "delattr", "setitem", "delitem"})


def read(node: ast.Call, scope: Scope) -> Said:  # noqa: PLR0911 - one for each kind of call
    """Return what a call on a line of its own asserts or skips."""
    name = dotted(node.func)
    last = name.rpartition(".")[2]
    if name in _SKIPPING:
        return Said(skip=skip(last, node, scope, f"{name}()"))
    if name in _FAILING:
        return Said([Check("fail", Value(""), NOTHING)])
    if last in ("assume", "reject"):
        form = ",".join(value_of(arg, scope).form for arg in node.args)
        return Said(skip=Mark("assumption-added", form, node.lineno, f"{name}()"))
    if last in ("simplefilter", "filterwarnings") and _is_ignore(node):
        form = called(node, scope).form
        return Said(skip=Mark("warning-ignored", form, node.lineno, f"{name}()"))
    if last in _RAISES | _WARNS:
        return Said(_raised_by_call(node, last, scope))
    if last.startswith("assert"):
        return Said(_assertion(node, last, scope))
    return Said()


def _is_ignore(node: ast.Call) -> bool:
    first = node.args[0] if node.args else None
    return isinstance(first, ast.Constant) and first.value in ("ignore", "once", "default")


def _assertion(node: ast.Call, last: str, scope: Scope) -> list[Check] | None:
    args = node.args
    if last in ("assertTrue", "assertFalse") and args:
        return list(checks_of(args[0], scope, negated=last == "assertFalse"))
    if last in ("assertIsNone", "assertIsNotNone") and args:
        none = Value("NoneType:None", constant=True, falsy=True)
        return [check_of("is", value_of(args[0], scope), none, negated=last == "assertIsNotNone")]
    if last in _CLOSE and len(args) > 1:
        return [close(node, scope)]
    if last in ("assertAlmostEqual", "assertNotAlmostEqual") and len(args) > 1:
        left, right = value_of(args[0], scope), value_of(args[1], scope)
        negated = last == "assertNotAlmostEqual"
        return [check_of("eq", left, right, (0.0, _places(node, scope)), negated=negated)]
    if last in _TWO and len(args) > 1:
        return _of_two(node, last, scope)
    return None


def _of_two(node: ast.Call, last: str, scope: Scope) -> list[Check]:
    op, negated = _TWO[last]
    operators: dict[str, ast.cmpop] = {
        "eq": ast.Eq(), "is": ast.Is(), "in": ast.In(), "lt": ast.Lt(), "le": ast.LtE(),
        "gt": ast.Gt(), "ge": ast.GtE(),
    }  # fmt: skip
    if op in operators:
        # The same comparison, written as an expression.
        compared = ast.Compare(node.args[0], [operators[op]], [node.args[1]])
        return list(checks_of(compared, scope, negated=negated))
    left, right = value_of(node.args[0], scope), value_of(node.args[1], scope)
    return [check_of(op, left, right, negated=negated)]


def _places(node: ast.Call, scope: Scope) -> float:
    said = {one.arg: value_of(one.value, scope).number for one in node.keywords}
    delta = said.get("delta")
    if delta is not None:
        return delta
    places = said.get("places")
    if places is None and len(node.args) > 2:  # noqa: PLR2004 - first, second, places
        places = value_of(node.args[2], scope).number
    digits = min(max(7.0 if places is None else places, -300.0), 300.0)
    return 0.5 * math.pow(10.0, -digits)


def expectation(node: ast.Call, scope: Scope) -> Check | None:
    """Return the check that `with raises(…)` or `with warns(…)` is; what it holds is still open."""
    last = dotted(node.func).rpartition(".")[2]
    if last not in _RAISES | _WARNS:
        return None
    types = value_of(node.args[0], scope) if node.args else Value("")
    match = next((value_of(k.value, scope) for k in node.keywords if k.arg == "match"), Value(""))
    if last.endswith("Regex") and len(node.args) > 1:
        match = value_of(node.args[1], scope)
    form = shortened(f"{types.form} {match.form}")
    op = "raises" if last in _RAISES else "warns"
    return Check(op, NOTHING, Value(form, (types, match)))


def _raised_by_call(node: ast.Call, last: str, scope: Scope) -> list[Check] | None:
    """Return the check of `raises(Error, function, argument)`."""
    regex = last.endswith("Regex")
    rest = node.args[2 if regex else 1 :]
    check = expectation(node, scope)
    if check is None or not rest:
        return None
    inner = ast.Call(rest[0], rest[1:], node.keywords)
    body = value_of(ast.copy_location(inner, node), scope)
    return [Check(check.op, body, check.right)]


def stand_in(name: str, node: ast.Call, scope: Scope) -> str:
    """Return what a call replaces by something that is made up, or an empty text."""
    base, _, last = name.rpartition(".")
    if last in _MOCKS:
        return last
    patching = base.endswith(("patch", "mock", "mocker")) or "monkeypatch" in name
    if last == "setattr" and not base:
        # `setattr(module, …)`, and not on an object that the test made.
        patching = (
            bool(node.args)
            and isinstance(node.args[0], ast.Name)
            and (node.args[0].id not in scope.names)
        )
    if not (last in _PATCHES and (patching or name == "patch")) or not node.args:
        return ""
    what = [value_of(arg, scope) for arg in node.args[:2]]
    target = ".".join(one.form for one in what if one.form.startswith("str:") or one is what[0])
    return "" if "environ" in target else shortened(f"{target}")


def is_failure(node: ast.stmt) -> bool:
    """Tell whether a statement does nothing but fail the test."""
    if isinstance(node, ast.Raise) and node.exc is not None:
        function = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return dotted(function).rpartition(".")[2] in ("AssertionError", "Failed")
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return dotted(node.value.func) in _FAILING
    return False


def is_asserting(node: ast.Call) -> bool:
    name = dotted(node.func)
    return name in _FAILING or name in _SKIPPING or reads_as_assertion(node)


def reads_as_assertion(node: ast.Call) -> bool:
    """Tell whether a function of which nothing else is known is called like an assertion."""
    function = node.func
    last = function.attr if isinstance(function, ast.Attribute) else dotted(function)
    if not last:
        return False
    return last.lstrip("_").lower().startswith(_ASSERTING)
