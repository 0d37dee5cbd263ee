"""`[database]`: where the database is, and what of it is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from prp_pack.probes.database import statements
from prp_pack.probes.probe import Run
from prp_pack.probes.quantities import Count, Milliseconds


def _sql(value: object) -> str:
    # Read here and not as other texts are: `a < b AND c > d` is no placeholder.
    if not isinstance(value, str) or not statements.first_words(value):
        raise ValueError("is no SQL statement")
    return value


@dataclass(frozen=True)
class Query:
    """One statement of the service. `full_scan` allows it to read a large table whole."""

    name: str
    sql: Annotated[str, _sql]
    params: Mapping[str, object] = field(default_factory=dict)
    max_ms: Milliseconds | None = None
    full_scan: bool = False


@dataclass(frozen=True)
class Database:
    """`[database]`.

    `schema` is empty for the database's own default. `alembic` is the path of an alembic.ini, and
    `metadata` a `package.module:Base.metadata`; `python` is the interpreter that knows both.
    `unindexed` names foreign keys that need no index, as `table.column`. A table is large from
    `large_table` rows on. `runs` is how often each query is timed, before deciding.
    """

    url: str = ""
    read_only: bool = True
    schema: str = ""
    alembic: str = ""
    metadata: str = ""
    python: str = ""
    queries: tuple[Query, ...] = ()
    large_table: Count = 1000
    unindexed: tuple[str, ...] = ()
    runs: Count = 30


def read(run: Run) -> Database:
    """Return the table; raises `UnreadableError` for a query that isn't allowed to run."""
    database = run.settings.table("database", Database)
    names: set[str] = set()
    for index, query in enumerate(database.queries):
        keys = ("database", "queries", str(index))
        if query.name in names:
            raise run.settings.error(f"two queries are called “{query.name}”", keys)
        names.add(query.name)
        words = statements.first_words(query.sql)
        if len(words) > 1:
            raise run.settings.error(f"“{query.name}” is {len(words)} statements", (*keys, "sql"))
        if database.read_only and words[0] not in statements.READING:
            help_ = "write read_only = false into [database]; what it changes is rolled back"
            said = f"“{query.name}” begins with {words[0]}, and the database is read only"
            raise run.settings.error(said, (*keys, "sql"), help_)
    if database.alembic and not (run.repository.root / database.alembic).is_file():
        said = f"{database.alembic} does not exist"
        raise run.settings.error(said, ("database", "alembic"))
    if database.metadata and ":" not in database.metadata:
        help_ = 'write it as "package.module:Base.metadata"'
        raise run.settings.error("“metadata” has no colon", ("database", "metadata"), help_)
    return database


def timed(run: Run, database: Database) -> bool:
    """Tell whether queries are to be timed; raises `UnreadableError` when there are none."""
    if not run.options.get("performance_check"):
        return False
    if not database.queries:
        help_ = "write [[database.queries]] tables with name and sql"
        raise run.settings.error("there is no query to measure", ("database",), help_)
    return True


def url_of(run: Run, database: Database) -> str:
    """Return the database's URL as it was written; raises `UnreadableError` for none."""
    found = run.options.get("url") or database.url or run.environment.get("DATABASE_URL", "")
    if not found:
        help_ = 'write url = "${DATABASE_URL}" into [database], set DATABASE_URL, or give --url'
        raise run.settings.error("nothing says where the database is", ("database",), help_)
    return str(found)
