from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from tests import service


def test_readings_survive_all_migrations(tmp_path: Path) -> None:
    service.copy(tmp_path / "meters.db")
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'meters.db'}")
    with engine.connect() as connection:
        kept = connection.scalar(sa.select(sa.func.count()).select_from(service.READINGS))
    engine.dispose()
    assert kept == service.BUSY + 9 * service.QUIET
