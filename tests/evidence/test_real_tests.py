"""The example service's own tests, damaged and rewritten by program."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TypeVar

import pytest

from prp_pack.evidence.weakening import Effect, Role, compare, compare_trees, role_of

EXAMPLE = Path(__file__).parents[2] / "examples" / "parcel-tracker"
FILES = {
    path.relative_to(EXAMPLE).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(EXAMPLE.glob("tests/**/*.py"))
}


def asserts() -> list[tuple[str, int, int]]:
    return [
        (path, node.lineno, node.end_lineno or node.lineno)
        for path, text in FILES.items()
        for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Assert)
    ]  # fmt: skip


def rewritten(text: str, first: int, last: int, line: str) -> str:
    """Return the text with a statement replaced, at the same indentation."""
    lines = text.split("\n")
    indent = lines[first - 1][: len(lines[first - 1]) - len(lines[first - 1].lstrip())]
    return "\n".join([*lines[: first - 1], indent + line, *lines[last:]])


def weakens(path: str, new: str) -> bool:
    return any(one.effect is Effect.WEAKENED for one in compare(path, FILES[path], new))


@pytest.mark.parametrize("replacement", ["pass", "assert True", "print()"])
@pytest.mark.parametrize(("path", "first", "last"), asserts())
def test_dropping_any_one_assertion_weakens(
    path: str, first: int, last: int, replacement: str
) -> None:
    assert weakens(path, rewritten(FILES[path], first, last, replacement))


@pytest.mark.parametrize(("path", "first", "last"), asserts())
def test_making_any_one_assertion_conditional_weakens(path: str, first: int, last: int) -> None:
    statement = " ".join(line.strip() for line in FILES[path].split("\n")[first - 1 : last])
    assert weakens(path, rewritten(FILES[path], first, last, f"if str(1) == '2': {statement}"))
    loose = statement.replace("assert ", "assert __debug__ is None or ", 1)
    assert weakens(path, rewritten(FILES[path], first, last, loose))


def functions() -> list[tuple[str, str, int]]:
    return [
        (path, node.name, node.lineno)
        for path, text in FILES.items() if role_of(path) is Role.TEST
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test")
    ]  # fmt: skip


@pytest.mark.parametrize(("path", "name", "line"), functions())
def test_taking_any_one_test_away_weakens(path: str, name: str, line: int) -> None:
    text = FILES[path]
    assert weakens(path, text.replace(f"def {name}(", f"def _{name}("))
    assert weakens(path, text + f"\n{name} = None\n")
    skipped = text.split("\n")
    skipped.insert(line - 1, '@pytest.mark.skip(reason="later")')
    assert weakens(path, "\n".join(skipped))


@pytest.mark.parametrize(("path", "name"), [(path, name) for path, name, _ in functions()])
def test_renaming_any_one_test_is_neutral(path: str, name: str) -> None:
    new = FILES[path].replace(f"def {name}(", f"def {name}_too(")
    assert {one.effect for one in compare(path, FILES[path], new)} == {Effect.NEUTRAL}


@pytest.mark.parametrize("path", [path for path in FILES if role_of(path) is Role.TEST])
def test_deleting_or_hiding_a_file_weakens_and_moving_it_does_not(path: str) -> None:
    text = FILES[path]
    gone = compare(path, text, None)
    assert any(one.kind == "test-deleted" for one in gone)
    hidden = compare_trees({path: text}, {path.replace("test_", "check_"): text})
    assert any(one.kind == "test-not-collected" for one in hidden)
    moved = compare_trees({path: text}, {f"tests/moved/{path.rpartition('/')[2]}": text})
    assert {one.effect for one in moved} <= {Effect.NEUTRAL}


Function = TypeVar("Function", bound=ast.AST)


class _Locals(ast.NodeTransformer):
    """Give another name to what the functions of a module assign."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        return self._renamed(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        return self._renamed(node)

    def _renamed(self, node: Function) -> Function:
        stored = {
            one.id
            for one in ast.walk(node)
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
        }
        stored -= {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)}
        for one in ast.walk(node):
            if isinstance(one, ast.Name) and one.id in stored:
                one.id = f"{one.id}_too"
        return node


@pytest.mark.parametrize("path", FILES)
def test_rewriting_a_file_honestly_is_no_change(path: str) -> None:
    tree = ast.parse(FILES[path])
    assert [
        c for c in compare(path, FILES[path], ast.unparse(tree)) if c.effect is not Effect.NEUTRAL
    ] == []
    renamed = ast.unparse(_Locals().visit(tree))
    assert [c for c in compare(path, FILES[path], renamed) if c.effect is not Effect.NEUTRAL] == []
