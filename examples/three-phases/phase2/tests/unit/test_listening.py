from __future__ import annotations

import json

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect


def heard(socket: ClientConnection) -> dict[str, object]:
    message: dict[str, object] = json.loads(socket.recv(5))
    return message


def test_a_listener_hears_the_usage_and_then_each_reading(client: httpx.Client) -> None:
    address = str(client.base_url).replace("http", "ws", 1)
    with connect(f"{address}/ws/meters/M-2") as socket:
        assert heard(socket)["usage"] == client.get("/meters/M-2/usage").json()
        stored = client.post("/meters/M-2/readings", json={"litres": 9}).json()
        assert heard(socket) == {"type": "reading", "reading": stored}


def test_an_unknown_meter_closes_with_4404(address: str) -> None:
    ws = address.replace("http", "ws", 1)
    with connect(f"{ws}/ws/meters/N-9") as socket, pytest.raises(ConnectionClosed) as closed:
        socket.recv(5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4404
