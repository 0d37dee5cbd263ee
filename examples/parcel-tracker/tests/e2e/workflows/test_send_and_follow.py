"""The service as a user starts it: a process, HTTP and a WebSocket."""

import json
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from support import server_process
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect


def test_a_parcel_is_sent_followed_and_delivered(process: str) -> None:
    with httpx.Client(base_url=f"http://{process}") as client:
        created = client.post("/parcels", json={"code": "PT-0001", "recipient": "Ada Lovelace"})
        assert created.status_code == 201
        with connect(f"ws://{process}/ws/parcels/PT-0001") as socket:
            assert json.loads(socket.recv(5))["parcel"]["status"] == "registered"
            for place, status in (("Bern", "in_transit"), ("Thun", "delivered")):
                client.post("/parcels/PT-0001/scans", json={"place": place, "status": status})
                scan = json.loads(socket.recv(5))["scan"]
                assert (scan["place"], scan["status"]) == (place, status)
        late = client.post("/parcels/PT-0001/scans", json={"place": "Bern", "status": "in_transit"})
        assert late.status_code == 409
        assert len(client.get("/parcels/PT-0001/scans").json()["items"]) == 2


def test_a_stopped_server_closes_listeners_and_keeps_parcels(tmp_path: Path) -> None:
    parcel = {"code": "PT-0002", "recipient": "Grace Hopper"}
    with ExitStack() as after_the_server:
        with server_process(tmp_path) as address:
            httpx.post(f"http://{address}/parcels", json=parcel)
            url = f"ws://{address}/ws/parcels/PT-0002"
            socket = after_the_server.enter_context(connect(url))
            socket.recv(5)
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    with server_process(tmp_path) as address:
        assert httpx.get(f"http://{address}/parcels/PT-0002").json()["recipient"] == "Grace Hopper"
