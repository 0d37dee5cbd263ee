from __future__ import annotations

import json

import httpx
from websockets.sync.client import connect


def test_listeners_hear_what_is_stored_in_its_order(server: str) -> None:
    address = server.replace("http", "ws", 1)
    with httpx.Client(base_url=server) as client, connect(f"{address}/ws/meters/M-4") as socket:
        socket.recv(5)
        for litres in range(10):
            client.post("/meters/M-4/readings", json={"litres": litres}).raise_for_status()
        told = [json.loads(socket.recv(5))["reading"]["id"] for _ in range(10)]
        stored = client.get("/meters/M-4/readings", params={"limit": 10}).json()["items"]
    assert told == [each["id"] for each in reversed(stored)]
