from datetime import UTC, datetime, timedelta

import pytest

from parcel_tracker.schema import NewParcel, NewScan, Status
from parcel_tracker.storage import (
    ParcelDeliveredError,
    ParcelExistsError,
    Storage,
    UnknownParcelError,
)

ADA = NewParcel(code="AB123", recipient="Ada")
BERN = NewScan(place="Bern", status=Status.IN_TRANSIT)
DOOR = NewScan(place="Front door", status=Status.DELIVERED)


def test_a_new_parcel_is_registered_and_has_no_scan(storage: Storage) -> None:
    added = storage.add_parcel(ADA)
    assert (added.status, added.last_scan) == (Status.REGISTERED, None)
    assert storage.get_parcel("AB123") == added


def test_a_code_is_used_once(storage: Storage) -> None:
    storage.add_parcel(ADA)
    with pytest.raises(ParcelExistsError, match="AB123"):
        storage.add_parcel(NewParcel(code="AB123", recipient="Grace"))
    assert storage.get_parcel("AB123").recipient == "Ada"


def test_times_are_in_utc_after_reading(storage: Storage) -> None:
    storage.add_parcel(ADA)
    created = storage.get_parcel("AB123").created_at
    assert created.tzinfo is UTC
    assert abs(datetime.now(UTC) - created) < timedelta(minutes=1)


def test_a_scan_moves_the_parcel(storage: Storage) -> None:
    storage.add_parcel(ADA)
    scan = storage.add_scan("AB123", BERN)
    parcel = storage.get_parcel("AB123")
    assert parcel.status is Status.IN_TRANSIT
    assert parcel.last_scan == scan


def test_scans_are_listed_oldest_first_and_for_one_parcel(storage: Storage) -> None:
    storage.add_parcel(ADA)
    storage.add_parcel(NewParcel(code="CD456", recipient="Grace"))
    scans = [storage.add_scan("AB123", BERN), storage.add_scan("AB123", DOOR)]
    other = storage.add_scan("CD456", BERN)
    assert storage.list_scans("AB123") == scans
    assert storage.list_scans("CD456") == [other]


def test_nothing_follows_delivered(storage: Storage) -> None:
    storage.add_parcel(ADA)
    delivered = storage.add_scan("AB123", DOOR)
    for late in (BERN, DOOR):
        with pytest.raises(ParcelDeliveredError):
            storage.add_scan("AB123", late)
    assert storage.list_scans("AB123") == [delivered]
    assert storage.get_parcel("AB123").status is Status.DELIVERED


def test_an_unknown_code_is_refused_everywhere(storage: Storage) -> None:
    with pytest.raises(UnknownParcelError):
        storage.get_parcel("ZZ999")
    with pytest.raises(UnknownParcelError):
        storage.list_scans("ZZ999")
    with pytest.raises(UnknownParcelError):
        storage.add_scan("ZZ999", BERN)
