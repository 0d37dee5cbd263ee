from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import sqlalchemy as sa

from meters.settings import Settings
from tests import service

COUNTED = "SELECT count(*), sum(litres) FROM readings WHERE meter_code = 'M-1'"
KEPT = "SELECT reading_count, litres_total FROM meters WHERE code = 'M-1'"


def asked(url: str, sql: str) -> tuple[int, int]:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        first, second = connection.execute(sa.text(sql)).one()
    engine.dispose()
    return first, second


def test_a_migrated_total_is_what_the_readings_add_up_to(settings: Settings) -> None:
    assert asked(settings.database_url, KEPT) == asked(settings.database_url, COUNTED)


def test_readings_that_come_at_once_are_all_counted(
    client: httpx.Client, settings: Settings
) -> None:
    with ThreadPoolExecutor(4) as threads:
        answers = threads.map(
            lambda _: client.post("/meters/M-1/readings", json={"litres": 3}).status_code, range(40)
        )
    assert set(answers) == {201}
    assert asked(settings.database_url, KEPT) == asked(settings.database_url, COUNTED)
    assert client.get("/meters/M-1/usage").json()["readings"] == service.BUSY + 40


def test_the_way_back_keeps_every_reading(settings: Settings) -> None:
    before = asked(settings.database_url, COUNTED)
    service.migrate(settings.database_url, "downgrade", "0002")
    assert asked(settings.database_url, COUNTED) == before
    service.migrate(settings.database_url, "upgrade", "head")
    assert asked(settings.database_url, KEPT) == before


def test_a_restored_backup_answers_as_before(settings: Settings, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    engine = sa.create_engine(settings.database_url)
    with engine.connect() as connection:
        connection.execute(sa.text("VACUUM INTO :file"), {"file": str(backup)})
    engine.dispose()
    restored = tmp_path / "restored.db"
    shutil.copyfile(backup, restored)
    assert asked(f"sqlite:///{restored}", KEPT) == asked(settings.database_url, COUNTED)
