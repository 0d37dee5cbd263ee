"""New PRPs of the example project and of projects with less."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from prp_pack.check.engine import Checker
from prp_pack.context import ResolvedContext, resolve
from prp_pack.model import CompletionSummary, Endpoint, Phase, PhaseContext, PhaseType
from prp_pack.parse import document, yaml_block
from prp_pack.render import context_block
from prp_pack.repository import Repository
from prp_pack.scaffold import new_prp, path_for, tree_of
from prp_pack.schema import matrix, template
from prp_pack.schema.sections import locate
from prp_pack.schema.shapes import SHAPES, mismatches
from prp_pack.values import replace

EXAMPLE = Repository(Path(__file__).parents[1] / "examples/parcel-tracker")
MATRIX = matrix.shipped()
TEMPLATE = template.read(template.shipped_text(), MATRIX)
NAMES = ["INITIAL", "PHASE1_REQUIREMENTS", "PHASE2_REQUIREMENTS", "PHASE3_REQUIREMENTS"]
PATTERN = re.compile(r"^(FOUNDATION|INTEGRATION|OPTIMIZATION)_PHASE:", re.MULTILINE)


def resolved_for(name: str) -> ResolvedContext:
    return resolve(EXAMPLE, f"PRPs/{name}.md")


def made(resolved: ResolvedContext, tree: str = "└── src/") -> str:
    return new_prp(resolved, TEMPLATE, MATRIX, tree)


EVERY_NAME = pytest.mark.parametrize("name", NAMES)


@EVERY_NAME
def test_its_sections_are_those_that_the_matrix_requires(name: str) -> None:
    resolved = resolved_for(name)
    assert resolved.context is not None
    found = locate(document.parse(made(resolved), "PRPs/x.md").outline, MATRIX)
    required = [spec.id for spec in MATRIX.required(resolved.context)]
    assert [match.spec.id for match in found.matches] == required
    assert found.unknown == ()


@EVERY_NAME
def test_its_context_block_is_the_true_one(name: str) -> None:
    resolved = resolved_for(name)
    parsed = document.parse(made(resolved), "PRPs/x.md")
    assert parsed.front_matter.problems == ()
    assert parsed.block.context == resolved.context
    assert (parsed.block.problems, parsed.block.unknown) == ((), ())
    assert parsed.block.facts == resolved.digest
    assert resolved.context is not None
    block = context_block.render(resolved.context, resolved.sources, resolved.digest)
    assert context_block.fill(parsed, block) is None


@EVERY_NAME
def test_every_yaml_fence_parses_and_has_its_shape(name: str) -> None:
    parsed = document.parse(made(resolved_for(name)), "PRPs/x.md")
    for match in locate(parsed.outline, MATRIX).matches:
        for fence in parsed.outline.fences_of(match.section):
            if fence.language == "yaml" and match.spec.grammar != "tasks":
                block = yaml_block.load(fence.content, fence.line + 1, "PRPs/x.md")
                assert block.problems == ()
                if match.spec.id in SHAPES and "[" not in fence.content.replace("[]", ""):
                    assert list(mismatches(block.value, SHAPES[match.spec.id])) == []


@EVERY_NAME
def test_no_number_of_a_phase_is_left_open(name: str) -> None:
    assert re.search(r"\[N[\]+-]", made(resolved_for(name))) is None


@pytest.mark.parametrize(
    ("name", "patterns"),
    [
        ("INITIAL", []),
        ("PHASE1_REQUIREMENTS", ["FOUNDATION"]),
        ("PHASE2_REQUIREMENTS", ["INTEGRATION"]),
        ("PHASE3_REQUIREMENTS", ["OPTIMIZATION"]),
    ],
)
def test_only_the_pattern_of_its_own_type_is_there(name: str, patterns: list[str]) -> None:
    assert PATTERN.findall(made(resolved_for(name))) == patterns


def test_the_first_phase_names_no_phase_before_it() -> None:
    text = made(resolved_for("PHASE1_REQUIREMENTS"))
    assert not re.search(r"phase[_ =]?0|PHASE0|--phase=0|\[N-1\]|PHASE-1", text, re.IGNORECASE)
    assert "--phase=1 --format" in text
    assert "--target-phase=2" in text


def test_the_last_phase_names_no_phase_behind_it() -> None:
    text = made(resolved_for("PHASE3_REQUIREMENTS"))
    assert "--target-phase=3" in text
    assert "--target-phase=4" not in text
    assert "--baseline=phase_2" in text


def test_front_matter_names_the_phase_its_end_and_its_requirements() -> None:
    front = document.parse(made(resolved_for("PHASE2_REQUIREMENTS")), "PRPs/x.md").front_matter
    assert dict(front.values) == {
        "template": "prp_base",
        "name": "Live updates",
        "description": "Tell every listener of a parcel about each new scan over a WebSocket.",
        "requirements": "PRPs/PHASE2_REQUIREMENTS.md",
    }


def test_without_requirements_front_matter_names_none() -> None:
    front = document.parse(made(ResolvedContext(PhaseContext())), "PRPs/x.md").front_matter
    assert "requirements" not in front.values
    assert front.text("name").startswith("[")


def test_the_hand_over_of_earlier_phases_is_there_with_its_places() -> None:
    text = made(resolved_for("PHASE2_REQUIREMENTS"))
    assert '"POST /parcels"  # PRPs/PHASE1_COMPLETION_SUMMARY.md:8' in text


@pytest.mark.parametrize(("tree", "line"), [("└── src/", "└── src/"), ("", "(no files yet)")])
def test_the_current_tree_is_there(tree: str, line: str) -> None:
    assert f"```bash\n{line}\n```" in made(resolved_for("PHASE2_REQUIREMENTS"), tree)


def test_the_tree_is_of_code_only() -> None:
    files = ("PRPs/x.md", ".claude/settings.json", ".prp/y", "src/a.py", "README.md")
    assert tree_of(files) == "├── src/\n│   └── a.py\n└── README.md"


def test_the_scripts_that_were_installed_are_no_code_of_the_project() -> None:
    files = ("scripts/_prp.py", "scripts/load_test.py", "scripts/release.py", "src/a.py")
    assert tree_of(files) == "├── scripts/\n│   └── release.py\n└── src/\n    └── a.py"
    own = ("scripts/load_test.py", "src/a.py")
    assert "load_test.py" in tree_of(own)


@EVERY_NAME
def test_the_same_facts_give_the_same_bytes(name: str) -> None:
    assert made(resolved_for(name)) == made(resolved_for(name))


def test_what_an_earlier_phase_wrote_is_not_taken_for_a_template() -> None:
    output = CompletionSummary(
        "PRPs/S.md", 1, endpoints=(Endpoint("http", "/x", usage="a[N-1] a[N+1]"),)
    )
    last = replace(resolved_for("PHASE3_REQUIREMENTS"), outputs=(output,))
    assert 'usage: "a[N-1] a[N+1]"' in made(last)


def test_a_phase_that_depends_on_none_has_no_baseline() -> None:
    phase = Phase(2, 3, PhaseType.INTEGRATION, ())
    text = made(ResolvedContext(PhaseContext(phase), requirements="PRPs/x.md"))
    assert "--baseline" not in text
    assert "previous_phase_outputs: []" in text


def test_without_a_known_context_there_is_no_prp() -> None:
    with pytest.raises(ValueError, match="a PRP needs a context that is known"):
        made(ResolvedContext(None))


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ("## Goal\n[x]\n## Plan [N] of [N+1]\n", "## Goal\n[x]\n## Plan 1 of 2"),
        (
            "## Implementation Blueprint\n### Phase-Specific Architecture Patterns\nfree\n",
            "## Implementation Blueprint\n### Phase-Specific Architecture Patterns\nfree",
        ),
        ("## Project Context\n```yaml\n```\nx", "```\nx"),
        ("## Implementation Blueprint\n### Phase-Specific Patterns\n```yaml\n# x\n```\n", "```yaml\n\n```"),
    ],
)  # fmt: skip
def test_a_teams_own_template_is_filled_as_far_as_it_goes(own: str, expected: str) -> None:
    sections = matrix.matrix_for(own)
    phase = PhaseContext(Phase(1, 2, PhaseType.FOUNDATION))
    text = new_prp(ResolvedContext(phase), template.read(own, sections), sections, "")
    assert text.endswith(f"{expected}\n")


@pytest.mark.parametrize(
    ("resolved", "path"),
    [
        (ResolvedContext(PhaseContext(Phase(2, 3, PhaseType.INTEGRATION))), "PRPs/phase2.md"),
        (ResolvedContext(PhaseContext(), name="Parcel labels (A4)"), "PRPs/parcel-labels.md"),
        (ResolvedContext(PhaseContext(), requirements="PRPs/My feature.md"), "PRPs/my-feature.md"),
        (ResolvedContext(PhaseContext()), "PRPs/feature.md"),
        (ResolvedContext(PhaseContext(), name="../../x"), "PRPs/x.md"),
        (ResolvedContext(None, name="🎯"), "PRPs/feature.md"),
    ],
)
def test_a_new_prp_goes_where_its_phase_or_name_says(resolved: ResolvedContext, path: str) -> None:
    assert path_for(resolved) == path


def test_half_of_a_character_in_a_name_breaks_no_prp(tmp_path: Path) -> None:
    (tmp_path / "PRPs").mkdir()
    path = "PRPs/caf\udce9.md"
    (tmp_path / path).write_text('---\nname: "a\\ud800b"\n---\n# Labels\n')
    repository = Repository(tmp_path)
    checker = Checker(repository)
    made = new_prp(resolve(repository, path), checker.template, checker.matrix, "")
    assert "caf\ufffd.md" in made
    made.encode()
