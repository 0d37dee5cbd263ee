from __future__ import annotations

import json
import shutil
import socket
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import pytest

from prp_pack.probes.probe import CannotRunError
from prp_pack.repository import UnreadableError
from tests.probes import postgres
from tests.probes.postgres import PASSWORD, Server
from tests.probes.shops import (
    BY_CENTS,
    BY_CUSTOMER,
    FILLED,
    ORDERS,
    SHOP,
    PostgresShop,
    Shop,
    SqliteShop,
    look,
    migrate,
    pg_url,
)
from tests.probes.site import Site, free_port

SCRIPT = "test_database_integration"
QUICK = f'name = "orders of one"\nsql = "{BY_CUSTOMER}"\nparams = {{ customer = 7 }}'
SCANNING = f'name = "by cents"\nsql = "{BY_CENTS}"\nparams = {{ cents = 5 }}'
_numbers = count(1)


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    migrate(folder, "sqlite:///shop.db")
    shop = folder / "data"
    shop.mkdir()
    (folder / "shop.db").rename(shop / "shop.db")
    SqliteShop(Site(folder, 0)).execute("PRAGMA synchronous = OFF", *FILLED)
    return shop / "shop.db"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with postgres.serving(postgres.needed_programs()) as running:
        running.execute("CREATE DATABASE shop")
        migrate(tmp_path_factory.mktemp("shop"), pg_url(running.port, "shop"))
        running.execute(*FILLED, database="shop")
        yield running
    assert not psutil.pid_exists(running.pid)


def sqlite_shop(site: Site, request: pytest.FixtureRequest) -> SqliteShop:
    (site.root / "data").mkdir()
    shutil.copy(request.getfixturevalue("sqlite_file"), site.root / "data")
    return SqliteShop(site)


def postgres_unchanged(site: Site, request: pytest.FixtureRequest) -> PostgresShop:
    """Return the shop that all others are copied from: for tests that change nothing."""
    return PostgresShop(site, request.getfixturevalue("server"), "shop")


def postgres_shop(site: Site, request: pytest.FixtureRequest) -> PostgresShop:
    server = request.getfixturevalue("server")
    name = f"shop{next(_numbers)}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE shop")
    return PostgresShop(site, server, name)


@pytest.fixture(params=[sqlite_shop, postgres_shop], ids=["sqlite", "postgres"])
def shop(site: Site, request: pytest.FixtureRequest) -> Shop:
    made: Shop = request.param(site, request)
    shutil.copytree(
        SHOP, site.root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
    )
    made.configure()
    return made


@pytest.fixture(params=[sqlite_shop, postgres_unchanged], ids=["sqlite", "postgres"])
def unchanged(site: Site, request: pytest.FixtureRequest) -> Shop:
    made: Shop = request.param(site, request)
    return made


@pytest.fixture
def sqlite(site: Site, request: pytest.FixtureRequest) -> SqliteShop:
    return sqlite_shop(site, request)


@pytest.fixture
def pg(site: Site, request: pytest.FixtureRequest) -> PostgresShop:
    return postgres_shop(site, request)


BARE = '\n[database]\nurl = "{url}"\n'


def failed(found: dict[str, Any]) -> dict[str, str]:
    return {each["id"]: each["message"] for each in found["checks"] if each["status"] == "fail"}


def check(found: dict[str, Any], id: str) -> dict[str, Any]:
    (one,) = [each for each in found["checks"] if each["id"] == id]
    assert isinstance(one, dict)
    return one


def test_a_sound_database_passes_and_leaves_a_record_without_its_password(shop: Shop) -> None:
    shop.configure(QUICK + "\nmax_ms = 500")
    found = shop.site.result(SCRIPT, "--performance-check", "--max-avg-ms", "500", status=0)
    assert "the database is at b2, the head is b2" in check(found, "migrations")["message"]
    assert check(found, "models")["status"] == "pass"
    assert check(found, "metadata")["status"] == "pass"
    assert "1 foreign key, each indexed" in check(found, "foreign keys")["message"]
    assert check(found, "plan of orders of one")["status"] == "pass"
    one, average = found["metrics"]
    assert (one["name"], average["name"]) == ("orders of one median", "average query")
    assert one["ci95"][0] <= one["value"] <= one["ci95"][1]
    assert average["ci95"][0] <= average["value"] <= average["ci95"][1]
    assert [each["ok"] for each in found["thresholds"]] == [True, True]
    record = (shop.site.root / found["record"]).read_text(encoding="utf-8")
    assert json.loads(record)["metrics"] == found["metrics"]
    for text in (record, json.dumps(found)):
        assert PASSWORD not in text
        assert "pass%3A" not in text


