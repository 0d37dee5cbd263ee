from __future__ import annotations

import httpx


def test_the_service_keeps_readings_as_a_process(server: str) -> None:
    with httpx.Client(base_url=server) as client:
        before = client.get("/meters/M-3/usage").json()
        assert client.post("/meters/M-3/readings", json={"litres": 40}).status_code == 201
        after = client.get("/meters/M-3/usage").json()
    assert after["litres"] == before["litres"] + 40
    assert after["readings"] == before["readings"] + 1


def test_a_reading_of_an_unknown_meter_is_refused(server: str) -> None:
    assert httpx.post(f"{server}/meters/X-9/readings", json={"litres": 1}).status_code == 404
