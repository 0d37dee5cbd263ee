"""The section matrix: derived from the template, committed, judged with reasons."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from prp_pack.markdown import normalise, outline
from prp_pack.schema import matrix, template
from prp_pack.schema.conditions import CONDITIONS
from prp_pack.schema.sections import locate

SEED = Path(__file__).parents[3] / "shared/seed/prp_template_v3.md"
TEXT = template.shipped_text()
OVERRIDES = matrix.overrides()
SHIPPED = matrix.shipped()
BY_WORDING = {"simple": 25, "first": 36, "middle": 36, "last": 35}
JUDGED = {"simple": 24, "first": 36, "middle": 36, "last": 35}


@pytest.fixture(scope="module")
def seed() -> str:
    if not SEED.is_file():
        pytest.skip("the seed template is not shipped with the project")
    return SEED.read_text(encoding="utf-8")


def test_our_template_requires_as_many_sections_as_the_seed() -> None:
    assert matrix.derive(TEXT).counts() == BY_WORDING
    assert matrix.derive(TEXT, OVERRIDES).counts() == JUDGED == SHIPPED.counts()


def test_the_seed_requires_these_sections(seed: str) -> None:
    assert matrix.derive(seed).counts() == BY_WORDING
    assert matrix.derive(seed, OVERRIDES).counts() == JUDGED


def test_seed_and_ours_have_the_same_sections(seed: str) -> None:
    ours = {spec.id: (spec.level, spec.when) for spec in SHIPPED.sections}
    assert {s.id: (s.level, s.when) for s in matrix.derive(seed, OVERRIDES).sections} == ours


def test_the_levels_that_share_a_number_in_the_seed_are_told_apart(seed: str) -> None:
    derived = matrix.derive(seed, OVERRIDES)
    levels = [spec.name for spec in derived.sections if spec.parent == "validation-loop"]
    assert sorted(levels) == [
        "level-1-component-validation",
        "level-1a-unit-tests-for-each-new-feature",
        "level-1b-service-smoke-test",
        "level-2-integration-validation",
        "level-3-performance-validation",
        "level-4-system-integration",
        "level-5-forward-compatibility",
    ]
    twice = [section.line for match in locate(outline(seed), derived).matches
             if (section := match.section).title.startswith(("Level 2", "Level 3"))]  # fmt: skip
    assert len(twice) == 4


def test_the_committed_matrix_is_what_is_derived_now() -> None:
    derived = matrix.derive(TEXT, OVERRIDES, "PRPs/templates/prp_base.md")
    committed = files("prp_pack.schema").joinpath("matrix.json").read_text(encoding="utf-8")
    assert committed == matrix.to_json(derived)
    assert matrix.from_json(committed) == derived == SHIPPED


def test_the_committed_fingerprints_are_those_of_the_seed(seed: str) -> None:
    committed = files("prp_pack.schema").joinpath("seed.json").read_text(encoding="utf-8")
    assert committed == template.seed_json(seed, matrix.derive(seed, OVERRIDES))


@pytest.mark.parametrize("entry", OVERRIDES["section"], ids=lambda entry: str(entry["id"]))
def test_a_judgement_has_a_reason_and_names_a_section(entry: dict[str, object]) -> None:
    assert str(entry["reason"]).endswith(".")
    assert entry["id"] in SHIPPED.by_id
    known = {"id", "reason", "when", "carried", "waivable", "grammar", "aliases"}
    assert set(entry) <= known
    assert entry.get("grammar", "") in ("", "tasks", "free")


def test_aliases_are_normalised() -> None:
    for spec in SHIPPED.sections:
        assert [normalise(alias) for alias in spec.aliases] == list(spec.aliases), spec.id


def test_signatures_and_required_sections_exist() -> None:
    named = SHIPPED.lineages
    for id_ in (*named.v3_signature, *named.v2_signature, *named.v2_required):
        assert id_ in SHIPPED.by_id


def test_ids_are_unique_and_conditions_known() -> None:
    assert len(SHIPPED.by_id) == len(SHIPPED.sections) == len(SHIPPED.order)
    assert {name for spec in SHIPPED.sections for name in spec.when} <= set(CONDITIONS)


def test_no_name_under_one_parent_means_two_sections() -> None:
    names = [(spec.parent, name) for spec in SHIPPED.sections for name in spec.names]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("path", "id_"),
    [
        (("goal",), "goal"),
        (("objective",), "goal"),
        (("what", "success-criteria"), "what.success-criteria"),
        (("what", "acceptance-criteria"), "what.success-criteria"),
        (("feature-description", "success-metrics"), "what.success-criteria"),
        (("success-criteria",), None),
        (("goal", "other"), None),
        (("other", "goal"), None),
        ((), None),
    ],
)
def test_a_path_of_titles_or_aliases_is_a_section(path: tuple[str, ...], id_: str | None) -> None:
    spec = SHIPPED.at(path)
    assert (spec.id if spec else None) == id_


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("success-criteria", "what.success-criteria"),
        ("success-metrics", "what.success-criteria"),
        ("integration-points", "implementation-blueprint.integration-points"),
        ("other", None),
    ],
)
def test_a_name_of_one_section_only_is_that_section(name: str, id_: str | None) -> None:
    spec = SHIPPED.named(name)
    assert (spec.id if spec else None) == id_


OWN = """\
# Our template

## Goal
### Risks (for complex multi-phase projects)
## Goal
## Ausblick (Complex Multi-Phase Projects - Non-Final Phases)
#### Too deep
"""


def test_a_team_that_edits_its_template_gets_its_own_matrix() -> None:
    own = matrix.matrix_for(OWN, "PRPs/templates/prp_base.md")
    assert [(s.id, s.title, s.level, s.when) for s in own.sections] == [
        ("goal", "Goal", 2, ()),
        ("goal.risks", "Risks", 3, ("complex",)),
        ("ausblick", "Ausblick", 2, ("complex", "not-final")),
    ]
    assert own.counts() == {"simple": 1, "first": 3, "middle": 3, "last": 2}
    assert own.template == "PRPs/templates/prp_base.md"
    assert own.by_id["goal"].aliases == SHIPPED.by_id["goal"].aliases


def test_two_sections_of_one_name_are_found_by_their_path_only() -> None:
    own = matrix.matrix_for("## A\n### Same\n## B\n### Same\n")
    assert own.named("same") is None
    spec = own.at(("b", "same"))
    assert spec is not None
    assert (spec.parent, spec.name) == ("b", "same")


@pytest.mark.parametrize("text", [None, TEXT], ids=["none", "ours"])
def test_without_an_own_template_the_matrix_is_the_shipped_one(text: str | None) -> None:
    assert matrix.matrix_for(text) is SHIPPED
