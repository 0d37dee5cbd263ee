"""Whether a query answers, and which large tables it reads from one end to the other.

A plan alone says too little: a scan under a LIMIT ends after a few rows. So a statement that only
reads is run as well, and what it really read decides: PostgreSQL counts the rows, SQLite the
instructions of its machine, of which no row takes fewer than two.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, literal, select, table, text
from sqlalchemy.exc import DBAPIError

from prp_pack.evidence.record import Check, Status
from prp_pack.probes.database import statements
from prp_pack.probes.database.connecting import Link, Meter, rolled_back
from prp_pack.probes.database.settings import Database, Query

_CHUNK = 500
# Counting stops here: beyond it a table is large by any measure.
_COUNTED = 1_000_000
_LEAST_PER_ROW = 2
# The file that SQLite calls main, in its programs.
_MAIN = 0
_FINE = 100


@dataclass(frozen=True, slots=True)
class Scan:
    """A table that is read from its beginning; `rows` of it were read, of `size` that it has."""

    table: str
    rows: int
    size: int


def answer(connection: Connection, query: Query, prefix: str = "") -> int:
    """Run a query to its end, and return the number of its rows; raises `DBAPIError`."""
    result = connection.execute(text(prefix + query.sql), dict(query.params))
    if not result.returns_rows:
        return max(0, result.rowcount)
    return sum(len(part) for part in result.partitions(_CHUNK))


def unbound(query: Query) -> list[str]:
    """Return the parameters that a query names and nobody gives."""
    return sorted(set(text(query.sql).compile().params) - set(query.params))


def looked_at(link: Link, database: Database, query: Query) -> Iterator[Check]:
    """Yield first whether a query answers in time, then what its plan reads."""
    connection = link.connection
    try:
        with rolled_back(connection), Meter(connection, link.timeout, _FINE) as meter:
            rows = answer(connection, query)
    except DBAPIError as error:
        yield Check(f"query {query.name}", Status.FAIL, link.words_of(error), query.name)
        return
    said = f"answers with {rows} row{'' if rows == 1 else 's'}"
    yield Check(f"query {query.name}", Status.PASS, said, query.name)
    if not statements.only_reads(query.sql):
        yield _skipped(query, "plans are looked at only for what reads")
        return
    try:
        with rolled_back(connection), Meter(connection, link.timeout):
            match connection.dialect.name:
                case "sqlite":
                    scans = list(_sqlite(connection, database, query, meter.instructions))
                case "postgresql":
                    scans = list(_postgresql(connection, database, query))
                case other:
                    yield _skipped(query, f"the plans of {other} are not understood here")
                    return
    except DBAPIError as error:
        yield _skipped(query, f"the plan could not be had: {link.words_of(error)}")
        return
    yield _judged(query, scans, database.large_table)


def _judged(query: Query, scans: list[Scan], large: int) -> Check:
    name = f"plan of {query.name}"
    whole = {scan.table: scan for scan in scans if min(scan.rows, scan.size) >= large}
    if whole:
        said = ", ".join(f"all of {t} ({_size(scan.size)})" for t, scan in sorted(whole.items()))
        if query.full_scan:
            return Check(name, Status.PASS, f"reads {said}, as full_scan allows", query.name)
        said = f"reads {said}; an index may help, or full_scan = true"
        return Check(name, Status.FAIL, said, query.name)
    if small := {scan.table: scan.size for scan in scans if scan.size < large}:
        said = ", ".join(f"{each} with {_size(size)}" for each, size in sorted(small.items()))
        # On a handful of rows every plan is a good one.
        return _skipped(query, f"says nothing: it reads {said}, and large is from {large} on")
    return Check(name, Status.PASS, "reads no large table from end to end", query.name)


def _skipped(query: Query, said: str) -> Check:
    return Check(f"plan of {query.name}", Status.SKIP, said, query.name)


def _size(rows: int) -> str:
    least = "at least " if rows >= _COUNTED else ""
    return f"{least}{rows:,} row{'' if rows == 1 else 's'}"


def _sqlite(
    connection: Connection, database: Database, query: Query, instructions: int
) -> Iterator[Scan]:
    """Yield the tables whose rows a query's program goes through, from the first or the last.

    The program is looked at, as the plan in words has the names of the query and not the tables'.
    """
    rows = connection.exec_driver_sql("SELECT rootpage, tbl_name FROM sqlite_master").all()
    roots: dict[int, str] = dict(rows)
    explained = text("EXPLAIN " + query.sql)
    opened: dict[int, str] = {}
    program = connection.execute(explained, dict(query.params)).all()
    for _, code, cursor, page, file, *_ in program:
        if code == "OpenRead" and file == _MAIN and page in roots:
            opened[cursor] = roots[page]
        elif code in ("Rewind", "Last", "Count") and cursor in opened:
            size = _rows_of(connection, opened[cursor], "", _COUNTED)
            # One instruction counts all rows, and reads them for that.
            read = size if code == "Count" else instructions // _LEAST_PER_ROW
            if read >= size or size < database.large_table:
                yield Scan(opened[cursor], size, size)


def _postgresql(connection: Connection, database: Database, query: Query) -> Iterator[Scan]:
    explained = text("EXPLAIN (ANALYZE, TIMING OFF, VERBOSE, FORMAT JSON) " + query.sql)
    said: Any = connection.execute(explained, dict(query.params)).scalar_one()
    plan = json.loads(said) if isinstance(said, str) else said
    for node in _nodes(plan[0]["Plan"]):
        if "Relation Name" not in node or "Scan" not in node["Node Type"]:
            continue
        if {"Index Cond", "Recheck Cond", "TID Cond"} & node.keys():
            continue
        one = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        read = round(one * node["Actual Loops"])
        named, schema = node["Relation Name"], node.get("Schema", database.schema)
        size = _rows_of(connection, named, schema, _COUNTED)
        if read:
            yield Scan(named, read, size)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def _rows_of(connection: Connection, name: str, schema: str, most: int) -> int:
    """Return how many rows a table has; `most` for more than that."""
    rows = select(literal(1)).select_from(table(name, schema=schema or None)).limit(most).subquery()
    return connection.execute(select(func.count()).select_from(rows)).scalar_one()
