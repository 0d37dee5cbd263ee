"""The parts of test_database_integration that need no database, or one in memory."""

from __future__ import annotations

import ssl
import string
import time
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from prp_pack.probes.database import project, statements, timing, urls
from prp_pack.probes.database.connecting import Link
from prp_pack.probes.database.schema import Table
from prp_pack.probes.database.settings import Database, Query
from prp_pack.probes.probe import CannotRunError, Run
from prp_pack.probes.settings import Settings
from prp_pack.repository import Repository, UnreadableError


def run_in(folder: Path, environment: Mapping[str, str] | None = None) -> Run:
    settings = Settings("PRPs/prp.toml", "", {}, environment or {})
    return Run(Repository(folder), settings, {}, environment or {}, "runs")


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select 1", ("SELECT",)),
        ("  -- DELETE\n /* DROP */ WITH a AS (SELECT 1) SELECT * FROM a;  -- end", ("WITH",)),
        ("(SELECT 1) UNION (SELECT 2)", ("SELECT",)),
        ("SELECT 1; DROP TABLE t", ("SELECT", "DROP")),
        ("SELECT ';' AS a, \"b;c\", `d;e`, $$;f$$, $g$ ; $$ ; $g$", ("SELECT",)),
        (r"SELECT E'a\'' ; DELETE FROM t --'", ("SELECT", "DELETE")),
        ("SELECT 'it''s; DROP'", ("SELECT",)),
        ("VACUUM INTO 'copy.db'", ("VACUUM",)),
        ("/* SELECT 1", ()),
        ("", ()),
    ],
)
def test_a_statement_is_known_by_its_first_word(sql: str, words: tuple[str, ...]) -> None:
    assert statements.first_words(sql) == words


@given(st.text(alphabet=string.printable, max_size=60))
def test_a_text_inside_quotes_is_part_of_its_statement(text: str) -> None:
    quoted = text.replace("'", "''")
    assert statements.first_words(f"SELECT '{quoted}'") == ("SELECT",)
    assert statements.only_reads(f"SELECT '{quoted}' AS a")


@given(st.text(max_size=200))
def test_no_text_stops_the_reader(text: str) -> None:
    assert statements.only_reads(text) in (True, False)
    assert all(word == word.upper() for word in statements.first_words(text))


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        ("SELECT updated, deletes FROM t", True),
        ("WITH d AS (DELETE FROM t RETURNING id) SELECT * FROM d", False),
        ("SELECT * INTO copy FROM t", False),
        ("EXPLAIN SELECT 1", False),
        ("TABLE t", True),
    ],
)
def test_a_word_that_changes_is_found_anywhere(sql: str, reads: bool) -> None:
    assert statements.only_reads(sql) is reads


def table(*keys: tuple[str, ...]) -> Table:
    return Table("t", {}, (), keys, keys, (), ())


_names = st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True).map(tuple)


@given(_names, _names)
def test_an_index_serves_the_columns_that_it_begins_with(
    key: tuple[str, ...], columns: tuple[str, ...]
) -> None:
    served = len(key) >= len(columns) and sorted(key[: len(columns)]) == sorted(columns)
    assert table(key).has_index_for(columns) is served


MODEL = {
    "name": "t",
    "schema": "",
    "columns": {"id": False, "a": True},
    "primary": ["id"],
    "indexes": [{"columns": ["a"], "unique": False}],
}