def test_a_foreign_key_without_an_index_fails(shop: Shop) -> None:
    shop.execute("DROP INDEX ix_orders_customer_id")
    shop.configure(table=BARE)
    found = failed(shop.site.result(SCRIPT, status=1))
    assert list(found) == ["index of orders.customer_id"]
    shop.configure(table=BARE, more='unindexed = ["orders.customer_id"]\n')
    shop.look(0)


def test_a_partial_index_finds_no_foreign_key_unless_it_leaves_out_null_alone(shop: Shop) -> None:
    shop.configure(table=BARE)
    shop.execute(
        "DROP INDEX ix_orders_customer_id",
        "CREATE INDEX part ON orders (customer_id) WHERE cents > 5",
    )
    assert "index of orders.customer_id" in failed(shop.look(1))
    shop.execute(
        "DROP INDEX part", "CREATE INDEX part ON orders (customer_id) WHERE customer_id IS NOT NULL"
    )
    shop.look(0)


def test_a_database_behind_its_migrations_fails(shop: Shop) -> None:
    shop.execute("UPDATE alembic_version SET version_num = 'a1'")
    found = shop.look(1)
    assert "is at a1, the head is b2" in failed(found)["migrations"]
    assert found["artefacts"][0]["kind"] == "log"
    shop.execute("UPDATE alembic_version SET version_num = 'zz'")
    assert failed(shop.look(1))["migrations"] == "no migration is called zz"
    shop.execute("DELETE FROM alembic_version")
    assert "at no revision" in failed(shop.look(1))["migrations"]


def test_models_that_no_migration_makes_fail(shop: Shop) -> None:
    shop.execute("ALTER TABLE orders DROP COLUMN note")
    found = failed(shop.look(1))
    assert "add column orders.note" in found["models"]
    assert found["metadata orders.note"] == "there is no such column"


def test_a_full_scan_of_a_large_table_fails_unless_it_is_allowed(shop: Shop) -> None:
    shop.configure(SCANNING, table=BARE)
    said = failed(shop.look(1))["plan of by cents"]
    assert f"all of orders ({ORDERS:,} rows)" in said
    shop.configure(SCANNING + "\nfull_scan = true", table=BARE)
    shop.look(0)
    shop.execute("CREATE INDEX ix_cents ON orders (cents)")
    shop.configure(SCANNING, table=BARE)
    assert check(shop.look(0), "plan of by cents")["status"] == "pass"


@pytest.mark.parametrize(
    ("sql", "status"),
    [
        ("SELECT count(*) FROM orders", "fail"),
        ("SELECT * FROM orders ORDER BY id LIMIT 3", "pass"),
        ("SELECT max(id) FROM orders", "pass"),
        ("SELECT * FROM customers WHERE email LIKE '%9@%'", "skip"),
        ("SELECT * FROM orders WHERE id IN (SELECT id FROM orders WHERE cents = 5)", "fail"),
        ("WITH o AS (SELECT * FROM orders ORDER BY id LIMIT 9) SELECT * FROM o", "pass"),
        ("SELECT 1", "pass"),
    ],
)
def test_what_was_read_decides_about_a_plan(unchanged: Shop, sql: str, status: str) -> None:
    unchanged.configure(f'name = "it"\nsql = "{sql}"', table=BARE)
    found = unchanged.look(1 if status == "fail" else 0)
    assert check(found, "plan of it")["status"] == status


def test_a_slow_query_fails_by_its_own_limit_and_by_the_average(unchanged: Shop) -> None:
    slow = f'name = "slow"\nsql = "{unchanged.slow}"'
    unchanged.configure(slow + "\nmax_ms = 1", table=BARE)
    unchanged.look(0)
    words = (SCRIPT, "--performance-check", "--runs=10")
    found = unchanged.site.result(*words, "--max-avg-ms=10s", status=1)
    assert [(each["metric"], each["ok"]) for each in found["thresholds"]] == [
        ("slow median", False),
        ("average query", True),
    ]
    unchanged.configure(slow, table=BARE)
    assert unchanged.site.result(*words, "--max-avg-ms=1", status=1)["thresholds"][0]["ok"] is False


def test_a_query_that_is_sometimes_slow_decides_nothing(pg: PostgresShop) -> None:
    pg.execute("CREATE SEQUENCE turn")
    sql = "SELECT pg_sleep(CASE WHEN nextval('turn') % 2 = 0 THEN 0.05 ELSE 0 END)"
    pg.configure(f'name = "it"\nsql = "{sql}"\nmax_ms = 45', table=BARE, more="read_only = false\n")
    found = pg.look(4, performance_check=True, runs=8)
    assert found["thresholds"][0]["ok"] is None
    assert found["metrics"][0]["n"] == 64


