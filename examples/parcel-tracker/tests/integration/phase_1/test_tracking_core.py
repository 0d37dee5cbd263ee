"""Phase 1 through HTTP, on a real server and a real database file."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from support import app_client, server_in_thread

from parcel_tracker.app import create_app
from parcel_tracker.schema import NewParcel, NewScan, Status
from parcel_tracker.settings import Settings
from parcel_tracker.storage import ParcelDeliveredError, Storage

ADA = {"code": "AB123", "recipient": "Ada"}


def test_the_journey_of_a_parcel(server: str) -> None:
    with httpx.Client(base_url=f"http://{server}") as client:
        assert client.post("/parcels", json=ADA).status_code == 201
        for place, status in (
            ("Basel", "registered"),
            ("Bern", "in_transit"),
            ("Thun", "delivered"),
        ):
            body = {"place": place, "status": status}
            assert client.post("/parcels/AB123/scans", json=body).status_code == 201
            assert client.get("/parcels/AB123").json()["status"] == status
        scans = client.get("/parcels/AB123/scans").json()["items"]
        assert [scan["place"] for scan in scans] == ["Basel", "Bern", "Thun"]
        late = client.post("/parcels/AB123/scans", json={"place": "Bern", "status": "in_transit"})
        assert (late.status_code, late.json()["error"]) == (409, "parcel_delivered")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/parcels/ZZ999", None),
        ("GET", "/parcels/ZZ999/scans", None),
        ("POST", "/parcels/ZZ999/scans", {"place": "Bern", "status": "in_transit"}),
    ],
)
def test_an_unknown_parcel_answers_404_on_every_route(
    server: str, method: str, path: str, body: dict[str, str] | None
) -> None:
    answer = httpx.request(method, f"http://{server}{path}", json=body)
    assert (answer.status_code, answer.json()["error"]) == (404, "parcel_not_found")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/parcels", b'{"code": "ab", "recipient": "Ada"}', "body.code"),
        ("/parcels", b'{"code": "AB123", "recipient": "a\\u0000b"}', "body.recipient"),
        ("/parcels", b'{"code": "AB123", "recipient": "\\ud800"}', "body.recipient"),
        ("/parcels", b"not json", "body.0"),
        ("/parcels/AB123/scans", b'{"place": "Bern", "status": "lost"}', "body.status"),
    ],
)
def test_an_invalid_body_answers_422(server: str, path: str, body: bytes, field: str) -> None:
    headers = {"content-type": "application/json"}
    answer = httpx.post(f"http://{server}{path}", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (422, "invalid_request")
    assert [problem["field"] for problem in answer.json()["detail"]] == [field]


def test_parcels_outlive_the_server(settings: Settings) -> None:
    with server_in_thread(settings) as address:
        created = httpx.post(f"http://{address}/parcels", json=ADA).json()
    with server_in_thread(settings) as address:
        assert httpx.get(f"http://{address}/parcels/AB123").json() == created


def test_only_one_of_many_deliveries_at_once_is_stored(settings: Settings) -> None:
    stores = [Storage(settings.database_url) for _ in range(2)]
    stores[0].create_tables()
    stores[0].add_parcel(NewParcel.model_validate(ADA))

    def deliver(number: int) -> bool:
        try:
            stores[number % 2].add_scan(
                "AB123", NewScan(place=f"Door {number}", status=Status.DELIVERED)
            )
        except ParcelDeliveredError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        stored = list(pool.map(deliver, range(8)))
    assert stored.count(True) == 1
    assert len(stores[0].list_scans("AB123")) == 1
    for store in stores:
        store.close()


@pytest.mark.anyio
async def test_a_broken_database_answers_503(settings: Settings, tmp_path: Path) -> None:
    async with app_client(create_app(settings)) as client:
        (tmp_path / "parcels.db").write_bytes(b"this is not a database" * 100)
        for path in ("/health", "/parcels/AB123"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["error"]) == (503, "database_unavailable")
