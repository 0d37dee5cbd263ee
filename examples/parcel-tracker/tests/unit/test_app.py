import pytest
from support import app_client

from parcel_tracker.app import create_app
from parcel_tracker.settings import Settings

pytestmark = pytest.mark.anyio
ADA = {"code": "AB123", "recipient": "Ada"}


async def test_health_is_ok(settings: Settings) -> None:
    async with app_client(create_app(settings)) as client:
        answer = await client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_a_parcel_can_be_created_and_read(settings: Settings) -> None:
    async with app_client(create_app(settings)) as client:
        created = await client.post("/parcels", json=ADA)
        read = await client.get("/parcels/AB123")
    assert created.status_code == 201
    assert read.json() == created.json()
    assert read.json() | ADA | {"status": "registered", "last_scan": None} == read.json()


async def test_a_scan_can_be_added_and_listed(settings: Settings) -> None:
    async with app_client(create_app(settings)) as client:
        await client.post("/parcels", json=ADA)
        scan = await client.post(
            "/parcels/AB123/scans", json={"place": "Bern", "status": "in_transit"}
        )
        scans = await client.get("/parcels/AB123/scans")
    assert scan.status_code == 201
    assert scans.json() == {"items": [scan.json()]}


async def test_an_unknown_parcel_answers_404(settings: Settings) -> None:
    async with app_client(create_app(settings)) as client:
        answer = await client.get("/parcels/ZZ999")
    assert answer.status_code == 404
    assert answer.json() == {"error": "parcel_not_found", "detail": "There is no parcel ZZ999."}


async def test_a_second_parcel_with_the_code_answers_409(settings: Settings) -> None:
    async with app_client(create_app(settings)) as client:
        await client.post("/parcels", json=ADA)
        answer = await client.post("/parcels", json=ADA)
    assert (answer.status_code, answer.json()["error"]) == (409, "parcel_exists")


async def test_an_invalid_body_answers_422_and_names_the_field(settings: Settings) -> None:
    async with app_client(create_app(settings)) as client:
        answer = await client.post("/parcels", json={"code": "AB123"})
    assert answer.status_code == 422
    assert answer.json() == {
        "error": "invalid_request",
        "detail": [{"field": "body.recipient", "message": "Field required"}],
    }
