from __future__ import annotations

import httpx


def test_the_service_knows_costs_as_a_process(server: str) -> None:
    with httpx.Client(base_url=server) as client:
        client.post("/meters/M-6/readings", json={"litres": 5000}).raise_for_status()
        used = client.get("/meters/M-6/usage").json()["litres"]
        cost = client.get("/meters/M-6/cost").json()
    assert cost == {"code": "M-6", "litres": used, "cents": used * 215 // 1000}
