from datetime import UTC, datetime

import pytest
from support import Listener, app_client

from parcel_tracker.app import create_app
from parcel_tracker.live import Broadcaster
from parcel_tracker.schema import Scan, Status
from parcel_tracker.settings import Settings

pytestmark = pytest.mark.anyio
ADA = {"code": "AB123", "recipient": "Ada"}
BERN = {"place": "Bern", "status": "in_transit"}


def scan(number: int) -> Scan:
    return Scan(
        id=number,
        place="Bern",
        status=Status.IN_TRANSIT,
        scanned_at=datetime(2026, 1, 2, tzinfo=UTC),
    )


async def test_a_scan_reaches_the_subscribers_of_its_parcel_only() -> None:
    broadcaster = Broadcaster(queue_size=2)
    with broadcaster.subscribe("AB123") as first, broadcaster.subscribe("CD456") as second:
        broadcaster.publish("AB123", scan(1))
        assert first.queue.get_nowait() == scan(1)
        assert second.queue.empty()


async def test_a_full_queue_drops_its_subscriber_and_no_other() -> None:
    broadcaster = Broadcaster(queue_size=2)
    with broadcaster.subscribe("AB123") as slow, broadcaster.subscribe("AB123") as quick:
        for number in (1, 2, 3):
            broadcaster.publish("AB123", scan(number))
            assert quick.queue.get_nowait() == scan(number)
        assert slow.dropped.is_set()
        assert not quick.dropped.is_set()
        assert broadcaster.subscribers("AB123") == 1


async def test_nothing_is_kept_for_a_subscriber_that_left() -> None:
    broadcaster = Broadcaster(queue_size=2)
    with broadcaster.subscribe("AB123"):
        assert broadcaster.subscribers("AB123") == 1
    assert broadcaster.subscribers("AB123") == 0
    broadcaster.publish("AB123", scan(1))


async def test_a_listener_gets_the_state_and_then_each_scan(settings: Settings) -> None:
    app = create_app(settings)
    async with app_client(app) as client:
        created = await client.post("/parcels", json=ADA)
        async with Listener(app, "AB123") as listener:
            assert await listener.message() == {"type": "state", "parcel": created.json()}
            listener.say("anything")
            added = await client.post("/parcels/AB123/scans", json=BERN)
            assert await listener.message() == {"type": "scan", "scan": added.json()}


async def test_an_unknown_parcel_closes_with_4404(settings: Settings) -> None:
    app = create_app(settings)
    async with app_client(app), Listener(app, "ZZ999") as listener:
        assert await listener.close_code() == 4404


async def test_a_listener_that_does_not_read_is_closed_with_1013(settings: Settings) -> None:
    app = create_app(Settings(settings.database_url, live_queue=2))
    async with app_client(app) as client:
        await client.post("/parcels", json=ADA)
        async with Listener(app, "AB123") as listener:
            await listener.message()
            listener.stop_reading()
            # One scan is being sent, two wait, the fourth does not fit.
            for _ in range(4):
                answer = await client.post("/parcels/AB123/scans", json=BERN)
                assert answer.status_code == 201
            await listener.until_closing()
            listener.read_again()
            assert await listener.close_code() == 1013


async def test_a_listener_may_leave_while_a_scan_is_sent(settings: Settings) -> None:
    app = create_app(settings)
    async with app_client(app) as client:
        await client.post("/parcels", json=ADA)
        async with Listener(app, "AB123") as listener:
            await listener.message()
            listener.stop_reading()
            await client.post("/parcels/AB123/scans", json=BERN)
        assert (await client.get("/health")).status_code == 200
