"""What holds for any text."""

from __future__ import annotations

import ast
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prp_pack.evidence.weakening import Effect, compare, compare_goalposts
from prp_pack.parse import document
from tests.evidence.catalogue import cases, gates

PATHS = (
    "tests/test_a.py", "tests/conftest.py", "tests/support.py", "src/a.py", "a.test.ts", "a_test.go",
    "tests/a.rs", "tests/a.bats", "pyproject.toml", "ruff.toml", "mypy.ini", "setup.cfg", "tox.ini",
    "pytest.ini", ".coveragerc", ".flake8", ".pylintrc", ".pre-commit-config.yaml", "tsconfig.json", "package.json",
    ".eslintrc", ".eslintrc.json", ".github/workflows/ci.yml", ".gitlab-ci.yml", "Makefile", "justfile",
    "codecov.yml", "README.md", "",
)  # fmt: skip
TEXTS = [
    text for page in ("weakened.md", "honest.md") for case in cases(page)
    for side in (case.old, case.new) for text in side.values()
]  # fmt: skip
FRAGMENTS = st.lists(
    st.one_of(st.sampled_from(TEXTS), st.text(max_size=40), st.sampled_from(["\n", "    ", "\t", "\0", "[", "{"])),
    max_size=4,
).map("".join)  # fmt: skip
NUMBERED = [
    "assert total([{}]) == {}", "with pytest.raises(ValueError):\n        total({}, {})",
    "for n in range({}):\n        assert total(n) > {}", "total({}, {})", "if total({}):\n        assert other({})",
]  # fmt: skip


@given(st.sampled_from(PATHS), FRAGMENTS)
@settings(max_examples=300)
def test_a_text_compared_with_itself_is_no_change(path: str, text: str) -> None:
    assert compare(path, text, text) == ()


@given(st.sampled_from(PATHS), FRAGMENTS, FRAGMENTS)
@settings(max_examples=600, deadline=None)
def test_no_two_texts_make_it_raise(path: str, old: str, new: str) -> None:
    for change in compare(path, old, new):
        assert change.path == path
        assert 0 <= change.line <= new.count("\n") + 1
        assert change.message
        assert "\n" not in change.message


@given(st.sampled_from(PATHS), FRAGMENTS)
@settings(max_examples=200, deadline=None)
def test_a_file_may_come_and_go(path: str, text: str) -> None:
    compare(path, None, text)
    compare(path, text, None)
    assert compare(path, None, None) == ()


@given(FRAGMENTS, FRAGMENTS)
@settings(max_examples=200, deadline=None)
def test_no_two_documents_make_it_raise(old: str, new: str) -> None:
    before, after = (document.parse(text, "PRPs/a.md") for text in (old, new))
    compare_goalposts(before, after, gates(before), gates(after))
    assert compare_goalposts(after, after, gates(after), gates(after)) == ()


@st.composite
def modules(draw: st.DrawFn) -> str:
    bodies = draw(st.lists(st.lists(st.tuples(st.sampled_from(NUMBERED), st.integers(0, 3), st.integers(0, 3)),
                                    min_size=1, max_size=3), max_size=4))  # fmt: skip
    return "import pytest\n" + "".join(
        f"\ndef test_{index}():\n" + "".join(f"    {line.format(a, b)}\n" for line, a, b in body)
        for index, body in enumerate(bodies)
    )


@given(modules(), st.sampled_from(NUMBERED), st.integers(0, 3), st.integers(0, 3), st.booleans())
@settings(deadline=None)
def test_adding_a_test_never_weakens(module: str, line: str, a: int, b: int, first: bool) -> None:
    added = f"\ndef test_added():\n    {line.format(a, b)}\n"
    new = module.replace("import pytest\n", f"import pytest\n{added}") if first else module + added
    found = compare("tests/test_a.py", module, new)
    assert [one for one in found if one.effect is Effect.WEAKENED] == []
    assert any(one.kind == "test-added" for one in found)


@given(modules())
@settings(deadline=None)
def test_formatting_is_no_change_of_tests(module: str) -> None:
    found = compare("tests/test_a.py", module, ast.unparse(ast.parse(module)))
    assert [one for one in found if one.effect is not Effect.NEUTRAL] == []


@given(modules(), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_tests_is_no_change(module: str, random: Random) -> None:
    head, *tests = module.split("\ndef ")
    random.shuffle(tests)
    assert compare("tests/test_a.py", module, "\ndef ".join([head, *tests])) == ()


LARGE = {
    "many tests": "".join(f"def test_{n}():\n    assert f({n}) == {n}\n" for n in range(20_000)),
    "one long line": "x = [" + "1, " * 300_000 + "]\n",
    "deep brackets": "(" * 500_000,
    "a long chain": "def test_a():\n    assert " + "a + " * 100_000 + "1\n",
    "nested blocks": "def test_a():\n" + "".join("    " * n + "if a:\n" for n in range(1, 90)) + "    " * 90 + "assert a\n",
    "one long word": "a" * 1_000_000,
    "quotes": '"' * 1_000_000,
    "backticks and stars": "*`" * 500_000,
    "open assertions": "expect(" * 140_000,
    "if without end": "if " * 300_000,
    "spaces": " " * 1_000_000 + "x",
    "many commands": "\t-pytest && ruff check . || true\n" * 20_000,
    "many keys": "".join(f"key{n} = {n}\n" for n in range(60_000)),
    "many lists": "- run: pytest\n" * 60_000,
    "comments": "x = 1  # noqa: E501\n" * 50_000,
    "helpers that call each other": "".join(
        f"def h{n}(x):\n    assert x == {n}\n    h{n + 1}(x)\n    h{n + 2}(x)\n" for n in range(2000)
    ) + "def test_a():\n    h0(1)\n",
    "cases": "import pytest\n@pytest.mark.parametrize('a', [" + "1, " * 3000 + "])\ndef test_a(a):\n" + "    assert a == f(a)\n" * 200,
}  # fmt: skip


# Where a text is read in one way each.
READ = (
    "tests/test_a.py",
    "pyproject.toml",
    "a.test.ts",
    "setup.cfg",
    ".github/workflows/ci.yml",
    "Makefile",
)


@pytest.mark.parametrize("name", LARGE)
@pytest.mark.parametrize("path", READ)
def test_a_tangled_text_comes_to_an_end(path: str, name: str) -> None:
    # Below what is given up on at once.
    text = LARGE[name][:100_000]
    compare(path, text, text.replace("1", "2", 1) + "\n")


@pytest.mark.parametrize("name", ["many tests", "one long line", "quotes", "spaces"])
@pytest.mark.parametrize("path", READ[:2])
def test_a_megabyte_comes_to_an_end(path: str, name: str) -> None:
    text = LARGE[name]
    compare(path, text, text.replace("1", "2", 1) + "\n")


@pytest.mark.parametrize("name", LARGE)
def test_a_large_document_comes_to_an_end(name: str) -> None:
    text = "## What\n### Success Criteria\n- [ ] " + LARGE[name][:100_000]
    old, new = (document.parse(one, "PRPs/a.md") for one in (text, text.replace("1", "2", 1) + "x"))
    compare_goalposts(old, new, gates(old), gates(new))
