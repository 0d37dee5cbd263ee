"""Serve a database of its own that is filled, as it would be after a while: `python tests/service.py`.

It is filled as phase 1 keeps it and then migrated, so that each migration meets rows. Of SQLite
each port gets a copy; what DATABASE_URL names is filled once. With a path as the only argument
nothing is served, and the filled database is copied there.
"""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

import sqlalchemy as sa

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
BUSY, QUIET = 20_000, 200  # readings of M-1, and of each of the other nine
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)

METERS = sa.table("meters", sa.column("code"), sa.column("place"))
READINGS = sa.table(
    "readings", sa.column("meter_code"), sa.column("litres"),
    sa.column("read_at", sa.DateTime(timezone=True)),
)  # fmt: skip


def environment(url: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), "DATABASE_URL": url}


def migrate(url: str, *words: str) -> None:
    alembic = [sys.executable, "-m", "alembic", *words]
    subprocess.run(alembic, cwd=ROOT, env=environment(url), check=True)


def fill(url: str) -> None:
    """Bring a database to the newest revision; an empty one gets rows on the way."""
    engine = sa.create_engine(url)
    if not sa.inspect(engine).has_table("meters"):
        migrate(url, "upgrade", "0001")
        with engine.begin() as connection:
            meters = [{"code": f"M-{n}", "place": f"Mill Lane {n}"} for n in range(1, 11)]
            connection.execute(METERS.insert(), meters)
            connection.execute(READINGS.insert(), list(_readings()))
    engine.dispose()
    migrate(url, "upgrade", "head")


def _readings() -> list[dict[str, object]]:
    return [
        {"meter_code": f"M-{n}", "litres": minute % 7, "read_at": BEGIN + timedelta(minutes=minute)}
        for n in range(1, 11)
        for minute in range(BUSY if n == 1 else QUIET)
    ]


def filled() -> Path:
    """Return a filled SQLite file of the newest revision, made when it isn't there."""
    head = max(each.stem for each in (ROOT / "migrations" / "versions").glob("0*.py"))
    found = DATA / f"filled-{head}.db"
    if not found.exists():
        DATA.mkdir(exist_ok=True)
        made = Path(mkdtemp(dir=DATA)) / "filled.db"
        fill(f"sqlite:///{made}")
        made.replace(found)
        made.parent.rmdir()
    return found


def copy(to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    to.with_name(f"{to.name}-journal").unlink(missing_ok=True)
    shutil.copyfile(filled(), to)


def main() -> None:
    if len(sys.argv) > 1:
        copy(Path(sys.argv[1]))
        return
    url = os.environ.get("DATABASE_URL", "")
    if url:
        fill(url)
    else:
        file = DATA / f"service-{os.environ.get('PORT', '8000')}.db"
        copy(file)
        url = f"sqlite:///{file}"
    os.environ["DATABASE_URL"] = url
    sys.path.insert(0, str(ROOT / "src"))
    runpy.run_module("meters", run_name="__main__")


if __name__ == "__main__":
    main()
