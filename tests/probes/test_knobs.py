"""No script but its owner changes its verdict when a defect is switched on, unless a reason says so.

A knob that stands for its script is looked at in every run; all of them with PRP_KNOBS=all, which
takes a quarter of an hour: `make knobs`. `python -m tests.probes.test_knobs` writes what comes of
each into docs/scripts/knobs.md.
"""

from __future__ import annotations

import ast
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from prp_pack.probes import CATALOGUE
from tests.probes.knobs import ELSEWHERE, KNOBS, Knob
from tests.probes.site import ROOT
from tests.probes.stands import STANDS, made

PAGE = ROOT / "docs/scripts/knobs.md"
NAMES = [each.name for each in CATALOGUE]
# Which file has the knobs of a stand, where an environment variable switches them.
FILES = {"items": "target", "letters": "handoff_target", "chat": "socket_target",
         "warehouse shop": "warehouse_shop"}  # fmt: skip
Cell = tuple[str, str, str]
"""A stand, a knob or nothing, and a script."""


def off() -> list[Cell]:
    return [(stand, "", script) for stand in STANDS for script in STANDS[stand].scripts]


def cells() -> Iterator[Cell]:
    """Yield everything that can be looked at."""
    yield from off()
    for knob in KNOBS:
        for script in STANDS[knob.stand].scripts:
            yield knob.stand, knob.name, script


def shown() -> Iterator[Cell]:
    """Yield one knob of each script. That it passes without one is tested beside each script."""
    for knob in KNOBS:
        if knob.shown:
            yield knob.stand, knob.name, knob.owner


def expected(cell: Cell) -> int:
    stand, name, script = cell
    for knob in KNOBS:
        if (knob.stand, knob.name) == (stand, name):
            return knob.status if script == knob.owner else knob.others.get(script, (0, ""))[0]
    return 0


def test_each_script_has_a_knob_and_each_stand_says_why_others_are_not_run() -> None:
    assert sorted({each.owner for each in KNOBS if each.shown}) == sorted(NAMES)
    for stand in STANDS.values():
        assert sorted([*stand.scripts, *stand.absent]) == sorted(NAMES), stand.name
        assert all(stand.absent.values())
    for knob in KNOBS:
        assert {knob.owner, *knob.others} <= set(STANDS[knob.stand].scripts), knob
        assert knob.owner not in knob.others
        assert all(why for _, why in knob.others.values())
        assert bool(knob.why) == (knob.status != 1)
        assert knob.status == 1 or not knob.shown


@pytest.mark.parametrize("stand", FILES)
def test_each_knob_of_a_target_is_in_the_table(stand: str) -> None:
    text = (ROOT / f"tests/probes/{FILES[stand]}.py").read_text(encoding="utf-8")
    asked = {
        node.left.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Compare)
        and isinstance(node.left, ast.Constant)
        and isinstance(node.comparators[0], ast.Name)
        and node.comparators[0].id == "KNOBS"
    }
    known = {name for each in KNOBS if each.stand == stand for name in each.name.split(",")}
    assert asked - set(ELSEWHERE) == known
    assert not known & set(ELSEWHERE)


@pytest.mark.parametrize(
    "cell", list(cells() if os.environ.get("PRP_KNOBS") == "all" else shown()), ids=":".join
)
def test_a_knob_changes_the_verdicts_that_it_should(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, cell: Cell
) -> None:
    stand, knob, script = cell
    base = made(stand, tmp_path_factory.getbasetemp())
    status, said = STANDS[stand].look(base, tmp_path / "site", knob, script)
    assert status == expected(cell), said


# --- The page ------------------------------------------------------------------------------------


def page(observed: Mapping[Cell, int]) -> str:
    """Return the page: of each stand a table of exit statuses, and the reasons."""
    lines = [
        "# What each script makes of each defect",
        "",
        "The tests have services, a database and projects with defects that can be switched on. One script",
        "must find each: its status is in bold. That another one changes its verdict as well has its reason",
        "below the table; all others must not. 0 passed, 1 failed, 3 could not run, 4 inconclusive.",
        "",
        "`make knobs` looks at all of them, `make unit` at one of each script. This page is written by",
        "`python -m tests.probes.test_knobs`, with the statuses that were observed.",
    ]
    for name, stand in STANDS.items():
        scripts = [each for each in NAMES if each in stand.scripts]
        lines += ["", f"## {name.capitalize()}", ""]
        lines.append(f"| | {' | '.join(each.replace('_', ' ') for each in scripts)} |")
        lines.append("|---" * (len(scripts) + 1) + "|")
        lines.append(_row("none", [str(observed[name, "", each]) for each in scripts]))
        ours = [each for each in KNOBS if each.stand == name]
        for knob in ours:
            statuses = ((observed[name, knob.name, script], script) for script in scripts)
            row = [f"**{status}**" if script == knob.owner else str(status)
                   for status, script in statuses]  # fmt: skip
            lines.append(_row(f"`{knob.name}`", row))
        lines += ["", *_reasons(ours)] if any(_reasons(ours)) else []
        lines += ["", *_absent(stand.absent)]
    return "\n".join(lines) + "\n"


def _row(head: str, cells: list[str]) -> str:
    return f"| {head} | {' | '.join(cells)} |"


def _reasons(knobs: list[Knob]) -> list[str]:
    lines = []
    for knob in knobs:
        if knob.why:
            lines.append(f"- `{knob.name}`: {knob.owner} ends with {knob.status}, as {knob.why}.")
        by_reason: dict[tuple[int, str], list[str]] = {}
        for script, said in knob.others.items():
            by_reason.setdefault(said, []).append(script)
        for (status, why), scripts in by_reason.items():
            lines.append(f"- `{knob.name}`: {status} of {', '.join(scripts)}, as {why}.")
    return lines


def _absent(absent: Mapping[str, str]) -> list[str]:
    by_reason: dict[str, list[str]] = {}
    for script, why in absent.items():
        by_reason.setdefault(why, []).append(script)
    said = "; ".join(f"{', '.join(scripts)} ({why})" for why, scripts in by_reason.items())
    return [f"Not applicable: {said}."]


def test_the_page_has_each_knob() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page({cell: expected(cell) for cell in cells()}) == text


def main() -> int:
    wanted = list(cells())
    with tempfile.TemporaryDirectory() as made_here, ThreadPoolExecutor(2) as pool:
        folder = Path(made_here)
        bases = {stand: made(stand, folder) for stand in STANDS}

        def look(at: int) -> int:
            stand, knob, script = wanted[at]
            status, said = STANDS[stand].look(bases[stand], folder / f"site{at}", knob, script)
            if status != expected(wanted[at]):
                sys.stderr.write(f"{wanted[at]}: {status}, not {expected(wanted[at])}\n{said}\n")
            return status

        observed = dict(zip(wanted, pool.map(look, range(len(wanted))), strict=True))
    PAGE.write_text(page(observed), encoding="utf-8")
    return int(any(status != expected(cell) for cell, status in observed.items()))


if __name__ == "__main__":
    sys.exit(main())
