"""What is there: tables, foreign keys and their indexes, and whether the rows are sound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, inspect
from sqlalchemy.engine import Inspector
from sqlalchemy.exc import DBAPIError

from prp_pack.evidence.record import Check, Status
from prp_pack.probes.database.connecting import words_of
from prp_pack.probes.database.settings import Database

# Kinds of PostgreSQL's index that find a row by the value of a column.
_FINDING = frozenset({"", "btree", "hash"})


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it is; indexes and keys are the names of their columns.

    `keys` are those that find every row by its values, `indexes` all, and `unique` those of them
    that are. `foreign` are the columns of each foreign key with the table that they refer to.
    """

    name: str
    columns: dict[str, Any]
    primary: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    indexes: tuple[tuple[str, ...], ...]
    unique: tuple[tuple[str, ...], ...]
    foreign: tuple[tuple[tuple[str, ...], str], ...]

    def has_index_for(self, columns: Sequence[str]) -> bool:
        """Tell whether an index begins with these columns, in whatever order."""
        return any(set(key[: len(columns)]) == set(columns) for key in self.keys)


def tables(connection: Connection, schema: str = "") -> tuple[Table, ...]:
    """Return the tables of a schema, of the default one without a name."""
    inspector = inspect(connection)
    names = sorted(inspector.get_table_names(schema=schema or None))
    return tuple(_table(inspector, name, schema or None) for name in names)


def _table(inspector: Inspector, name: str, schema: str | None) -> Table:
    # SQLite's own indexes of UNIQUE; its dialect else reads the constraints from the text.
    more = {"include_auto_indexes": True} if inspector.dialect.name == "sqlite" else {}
    columns = {each["name"]: each for each in inspector.get_columns(name, schema)}
    primary = tuple(inspector.get_pk_constraint(name, schema)["constrained_columns"])
    keys = [primary] if primary else []
    indexes, unique = list(keys), list(keys)
    for index in inspector.get_indexes(name, schema, **more):
        named = tuple(each or "" for each in index["column_names"])
        indexes.append(named)
        unique += [named] if index["unique"] else []
        keys += [named] if _finds_all(index.get("dialect_options", {}), named) else []
    for constraint in inspector.get_unique_constraints(name, schema):
        for each in (keys, indexes, unique):
            each.append(tuple(constraint["column_names"]))
    foreign = tuple(
        (tuple(each["constrained_columns"]), each["referred_table"])
        for each in inspector.get_foreign_keys(name, schema)
    )
    return Table(name, columns, primary, tuple(keys), tuple(indexes), tuple(unique), foreign)


def _finds_all(options: dict[str, Any], columns: tuple[str, ...]) -> bool:
    """Tell whether an index has every row that a value may be looked for in."""
    if str(options.get("postgresql_using", "")) not in _FINDING:
        return False
    where = options.get("postgresql_where") or options.get("sqlite_where")
    if where is None:
        return True
    # Nobody looks for the rows that refer to nothing.
    said = str(where).replace('"', "").strip("() ").lower()
    return bool(columns) and said == f"{columns[0].lower()} is not null"


def described(found: Sequence[Table], database: Database) -> Iterator[Check]:
    """Yield whether there is anything, and whether the foreign keys are indexed."""
    if not found:
        where = f"schema {database.schema}" if database.schema else "database"
        said = f"the {where} has no table: nothing was created, or it is another one"
        yield Check("schema", Status.FAIL, said)
        return
    yield Check("schema", Status.PASS, f"{_counted(len(found), 'table')}")
    yield from _indexes(found, frozenset(database.unindexed))


def _indexes(found: Sequence[Table], exempt: frozenset[str]) -> Iterator[Check]:
    total = missing = 0
    for table in found:
        for columns, referred in table.foreign:
            total += 1
            name = f"{table.name}.{'+'.join(columns)}"
            if table.has_index_for(columns) or name in exempt:
                continue
            missing += 1
            said = f"has none: a delete in {referred}, or a join with it, reads all {table.name}"
            yield Check(f"index of {name}", Status.FAIL, said, name)
    if total and not missing:
        yield Check("foreign keys", Status.PASS, f"{_counted(total, 'foreign key')}, each indexed")
    elif not total:
        yield Check("foreign keys", Status.SKIP, "there is none")


def constraints(connection: Connection, found: Sequence[Table]) -> Iterator[Check]:
    """Yield what the database itself says of its rows, constraints and indexes."""
    match connection.dialect.name:
        case "sqlite":
            if any(table.foreign for table in found):
                yield _violations(connection)
        case "postgresql":
            yield from _not_valid(connection)


def integrity(connection: Connection) -> Iterator[Check]:
    """Yield whether the file is whole; only SQLite tells."""
    if connection.dialect.name != "sqlite":
        return
    try:
        said = connection.exec_driver_sql("PRAGMA quick_check(5)").scalars().all()
    except DBAPIError as error:
        said = [words_of(error)]
    if said == ["ok"]:
        yield Check("integrity", Status.PASS, "PRAGMA quick_check finds nothing")
    else:
        yield Check("integrity", Status.FAIL, "; ".join(" ".join(str(e).split()) for e in said))


def _violations(connection: Connection) -> Check:
    rows = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if rows:
        counted = Counter((row[0], row[2]) for row in rows)
        said = "; ".join(
            f"{_counted(n, 'row')} of {table} without their {parent}"
            for (table, parent), n in sorted(counted.items())
        )
        why = "SQLite enforces foreign keys only on connections that say PRAGMA foreign_keys = ON"
        return Check("foreign key violations", Status.FAIL, f"{said}; {why}")
    said = "none; whether the service enforces them is up to each of its connections"
    return Check("foreign key violations", Status.PASS, said)


def _not_valid(connection: Connection) -> Iterator[Check]:
    sql = (
        "SELECT conrelid::regclass || '.' || conname FROM pg_constraint "
        "WHERE NOT convalidated ORDER BY 1"
    )
    for name in connection.exec_driver_sql(sql).scalars():
        said = "NOT VALID: rows that were there before it may break it"
        yield Check(f"constraint {name}", Status.WARN, said, str(name))
    sql = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid ORDER BY 1"
    for name in connection.exec_driver_sql(sql).scalars():
        said = "is not valid and never used; CREATE INDEX CONCURRENTLY failed"
        yield Check(f"index {name}", Status.FAIL, said, str(name))


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
