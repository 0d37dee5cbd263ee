"""A shop's database, made by its migrations and filled: in SQLite, and in PostgreSQL for real."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from prp_pack.evidence.result import to_plain
from prp_pack.gate.recording import EXITS
from prp_pack.probes import settings
from prp_pack.probes import test_database_integration as probe
from prp_pack.probes.probe import Run
from prp_pack.repository import Repository
from tests.probes.postgres import PASSWORD, Server
from tests.probes.site import SAFETY, Site, environment

SHOP = Path(__file__).parent / "shop"
ORDERS, CUSTOMERS = 6000, 300
_SERIES = "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {}) "
_CUSTOMERS = "SELECT n, 'c' || n || '@example.org' FROM s"
_ORDERS = f"SELECT n, n % {CUSTOMERS} + 1, n % 977, 'note ' || n FROM s"
FILLED = (
    f"INSERT INTO customers (id, email) {_SERIES.format(CUSTOMERS)}{_CUSTOMERS}",
    f"INSERT INTO orders (id, customer_id, cents, note) {_SERIES.format(ORDERS)}{_ORDERS}",
    "ANALYZE",
)

TABLE = """
[database]
url = "{url}"
python = "{python}"
alembic = "alembic.ini"
metadata = "shop_models:Base.metadata"
"""

BY_CUSTOMER = "SELECT * FROM orders AS o WHERE o.customer_id = :customer"
BY_CENTS = "SELECT * FROM orders AS o WHERE o.cents = :cents"


@dataclass(frozen=True)
class Shop(ABC):
    """A project beside a database with one table of orders that is large."""

    site: Site
    slow: ClassVar[str]
    endless: ClassVar[str]

    @property
    @abstractmethod
    def url(self) -> str: ...

    @abstractmethod
    def execute(self, *statements: str) -> list[Any]:
        """Change the database behind the script's back; returns the rows of the last statement."""

    def look(self, status: int, timeout: float = 30, **options: object) -> dict[str, Any]:
        """Do what the script does in this process, as it takes less time; returns its JSON."""
        return look(self.site, status, timeout, **options)

    def configure(self, *queries: str, table: str = TABLE, more: str = "") -> None:
        said = table.format(url=self.url, python=sys.executable) + more
        self.site.configure(said + "".join(f"\n[[database.queries]]\n{each}\n" for each in queries))


@dataclass(frozen=True)
class SqliteShop(Shop):
    slow: ClassVar[str] = (
        "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 100000) "
        "SELECT max(n) FROM s"
    )
    endless: ClassVar[str] = (
        "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s) SELECT max(n) FROM s"
    )

    @property
    def url(self) -> str:
        return "sqlite:///data/shop.db"

    def execute(self, *statements: str) -> list[Any]:
        link = sqlite3.connect(self.site.root / "data/shop.db", isolation_level=None)
        try:
            rows: list[Any] = []
            for statement in statements:
                rows = link.execute(statement).fetchall()
            return rows
        finally:
            link.close()


@dataclass(frozen=True)
class PostgresShop(Shop):
    server: Server
    name: str
    slow: ClassVar[str] = "SELECT pg_sleep(0.01)"
    endless: ClassVar[str] = "SELECT pg_sleep(1000)"

    @property
    def url(self) -> str:
        return pg_url(self.server.port, self.name)

    def execute(self, *statements: str) -> list[Any]:
        return self.server.execute(*statements, database=self.name)


def run_of(site: Site, timeout: float = 30, **options: object) -> Run:
    repository = Repository(site.root)
    given = {"max_avg_ms": 50.0, **options}
    read = settings.load(repository, os.environ)
    return Run(repository, read, given, dict(os.environ), ".prp/runs/it", timeout)


def look(site: Site, status: int, timeout: float = 30, **options: object) -> dict[str, Any]:
    result = probe.run(run_of(site, timeout, **options))
    found = to_plain(result)
    assert EXITS[result.verdict] == status, found
    return found


def pg_url(port: int, name: str, password: str = PASSWORD) -> str:
    return f"postgresql+pg8000://owner:{quote(password, safe='')}@127.0.0.1:{port}/{name}"


def migrate(folder: Path, url: str) -> None:
    """Copy the shop into a folder, and bring its database to the head of its migrations."""
    shutil.copytree(SHOP, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=folder,
        env=environment({"DATABASE_URL": url, "PYTHONPATH": os.environ.get("PYTHONPATH", "")}),
        check=True,
        capture_output=True,
        timeout=SAFETY,
    )
