from __future__ import annotations

import httpx
import pytest

from meters.settings import from_environment

NEW = {"code": "N-1", "place": "Mill Lane 12"}


def test_a_meter_is_kept(client: httpx.Client) -> None:
    assert client.post("/meters", json=NEW).status_code == 201
    assert client.get("/meters/N-1").json()["place"] == "Mill Lane 12"


def test_a_code_is_taken_once(client: httpx.Client) -> None:
    answer = client.post("/meters", json={**NEW, "code": "M-1"})
    assert (answer.status_code, answer.json()) == (409, {"detail": "there is a meter M-1"})


def test_readings_add_up(client: httpx.Client) -> None:
    client.post("/meters", json=NEW)
    for litres in (120, 30):
        assert client.post("/meters/N-1/readings", json={"litres": litres}).status_code == 201
    assert client.get("/meters/N-1/usage").json() == {"code": "N-1", "readings": 2, "litres": 150}


def test_a_new_meter_has_used_nothing(client: httpx.Client) -> None:
    client.post("/meters", json=NEW)
    assert client.get("/meters/N-1/usage").json() == {"code": "N-1", "readings": 0, "litres": 0}


def test_the_newest_readings_come_first(client: httpx.Client) -> None:
    added = client.post("/meters/M-2/readings", json={"litres": 5}).json()
    items = client.get("/meters/M-2/readings", params={"limit": 2}).json()["items"]
    assert len(items) == 2
    assert items[0] == added
    assert items[0]["id"] > items[1]["id"]


@pytest.mark.parametrize("path", ["/meters/N-9", "/meters/N-9/readings", "/meters/N-9/usage"])
def test_an_unknown_meter_is_404(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()) == (404, {"detail": "no meter N-9"})


@pytest.mark.parametrize("litres", [-1, 1_000_001, "much", None])
def test_a_reading_that_is_no_amount_is_422(client: httpx.Client, litres: object) -> None:
    assert client.post("/meters/M-1/readings", json={"litres": litres}).status_code == 422


def test_the_health_of_the_database_is_told(client: httpx.Client) -> None:
    assert client.get("/health").json() == {"status": "ok"}


def test_settings_come_from_the_environment() -> None:
    assert from_environment({}).port == 8000
    assert from_environment({"PORT": "9000", "DATABASE_URL": "sqlite://"}).port == 9000
    with pytest.raises(ValueError, match="invalid literal"):
        from_environment({"PORT": "ninety"})
