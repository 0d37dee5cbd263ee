from __future__ import annotations

import os

import httpx
import pytest


@pytest.fixture
def deployed(request: pytest.FixtureRequest) -> str:
    """Return where the service is: SERVICE_URL, else a process of our own."""
    return os.environ.get("SERVICE_URL") or request.getfixturevalue("server")


def test_from_a_new_meter_to_its_usage(deployed: str) -> None:
    with httpx.Client(base_url=deployed) as client:
        code = f"W-{os.getpid()}"
        assert client.post("/meters", json={"code": code, "place": "Weir 1"}).status_code == 201
        for litres in (100, 20, 3):
            client.post(f"/meters/{code}/readings", json={"litres": litres}).raise_for_status()
        assert len(client.get(f"/meters/{code}/readings").json()["items"]) == 3
        assert client.get(f"/meters/{code}/usage").json()["litres"] == 123
