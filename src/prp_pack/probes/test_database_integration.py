"""Check a database: its schema, its migrations, its queries.

The database is opened for reading, and refuses the rest itself; each query runs in a transaction
that is rolled back. Without --performance-check every query runs once, and its plan is looked at;
with it each is timed until the interval of its median is on one side of max_ms. The project's
migrations and models are asked by its own interpreter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from prp_pack.evidence.record import Artefact, Check, Findings, Status
from prp_pack.evidence.result import Result
from prp_pack.probes import machine, quantities
from prp_pack.probes.database import settings
from prp_pack.probes.database.settings import Database, Query
from prp_pack.probes.probe import CannotRunError, Option, Run, ServiceEndedError

if TYPE_CHECKING:
    from prp_pack.probes.database.connecting import Link

NAME = "test_database_integration"

OPTIONS = (
    Option("--performance-check", "Time the declared queries."),
    Option("--max-avg-ms", "Limit of the average over all queries.",
           quantities.milliseconds, "TIME", default=50.0),
    Option("--url", "The database, in place of [database] url.", str, "URL"),
    Option("--query", "Only this one of the declared queries.", str, "NAME"),
    Option("--runs", "How often each query is timed before deciding.", quantities.count, "N"),
)  # fmt: skip


def plan(run: Run) -> Iterator[str]:
    """Yield what would be looked at; nothing is connected to."""
    database = settings.read(run)
    queries = _queries(run, database)
    timed = settings.timed(run, database)
    yield f"database: {'read only' if database.read_only else 'rolled back after each query'}"
    if database.alembic:
        yield f"migrations: {database.alembic}"
    if database.metadata:
        yield f"models: {database.metadata}"
    for query in queries:
        limit = f" ≤ {query.max_ms:g} ms" if timed and query.max_ms is not None else ""
        yield f"query {query.name}{limit}"
    if timed:
        yield f"average over all ≤ {run.options['max_avg_ms']:g} ms"


def run(run: Run) -> Result:
    """Look and measure; raises `CannotRunError` when the database can't be reached."""
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - of an extra

    from prp_pack.probes.database import connecting, plans, urls  # noqa: PLC0415

    database = settings.read(run)
    queries = _queries(run, database)
    timed = settings.timed(run, database)
    for query in queries:
        if missing := plans.unbound(query):
            keys = ("database", "queries", str(database.queries.index(query)))
            help_ = rf"write params = {{ {missing[0]} = … }}, or \:{missing[0]} for a colon"
            said = f"“{query.name}” needs the parameter {missing[0]}"
            raise run.settings.error(said, keys, help_)
    address = urls.address(run, database)
    facts = machine.facts() if timed else {}
    with connecting.connected(run, address, read_only=database.read_only) as link:
        try:
            found = _found(run, database, queries, link)
        except DBAPIError as error:
            kind = ServiceEndedError if error.connection_invalidated else CannotRunError
            raise kind(f"{address.shown}: {link.words_of(error)}") from None
        server = link.connection.dialect.server_version_info or ()
        tools = {
            "sqlalchemy": version("sqlalchemy"),
            address.backend: ".".join(map(str, server)),
        }
    return Result(NAME, found, machine=facts, tools=tools)


def _queries(run: Run, database: Database) -> tuple[Query, ...]:
    named = run.options.get("query")
    found = tuple(each for each in database.queries if named in (None, each.name))
    if named and not found:
        known = ", ".join(each.name for each in database.queries) or "none"
        help_ = f"declared are: {known}"
        raise run.settings.error(f"no query is called “{named}”", ("database", "queries"), help_)
    return found


def _found(run: Run, database: Database, queries: Sequence[Query], link: Link) -> Findings:
    from prp_pack.probes.database import connecting, plans, schema, timing  # noqa: PLC0415

    backend = link.address.backend
    if queries and database.read_only and backend not in connecting.ENFORCED:
        said = f"{backend} can't be made read only here, so that no query is run"
        raise CannotRunError(said, "write read_only = false; what queries change is rolled back")
    mode = "read only" if database.read_only else "changes are rolled back"
    checks = [Check("connection", Status.PASS, f"{link.address.shown}, {mode}")]
    with connecting.rolled_back(link.connection):
        checks += schema.integrity(link.connection)
    if any(each.status is Status.FAIL for each in checks):
        # What is read from a damaged file is worth nothing.
        return Findings(tuple(checks))
    structure, artefacts = _structure(run, database, link)
    checks += structure
    sound = []
    for query in queries:
        run.tell(f"asking {query.name}", None)
        answer, *more = plans.looked_at(link, database, query)
        checks += (answer, *more)
        sound += [query] if answer.status is Status.PASS else []
    if not sound or not settings.timed(run, database):
        return Findings(tuple(checks), artefacts=tuple(artefacts))
    runs = run.options.get("runs") or database.runs
    limit: float = run.options["max_avg_ms"]
    times = timing.measure(run, link, sound, runs, limit)
    return Findings(
        (*checks, *times.checks), times.metrics, times.thresholds, artefacts=tuple(artefacts)
    )


def _structure(run: Run, database: Database, link: Link) -> tuple[list[Check], list[Artefact]]:
    from prp_pack.probes.database import connecting, project, schema  # noqa: PLC0415

    connection, address = link.connection, link.address
    checks: list[Check] = []
    artefacts: list[Artefact] = []
    run.tell("looking at the schema", None)
    with connecting.rolled_back(connection):
        tables = schema.tables(connection, database.schema)
        checks += schema.described(tables, database)
        checks += schema.constraints(connection, tables)
    if database.alembic:
        for one in project.migrations(run, database, address):
            if isinstance(one, Artefact):
                artefacts.append(one)
            else:
                checks.append(one)
    if database.metadata:
        checks += project.metadata(run, database, address, tables)
    return checks, artefacts