def test_a_model_is_compared_column_by_column() -> None:
    column = {"nullable": True, "default": None}
    whole = {"id": {**column, "nullable": False}, "a": column}
    good = Table("t", whole, ("id",), (("id",),), (("id",), ("a",)), (("id",),), ())
    assert list(project.differences(MODEL, good)) == []
    assert list(project.differences(MODEL, None)) == [("t", "there is no such table")]
    bad = Table(
        "t",
        {"id": whole["id"], "b": {"nullable": False, "default": None}, "c": column},
        (),
        (),
        (("a", "b"),),
        (),
        (),
    )
    assert list(project.differences(MODEL, bad)) == [
        ("t.a", "there is no such column"),
        ("t.b", "must be given, and the model doesn't know it"),
        ("t", "its primary key is none, not id"),
        ("t.a", "there is no index"),
    ]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_every_driver_of_postgresql_becomes_the_one_that_is_here(
    tmp_path: Path, scheme: str
) -> None:
    given = f"{scheme}://u:p%40ss@db.example:6543/n?sslmode=require&application_name=x"
    found = urls.address(run_in(tmp_path), Database(url=given))
    assert found.url.drivername == "postgresql+pg8000"
    assert found.shown == "postgresql+pg8000://u@db.example:6543/n"
    assert found.without_password("no p@ss here") == "no *** here"
    context = found.arguments["ssl_context"]
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_NONE
    assert "p%40ss" not in repr(found)


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
def test_a_certificate_is_verified_where_the_url_says_so(tmp_path: Path, mode: str) -> None:
    found = urls.address(run_in(tmp_path), Database(url=f"postgresql://h/n?sslmode={mode}"))
    context = found.arguments["ssl_context"]
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname is (mode == "verify-full")


def test_a_socket_is_found_by_its_folder(tmp_path: Path) -> None:
    found = urls.address(run_in(tmp_path), Database(url="postgresql:///n?host=/run/pg"))
    assert found.arguments["unix_sock"] == "/run/pg/.s.PGSQL.5432"


@pytest.mark.parametrize(
    "given",
    ["sqlite:///data/a.db", "sqlite+aiosqlite:///data/a.db", "sqlite:///file:data/a.db?x=1"],
)
def test_a_file_lies_in_the_project(tmp_path: Path, given: str) -> None:
    found = urls.address(run_in(tmp_path, {"DATABASE_URL": given}), Database())
    assert found.file == tmp_path / "data/a.db"


_url_text = st.text(alphabet=string.ascii_letters + string.digits + ":/@?#[]%=&", max_size=30)


@given(st.sampled_from(["", "sqlite:", "postgresql://", "postgres://u:p@h"]), _url_text)
def test_no_url_raises_anything_else(scheme: str, text: str) -> None:
    with suppress(UnreadableError, CannotRunError):
        urls.address(run_in(Path()), Database(url=scheme + text))


def test_what_alternates_is_never_decided_and_is_measured_longest(tmp_path: Path) -> None:
    turn = count()
    address = urls.address(run_in(tmp_path), Database(url="sqlite:///a.db"))
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.create_function("turn", 0, lambda: time.sleep(next(turn) % 2 * 0.05))
        query = Query("it", "SELECT turn()", max_ms=45.0)
        found = timing.measure(run_in(tmp_path), Link(connection, address, 30), [query], 8, 1e9)
    engine.dispose()
    assert [each.ok for each in found.thresholds] == [None, True]
    assert found.metrics[0].n == 64


@settings(max_examples=30)
@given(st.lists(st.lists(st.floats(0.1, 100), min_size=6, max_size=20), min_size=1, max_size=4))
def test_the_average_counts_each_query_alike(times: list[list[float]]) -> None:
    all_ = []
    for each in times:
        series = timing._Series(Query("it", "SELECT 1"))
        series.milliseconds += each
        all_.append(series)
    found = timing.average(all_, 0)
    assert found.value == pytest.approx(sum(sum(t) / len(t) for t in times) / len(times))
    assert min(map(min, times)) <= found.low + 1e-9
    assert found.low <= found.high <= max(map(max, times)) + 1e-9
    assert found == timing.average(all_, 0)


def test_an_outlier_widens_the_interval_of_the_average() -> None:
    steady, with_outlier = (timing._Series(Query("it", "SELECT 1")) for _ in range(2))
    steady.milliseconds += [1.0] * 30
    with_outlier.milliseconds += [1.0] * 29 + [50.0]
    assert timing.average([steady], 0).is_below(2.0) is True
    assert timing.average([with_outlier], 0).is_below(2.0) is None
    steady.milliseconds[:] = [1.0] * 5
    assert timing.average([steady], 0).is_below(2.0) is None
