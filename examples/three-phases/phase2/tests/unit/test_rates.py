from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from meters.settings import Settings
from tests import rates


@pytest.fixture
def settings(settings: Settings) -> Iterator[Settings]:
    """Return settings with rates that answer."""
    with rates.serve(0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield replace(settings, rates_url=f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()


def test_a_cost_is_usage_by_the_rate_of_the_tariff(client: httpx.Client) -> None:
    for code, tariff, cents in (("N-1", "standard", 258), ("N-2", "social", 144)):
        new = {"code": code, "place": "Weir 1", "tariff": tariff}
        assert client.post("/meters", json=new).json()["tariff"] == tariff
        client.post(f"/meters/{code}/readings", json={"litres": 1204})
        cost = client.get(f"/meters/{code}/cost").json()
        assert cost == {"code": code, "litres": 1204, "cents": cents}


def test_the_cost_of_an_unknown_meter_is_404(client: httpx.Client) -> None:
    assert client.get("/meters/N-9/cost").status_code == 404


def test_a_tariff_that_nobody_has_is_422(client: httpx.Client) -> None:
    new = {"code": "N-1", "place": "Weir 1", "tariff": "gold"}
    assert client.post("/meters", json=new).status_code == 422
