import pytest
from pydantic import ValidationError

from parcel_tracker.schema import NewParcel, NewScan, Status


@pytest.mark.parametrize("code", ["AB12", "AB-123", "0" * 20])
def test_a_good_code_is_kept(code: str) -> None:
    assert NewParcel(code=code, recipient="Ada").code == code


@pytest.mark.parametrize(
    "code", ["", "AB1", "ab123", "-AB1", "AB 123", "AB123\n", "0" * 21, "ÄB12"]
)
def test_a_bad_code_is_refused(code: str) -> None:
    with pytest.raises(ValidationError, match="code"):
        NewParcel(code=code, recipient="Ada")


def test_spaces_around_a_line_are_removed() -> None:
    assert NewParcel(code="AB123", recipient="  Ada Lovelace ").recipient == "Ada Lovelace"


@pytest.mark.parametrize("recipient", ["", "   ", "two\nlines", "a\x00b", "x" * 101])
def test_a_recipient_is_one_printable_line(recipient: str) -> None:
    with pytest.raises(ValidationError, match="recipient"):
        NewParcel(code="AB123", recipient=recipient)


def test_an_unknown_status_is_refused() -> None:
    with pytest.raises(ValidationError, match="status"):
        NewScan.model_validate({"place": "Bern", "status": "lost"})


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError, match="weight"):
        NewScan.model_validate({"place": "Bern", "status": Status.DELIVERED, "weight": 3})
