"""Phases 1 and 2 together: what HTTP stores is what listeners hear."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

ADA = {"code": "AB123", "recipient": "Ada"}
SCANS = 24


def heard(socket: ClientConnection) -> list[dict[str, Any]]:
    """The state's last scan and every announced scan, up to the last one posted."""
    state = json.loads(socket.recv(5))["parcel"]
    scans = [state["last_scan"]] if state["last_scan"] else []
    while not scans or scans[-1]["place"] != "End":
        scans.append(json.loads(socket.recv(5))["scan"])
    return scans


def test_listeners_that_join_at_any_moment_miss_and_repeat_nothing(server: str) -> None:
    url = f"http://{server}/parcels/AB123/scans"
    httpx.post(f"http://{server}/parcels", json=ADA)

    def post(number: int) -> None:
        body = {"place": f"Depot {number}", "status": "in_transit"}
        assert httpx.post(url, json=body).status_code == 201

    with ExitStack() as stack:
        sockets = []
        with ThreadPoolExecutor(4) as pool:
            posts = [pool.submit(post, number) for number in range(SCANS)]
            for _ in range(6):
                socket = connect(f"ws://{server}/ws/parcels/AB123")
                sockets.append(stack.enter_context(socket))
            for done in posts:
                done.result()
        httpx.post(url, json={"place": "End", "status": "in_transit"})
        stored = httpx.get(url).json()["items"]
        assert len(stored) == SCANS + 1
        for socket in sockets:
            scans = heard(socket)
            assert scans == stored[-len(scans) :]


def test_the_answer_to_a_scan_and_its_announcement_are_the_same(server: str) -> None:
    httpx.post(f"http://{server}/parcels", json=ADA)
    with connect(f"ws://{server}/ws/parcels/AB123") as socket:
        socket.recv(5)
        body = {"place": "Thun", "status": "delivered"}
        answer = httpx.post(f"http://{server}/parcels/AB123/scans", json=body).json()
        announced = json.loads(socket.recv(5))["scan"]
    parcel = httpx.get(f"http://{server}/parcels/AB123").json()
    assert answer == announced == parcel["last_scan"]
