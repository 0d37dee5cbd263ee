from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from meters.settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Return settings whose rates nobody serves: port 1 is nobody's."""
    return replace(settings, rates_url="http://127.0.0.1:1")


def test_without_rates_a_cost_is_503(client: httpx.Client) -> None:
    answer = client.get("/meters/M-1/cost")
    assert answer.status_code == 503
    assert answer.json() == {"detail": "the rates can't be had now: ConnectError"}


def test_without_rates_usage_is_told(client: httpx.Client) -> None:
    assert client.get("/meters/M-1/usage").status_code == 200
