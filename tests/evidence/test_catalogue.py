import pytest

from prp_pack.evidence.weakening import Effect
from tests.evidence.catalogue import Case, cases


@pytest.mark.parametrize("case", cases("weakened.md"), ids=lambda case: case.title)
def test_an_edit_that_weakens_is_found_and_named(case: Case) -> None:
    weakened = {change.kind for change in case.changes() if change.effect is Effect.WEAKENED}
    assert case.expected in weakened


@pytest.mark.parametrize("case", cases("honest.md"), ids=lambda case: case.title)
def test_an_honest_edit_is_not_taken_for_a_weakening(case: Case) -> None:
    found = case.changes()
    assert [change for change in found if change.effect is Effect.WEAKENED] == []
    assert not case.expected or case.expected in {change.effect.value for change in found}


@pytest.mark.parametrize(
    "case", [*cases("weakened.md"), *cases("honest.md")], ids=lambda case: case.title
)
def test_every_case_is_an_edit(case: Case) -> None:
    assert case.old != case.new


def test_the_catalogue_is_as_large_as_it_was() -> None:
    assert len(cases("weakened.md")) >= 190
    assert len(cases("honest.md")) >= 100