def test_a_query_that_takes_too_long_is_ended(unchanged: Shop) -> None:
    unchanged.configure(f'name = "endless"\nsql = "{unchanged.endless}"', table=BARE)
    found = failed(unchanged.look(1, timeout=1))
    assert found["query endless"] == "no answer within 1 s"


def test_a_broken_query_fails(unchanged: Shop) -> None:
    unchanged.configure('name = "it"\nsql = "SELECT nothing FROM orders"', table=BARE)
    found = unchanged.look(1, performance_check=True)
    assert "nothing" in failed(found)["query it"]
    assert found["metrics"] == []


def test_what_changes_something_is_refused_or_rolled_back(shop: Shop) -> None:
    def rows() -> int:
        return int(shop.execute("SELECT count(*) FROM orders")[0][0])

    for sql in ("DELETE FROM orders", "DROP TABLE orders"):
        query = f'name = "it"\nsql = "{sql}"'
        shop.configure(query, table=BARE)
        with pytest.raises(UnreadableError, match="read only"):
            shop.look(2)
        shop.configure(query, table=BARE, more="read_only = false\n")
        found = shop.look(0)
        assert check(found, "plan of it")["status"] == "skip"
        assert rows() == ORDERS


def test_a_change_inside_a_with_is_refused_by_the_database(pg: PostgresShop) -> None:
    sql = "WITH gone AS (DELETE FROM orders RETURNING id) SELECT * FROM gone"
    pg.configure(f'name = "it"\nsql = "{sql}"', table=BARE)
    said = failed(pg.look(1, performance_check=True))["query it"]
    assert "read-only transaction" in said
    pg.configure(f'name = "it"\nsql = "{sql}"', table=BARE, more="read_only = false\n")
    pg.look(0, performance_check=True, max_avg_ms=10_000.0)
    assert pg.execute("SELECT count(*) FROM orders")[0][0] == ORDERS


def test_an_empty_database_fails(shop: Shop) -> None:
    shop.execute("DROP TABLE orders", "DROP TABLE customers", "DROP TABLE alembic_version")
    shop.configure(table=BARE)
    assert "has no table" in failed(shop.look(1))["schema"]


def test_a_database_that_is_down_can_not_be_looked_at(site: Site) -> None:
    url = pg_url(free_port(), "shop")
    done = site.run(SCRIPT, status=3, DATABASE_URL=url)
    assert "no connection to postgresql+pg8000://owner@127.0.0.1" in done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert "unable to open" in site.run(SCRIPT, "--url=sqlite:///none.db", status=3).stderr
    assert not (site.root / "none.db").exists()
    site.put("notes.txt", "nothing that a database would begin with\n" * 50)
    assert "not a database" in site.run(SCRIPT, "--url=sqlite:///notes.txt", status=3).stderr


def test_a_server_that_says_nothing_is_not_waited_for(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = pg_url(silent.getsockname()[1], "shop")
        done = site.run(SCRIPT, "--timeout=100ms", "--url", url, status=3)
    assert "no connection to postgresql+pg8000://owner@" in done.stderr
    assert "timed out" in done.stderr


def test_a_connection_that_breaks_fails(pg: PostgresShop) -> None:
    sql = "SELECT pg_terminate_backend(pg_backend_pid())"
    pg.configure(f'name = "it"\nsql = "{sql}"\n', QUICK, table=BARE)
    pg.site.run(SCRIPT, status=1)


def test_a_wrong_password_is_not_shown(pg: PostgresShop) -> None:
    wrong = pg_url(pg.server.port, pg.name, "hunter2-and-more")
    done = pg.site.run(SCRIPT, "--url", wrong, status=3)
    assert "password authentication failed" in done.stderr
    records = [each.read_text(encoding="utf-8") for each in pg.site.root.rglob("*.json")]
    assert records
    assert not any("hunter2" in text for text in (done.stdout, done.stderr, *records))


def test_rows_without_their_parents_fail(sqlite: SqliteShop) -> None:
    sqlite.execute("DELETE FROM customers WHERE id = 7")
    sqlite.configure(table=BARE)
    said = failed(sqlite.look(1))["foreign key violations"]
    assert "20 rows of orders without their customers" in said
    assert "PRAGMA foreign_keys" in said


def test_a_damaged_file_fails(sqlite: SqliteShop) -> None:
    (page,) = sqlite.execute("SELECT rootpage FROM sqlite_master WHERE name = 'customers'")[0]
    path = sqlite.site.root / "data/shop.db"
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 + 20 : page * 4096] = b"\xa5" * (4096 - 20)
    path.write_bytes(content)
    sqlite.configure(table=BARE)
    assert "integrity" in failed(sqlite.look(1))


