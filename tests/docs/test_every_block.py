"""No block of the docs stands in no table, so that none can say what isn't so."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import Counter

import pytest

from tests.docs.blocks import PAGES, ROOT, Block, blocks
from tests.docs.scenes import DOCUMENTS, HELD_BY, MAKE, NOT_RUN, SCENES, SESSIONS

CONFIGURATION = ("toml", "yaml", "json", "lua")
RUN = [key for scene in SCENES.values() for key in scene.blocks]
TABLES = (RUN, HELD_BY, NOT_RUN, SESSIONS, MAKE, DOCUMENTS)
_INDENTED = re.compile(r"^ +`{3,}", re.MULTILINE)


def test_every_block_is_held_to_something_exactly_once() -> None:
    shown = Counter(each.key for each in blocks() if each.language not in CONFIGURATION)
    held = Counter(key for table in TABLES for key in table)
    assert shown - held == Counter(), "in no table of tests/docs/scenes.py"
    assert held - shown == Counter(), "in a table, but on no page"


def test_no_fence_is_overlooked() -> None:
    for page in PAGES:
        assert not _INDENTED.search((ROOT / page).read_text(encoding="utf-8")), page


def named_tests() -> list[tuple[str, str, str]]:
    """Return the tests that the tables name: page, file, and function if there is one."""
    found = []
    for table in (HELD_BY, NOT_RUN):
        for (page, _), said in table.items():
            if place := re.search(r"(tests/[\w/]+\.py)(?:::(\w+))?", said):
                found.append((page, place[1], place[2] or ""))
    return found


@pytest.mark.parametrize(("page", "file", "name"), named_tests())
def test_a_test_that_is_named_is_there(page: str, file: str, name: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    functions = {node.name: node for node in ast.walk(ast.parse(text))
                 if isinstance(node, ast.FunctionDef)}  # fmt: skip
    assert not name or name in functions
    if any(said == f"{file}::{name}" and key[0] == page for key, said in HELD_BY.items()):
        assert page in (ast.get_source_segment(text, functions[name]) or ""), "it looks at the page"


def of(keys: tuple[tuple[str, str], ...]) -> list[Block]:
    return [each for each in blocks() if each.key in keys]


@pytest.mark.parametrize("shown", of(MAKE), ids=str)
def test_what_is_to_be_made_can_be_made(shown: Block) -> None:
    made = re.findall(r"^(?:\$ )?(make [^#\n]*)", shown.text, re.MULTILINE)
    assert made
    for command in made:
        subprocess.run([*command.split(), "--dry-run"], cwd=ROOT, check=True, capture_output=True)
