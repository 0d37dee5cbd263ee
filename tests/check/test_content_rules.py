"""What the rules on content must and must not find, beyond the examples on their pages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from prp_pack.check.engine import Checker
from prp_pack.check.rules import RULES
from prp_pack.model import Finding, Severity
from prp_pack.repository import Repository
from prp_pack.schema import template

SEED = Path(__file__).parents[3] / "shared/seed/prp_template_v3.md"
WITH_SEED = pytest.mark.skipif(not SEED.exists(), reason="the seed template isn't here")

PLAN = """\
---
template: phase_plan
phases:
  - {number: 1, name: store, type: foundation, complexity: low, depends_on: []}
  - {number: 2, name: tracking, type: integration, complexity: high, depends_on: [1]}
---
"""
BLOCK = """\
## Project Context
```yaml
PROJECT_TYPE: complex_multi_phase
PHASE_INFO:
  number: 2
  total_phases: 2
  phase_type: integration
  previous_phases: [1]
  template_source: PRPs/PROJECT_PHASE_PLAN.md
  complexity_level: high
```
"""


def check(folder: Path, text: str, *ids: str, path: str = "PRPs/example.md") -> list[Finding]:
    """Return the findings of the named rules in a PRP of our own lineage."""
    rules = tuple(rule for rule in RULES if not ids or rule.id in ids)
    return Checker(Repository(folder), rules=rules, strict=True).check_text(text, path)


def messages(findings: Iterable[Finding]) -> list[str]:
    return [f"{finding.line}: {finding.message}" for finding in findings]


def tokens(findings: Iterable[Finding]) -> list[str]:
    return [re.findall(r"“(.*?)”", finding.message)[0] for finding in findings]


@pytest.fixture
def planned(tmp_path: Path) -> Path:
    (tmp_path / "PRPs").mkdir()
    (tmp_path / "PRPs/PROJECT_PHASE_PLAN.md").write_text(PLAN, encoding="utf-8")
    return tmp_path


# --- The seed template ----------------------------------------------------------------------


@WITH_SEED
def test_each_of_the_seeds_placeholders_is_found(tmp_path: Path) -> None:
    text = SEED.read_text(encoding="utf-8")
    wanted = set(re.findall(r"\[[^\[\]\n]+\]", text)) - {"[ ]"}
    assert len(wanted) == 86
    assert wanted <= set(tokens(check(tmp_path, text, "PRP301")))


@WITH_SEED
def test_each_of_the_seeds_placeholders_is_found_where_it_stands(tmp_path: Path) -> None:
    text = SEED.read_text(encoding="utf-8")
    wanted = {
        (number, match.start() + 1)
        for number, line in enumerate(text.split("\n"), start=1)
        for match in re.finditer(r"\[[^\[\]\n]+\]", line)
        if match[0] != "[ ]"
    }
    assert wanted <= {(f.line, f.column) for f in check(tmp_path, text, "PRP301")}


@WITH_SEED
def test_two_fences_of_the_seed_do_not_parse(tmp_path: Path) -> None:
    text = SEED.read_text(encoding="utf-8")
    lines = text.split("\n")
    found = check(tmp_path, text, "PRP303")
    assert [lines[finding.line - 1].strip() for finding in found] == [
        "current: [X]ms",
        "...(...)",
    ]


@WITH_SEED
def test_the_seeds_samples_and_guidance_are_found(tmp_path: Path) -> None:
    found = check(tmp_path, SEED.read_text(encoding="utf-8"), "PRP302")
    assert len(found) > 20


@WITH_SEED
def test_unfilled_templates_have_no_wrong_shape(tmp_path: Path) -> None:
    seed = SEED.read_text(encoding="utf-8")
    assert check(tmp_path, seed, "PRP306") == []


def test_our_own_template_has_no_wrong_shape(tmp_path: Path) -> None:
    assert check(tmp_path, template.shipped_text(), "PRP306") == []


def test_our_own_template_parses(tmp_path: Path) -> None:
    assert check(tmp_path, template.shipped_text(), "PRP303") == []


def test_each_of_our_placeholders_is_found(tmp_path: Path) -> None:
    text = template.shipped_text()
    assert set(template.placeholders(text)) <= set(tokens(check(tmp_path, text, "PRP301")))


def test_each_comment_of_our_template_is_found(tmp_path: Path) -> None:
    text = template.shipped_text()
    comments = {n for n, line in enumerate(text.split("\n"), start=1) if line.startswith("<!--")}
    assert {finding.line for finding in check(tmp_path, text, "PRP302")} == comments


# --- Placeholders ---------------------------------------------------------------------------

MEANT = [
    "A link to the [target](target.md).",
    "A link to the [target][1].",
    "[target]: target.md",
    "The element `counts[N]` and `counts[0][N]` and `counts()[N]`.",
    "- [X] done",
    "3. [x] done",
    "> - [X] done",
    "- [ ] open",
    "```python\nwindows = [target]\n```",
    "```rust\nlet windows = [N];\n```",
    "```bash\necho ${counts[N]}\n```",
    "Ranges such as [0, 1] and [a, b].",
    "A phase_number, and phase_n.",
]
LEFT = [
    ("Found in <[target]ms.", ["[target]"]),
    ("Read PHASE[N]_REQUIREMENTS.md, or phase_[N].", ["[N]", "[N]"]),
    ("Read PHASE[N+2]_REQUIREMENTS.md.", ["[N+2]"]),
    ("```yaml\ncurrent: [X]ms\n```", ["[X]"]),
    ("```python\n# [target] ms\n```", ["[target]"]),
    ("```ts\nload(); // [target] ms\n```", ["[target]"]),
    ("```bash\nrun --phase=[N] --of=phase_[N]\n```", ["[N]", "[N]"]),
    ("[todo] [FIXME later] [Your name] [insert text] [fill_this_in]",
     ["[todo]", "[FIXME later]", "[Your name]", "[insert text]", "[fill_this_in]"]),
    ("- [ ] [Criterion with a number and its unit]", ["[Criterion with a number and its unit]"]),
    ("--target=[<Xms] and <Xms", ["[<Xms]", "<Xms"]),
]  # fmt: skip


@pytest.mark.parametrize("text", MEANT)
def test_brackets_that_mean_something_are_no_placeholders(tmp_path: Path, text: str) -> None:
    assert check(tmp_path, f"## Goal\n{text}\n", "PRP301") == []


@pytest.mark.parametrize(("text", "wanted"), LEFT)
def test_placeholders_are_found(tmp_path: Path, text: str, wanted: list[str]) -> None:
    assert tokens(check(tmp_path, f"## Goal\n{text}\n", "PRP301")) == wanted


def test_a_capital_x_is_a_box_only_behind_a_bullet() -> None:
    assert list(template.placeholders("- [X] done\n[X]ms\n- [ ] open\n")) == ["[X]"]


# --- Context --------------------------------------------------------------------------------


def test_a_phase_without_a_plan_is_an_error(tmp_path: Path) -> None:
    found = check(tmp_path, BLOCK, "PRP201")
    assert messages(found) == ["5: at PRPs: phase 2 is asked for but there is no phase plan"]
    assert not found[0].fixable


def test_requirements_that_are_missing_are_reported_where_they_are_named(tmp_path: Path) -> None:
    text = f"---\ntemplate: prp_base\nrequirements: PRPs/gone.md\n---\n{BLOCK}"
    assert messages(check(tmp_path, text, "PRP201")) == ["3: PRPs/gone.md does not exist"]


def test_a_malformed_block_is_not_compared_as_well(planned: Path) -> None:
    text = BLOCK.replace("number: 2", "number: two").replace("phases: 2", "phases: 9")
    rules = {finding.rule for finding in check(planned, text, path="PRPs/phase2.md")}
    assert "PRP202" in rules
    assert "PRP201" not in rules


def test_an_alias_is_a_note_and_its_fix_changes_one_word(planned: Path) -> None:
    text = BLOCK.replace("phase_type: integration", 'phase_type: "frontend"  # frontend')
    (found,) = check(planned, text, "PRP203")
    assert found.severity is Severity.NOTE
    assert found.fix is not None
    assert found.fix.text == '  phase_type: "integration"  # frontend\n'


def test_an_alias_counts_as_what_it_means(planned: Path) -> None:
    text = BLOCK.replace("phase_type: integration", "phase_type: frontend")
    assert check(planned, text, "PRP201") == []


def test_nothing_is_filled_in_while_sources_disagree(planned: Path) -> None:
    path = planned / "PRPs/PHASE2_REQUIREMENTS.md"
    path.write_text("---\ntype: optimization\n---\n", encoding="utf-8")
    text = BLOCK.replace("total_phases: 2", "total_phases: 3")
    text = f"---\nrequirements: PRPs/PHASE2_REQUIREMENTS.md\n---\n{text}"
    found = check(planned, text, "PRP201")
    assert len(found) == 2
    assert not any(finding.fixable for finding in found)


CARRIERS = {
    "list": ("## Project Context\n- ```yaml\n  PROJECT_TYPE: []\n  ```\n", "  PROJECT_TYPE: c"),
    "quote": ("## Project Context\n> ```yaml\n> PROJECT_TYPE: []\n> ```\n", "> PROJECT_TYPE: c"),
    "tildes": ("## Project Context\n~~~yaml\nPROJECT_TYPE: []\n", "\nPROJECT_TYPE: c"),
    "underlined": ("Project Context\n===============\n\n# b\n", "=\n```yaml\n#"),
}


@pytest.mark.parametrize(("text", "wanted"), CARRIERS.values(), ids=CARRIERS)
def test_filling_the_block_leaves_what_it_stands_in(planned: Path, text: str, wanted: str) -> None:
    (planned / "PRPs/phase2.md").write_text(text, encoding="utf-8")
    rules = tuple(rule for rule in RULES if rule.id == "PRP202")
    checker = Checker(Repository(planned), rules=rules, strict=True)
    _, once, remaining = checker.fix("PRPs/phase2.md")
    assert wanted in once
    assert remaining == []


def test_a_fix_on_the_first_line_stays_behind_the_byte_order_mark(planned: Path) -> None:
    path = planned / "PRPs/phase2.md"
    path.write_text("\ufeff## Goal\r\n", encoding="utf-8", newline="")
    checker = Checker(Repository(planned), rules=RULES, strict=True)
    _, raw, _ = checker.fix("PRPs/phase2.md")
    assert raw.startswith("\ufeff")
    assert "\ufeff" not in raw[1:]


# --- Fences ---------------------------------------------------------------------------------

HEAVY = {
    "brackets": "(" * 5000,
    "operators": "+".join(["1"] * 90_000),
    "minus": "-" * 190_000,
    "attributes": "a" + ".b" * 90_000,
    "size": "x = 1\n" * 40_000,
    "digits": "x = " + "9" * 10_000,
    "surrogate": "x = '\ud800'",
    "escape": 'x = "\\d"\nassert (1, 2)',
}


@pytest.mark.parametrize("source", HEAVY.values(), ids=HEAVY)
def test_no_python_fence_is_too_much(tmp_path: Path, source: str) -> None:
    fence = f"## Goal\n```python\n{source}\n```\n"
    found = check(tmp_path, fence, "PRP303")
    assert len(found) == (source != HEAVY["escape"])


def test_a_bomb_of_aliases_is_refused(tmp_path: Path) -> None:
    bomb = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))
    text = BLOCK.replace("PROJECT_TYPE", f"a0: &a0 1\n{bomb}PROJECT_TYPE", 1)
    text = text.replace("previous_phases: [1]", "previous_phases: {x: *a9}")
    (found,) = check(tmp_path, text, "PRP202")
    assert "aliases repeat more than 10000 values" in found.message


@pytest.mark.parametrize("line", ["number: 0x{}", "? 0x{}\n  : 1"])
def test_a_number_too_long_to_print_is_refused(tmp_path: Path, line: str) -> None:
    text = BLOCK.replace("number: 2", line.format("1" * 5000))
    (found,) = check(tmp_path, text, "PRP202")
    assert "has a number of more than 1000 digits" in found.message


# --- Residue --------------------------------------------------------------------------------


def test_carried_text_and_single_words_are_no_residue(tmp_path: Path) -> None:
    carried = template.shipped_text().split("## Project Context")[0]
    assert check(tmp_path, f"{carried}\n## Goal\nasyncio\n", "PRP302") == []