def test_an_invalid_index_fails_and_an_unchecked_constraint_warns(pg: PostgresShop) -> None:
    pg.execute(
        "ALTER TABLE orders ADD CONSTRAINT dear CHECK (cents > 900) NOT VALID",
        "CREATE INDEX ix_note ON orders (note)",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_note'::regclass",
    )
    pg.configure(table=BARE)
    found = pg.look(1)
    assert list(failed(found)) == ["index ix_note"]
    assert check(found, "constraint orders.dear")["status"] == "warn"


def test_another_schema_is_looked_at_by_name(pg: PostgresShop) -> None:
    pg.execute(
        "CREATE SCHEMA side", "CREATE TABLE side.a (id int PRIMARY KEY)",
        "CREATE TABLE side.b (a_id int REFERENCES side.a)",
    )  # fmt: skip
    pg.configure(table=BARE, more='schema = "side"\n')
    assert list(failed(pg.look(1))) == ["index of b.a_id"]


def test_the_projects_own_interpreter_is_asked(shop: Shop) -> None:
    shop.configure(more="# moved\n")
    done = shop.site.run(SCRIPT, status=3, PYTHONPATH="", SHOP_URL="sqlite:////nowhere/x.db")
    assert "unable to open database file" in done.stderr
    elsewhere = shop.site.root / "other.db"
    found = shop.site.run(SCRIPT, "--json", status=1, SHOP_URL=f"sqlite:///{elsewhere}")
    assert "other.db, not on" in failed(json.loads(found.stdout))["migrations"]


@pytest.mark.parametrize(
    ("python", "module", "said"),
    [
        (sys.executable, "nowhere", "has no module nowhere"),
        ("bin/none", "nowhere", "bin/none"),
        (sys.executable, "broken", "half done"),
    ],
)
def test_an_interpreter_that_does_not_do_is_named(
    sqlite: SqliteShop, python: str, module: str, said: str
) -> None:
    sqlite.site.put("broken.py", "raise RuntimeError('half done')\n")
    sqlite.configure(table=BARE, more=f'python = "{python}"\nmetadata = "{module}:Base"\n')
    with pytest.raises(CannotRunError, match=said):
        sqlite.look(3)


@pytest.mark.parametrize(
    ("more", "options", "said"),
    [
        ("", {}, "nothing says where the database is"),
        ("[database]\nurl = '[url]'\n", {}, "placeholder"),
        ("[database]\nurl = 'sqlite:///x'\n", {"performance_check": True}, "no query to measure"),
        ("[database]\nurl = 'sqlite:///x'\n", {"query": "it"}, "no query is called"),
        ("[database]\nurl = 'sqlite://'\n", {}, "in memory"),
        ("[database]\nurl = 'hunter2'\n", {}, "no URL"),
        ("[database]\nurl = 'postgresql://h/n?password=hunter2'\n", {}, "has password among"),
        ("[database]\nurl = 'postgresql://h/n?speed=high'\n", {}, "option speed"),
        ("[database]\nalembic = 'no.ini'\n", {}, "no.ini does not exist"),
        ("[database]\nmetadata = 'models'\n", {}, "no colon"),
        ("[database]\nqueries = [{ name = 'a', sql = '-- none' }]\n", {}, "no SQL statement"),
        ("[database]\nqueries = [{ name = 'a', sql = 'SELECT 1; SELECT 2' }]\n", {}, "2 stat"),
        ("[database]\nqueries = [{ name = 'a', sql = \"VACUUM INTO 'x'\" }]\n", {}, "VACUUM"),
        ("[database]\nurl = 'sqlite:///x'\nqueries = [{ name = 'a', sql = 'SELECT :b' }]\n", {},
         "needs the parameter b"),
    ],
)  # fmt: skip
def test_bad_usage_is_named(site: Site, more: str, options: dict[str, Any], said: str) -> None:
    site.configure("\n" + more)
    with pytest.raises(UnreadableError) as caught:
        look(site, 2, **options)
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("word", ["--url=<url>", "--max-avg-ms=[X]"])
def test_a_placeholder_is_named(site: Site, word: str) -> None:
    assert "placeholder" in site.run(SCRIPT, word, status=2).stderr


def test_a_dry_run_connects_to_nothing(site: Site) -> None:
    more = f"\n[database]\nurl = 'sqlite:///none.db'\n[[database.queries]]\n{QUICK}\nmax_ms = 5\n"
    site.configure(more)
    said = site.run(SCRIPT, "--performance-check", "--dry-run", status=0).stdout
    assert "query orders of one ≤ 5 ms" in said
    assert "average over all ≤ 50 ms" in said
