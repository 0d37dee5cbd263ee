"""Phase 2 through WebSockets on a real server."""

import json

import httpx
import pytest
from support import Listener, app_client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from parcel_tracker.app import create_app
from parcel_tracker.schema import NewParcel
from parcel_tracker.settings import Settings
from parcel_tracker.storage import Storage

ADA = {"code": "AB123", "recipient": "Ada"}


def test_the_first_message_is_the_state(server: str) -> None:
    created = httpx.post(f"http://{server}/parcels", json=ADA).json()
    with connect(f"ws://{server}/ws/parcels/AB123") as socket:
        assert json.loads(socket.recv(5)) == {"type": "state", "parcel": created}


def test_each_scan_reaches_every_listener(server: str) -> None:
    httpx.post(f"http://{server}/parcels", json=ADA)
    url = f"ws://{server}/ws/parcels/AB123"
    with connect(url) as first, connect(url) as second:
        first.recv(5)
        second.recv(5)
        body = {"place": "Bern", "status": "in_transit"}
        scan = httpx.post(f"http://{server}/parcels/AB123/scans", json=body).json()
        for socket in (first, second):
            assert json.loads(socket.recv(5)) == {"type": "scan", "scan": scan}


def test_a_refused_scan_is_not_announced(server: str) -> None:
    httpx.post(f"http://{server}/parcels", json=ADA)
    scans = f"http://{server}/parcels/AB123/scans"
    httpx.post(scans, json={"place": "Thun", "status": "delivered"})
    with connect(f"ws://{server}/ws/parcels/AB123") as socket:
        assert json.loads(socket.recv(5))["parcel"]["status"] == "delivered"
        late = httpx.post(scans, json={"place": "Bern", "status": "in_transit"})
        assert late.status_code == 409
        with pytest.raises(TimeoutError):
            socket.recv(0.2)


def test_an_unknown_parcel_closes_with_4404(server: str) -> None:
    url = f"ws://{server}/ws/parcels/ZZ999"
    with connect(url) as socket, pytest.raises(ConnectionClosed) as closed:
        socket.recv(5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4404


@pytest.mark.anyio
async def test_a_slow_listener_does_not_disturb_a_quick_one(settings: Settings) -> None:
    app = create_app(Settings(settings.database_url, live_queue=3))
    async with app_client(app) as client:
        await client.post("/parcels", json=ADA)
        async with Listener(app, "AB123") as slow, Listener(app, "AB123") as quick:
            await slow.message()
            await quick.message()
            slow.stop_reading()
            for number in range(10):
                body = {"place": f"Depot {number}", "status": "in_transit"}
                await client.post("/parcels/AB123/scans", json=body)
                assert (await quick.message())["scan"]["place"] == f"Depot {number}"
            await slow.until_closing()
            slow.read_again()
            assert await slow.close_code() == 1013


@pytest.mark.anyio
async def test_a_broken_database_closes_with_1011(settings: Settings) -> None:
    app = create_app(settings)  # not started, so there are no tables
    async with Listener(app, "AB123") as listener:
        assert await listener.close_code() == 1011
    store = Storage(settings.database_url)
    store.create_tables()
    store.add_parcel(NewParcel.model_validate(ADA))
    store.close()
    async with Listener(app, "AB123") as listener:
        assert (await listener.message())["type"] == "state"
