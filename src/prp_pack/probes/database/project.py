"""What the project says that its database should be: its migrations and its models.

Its code runs in its own interpreter, never in ours: `in_project.py` is started there and answers
with JSON.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from prp_pack.evidence.record import Artefact, Check, Status
from prp_pack.gate import process
from prp_pack.gate.process import Job
from prp_pack.probes.database import in_project
from prp_pack.probes.database.schema import Table
from prp_pack.probes.database.settings import Database
from prp_pack.probes.database.urls import Address
from prp_pack.probes.probe import CannotRunError, Run

# An application and its libraries may take long to import, in seconds.
_PATIENCE = 120.0
_SHOWN = 5
_OWN = frozenset({"", "localhost", "127.0.0.1", "::1"})


def interpreter(run: Run, database: Database) -> str:
    """Return the Python of the project; raises `CannotRunError` when there is none."""
    if database.python:
        return database.python
    for name in ("python", "python3"):
        if found := shutil.which(name, path=run.environment.get("PATH")):
            return found
    raise CannotRunError("python is not on PATH", 'write python = "…" into [database]')


def migrations(run: Run, database: Database, address: Address) -> Iterator[Check | Artefact]:
    """Yield how the database stands to the migrations; raises `CannotRunError`."""
    found, log = _asked(run, database, address, "migrations", database.alembic)
    checks = list(_of_migrations(run, found, address))
    yield from checks
    if any(each.status is Status.FAIL for each in checks):
        yield log


def _of_migrations(run: Run, found: dict[str, Any], address: Address) -> Iterator[Check]:
    if said := found.get("error"):
        yield Check("migrations", Status.FAIL, address.without_password(str(said)))
        return
    ours = [each for each in found["connections"] if _is_ours(run, each, address)]
    if not ours:
        there = found["connections"]
        said = f"alembic works on {_named(there[0])}" if there else "alembic connected to nothing"
        said += f", not on {address.shown}; it was given DATABASE_URL"
        yield Check("migrations", Status.FAIL, said)
        return
    current, heads = [each for each in ours[0]["current"] if each], found["heads"]
    stands = f"the database is at {_list(current or ['no revision'])}, the head is {_list(heads)}"
    if not heads:
        yield Check("migrations", Status.FAIL, "there is no migration")
    elif unknown := sorted(set(current) - set(found["known"])):
        yield Check("migrations", Status.FAIL, f"no migration is called {_list(unknown)}")
    elif current != heads:
        yield Check("migrations", Status.FAIL, f"{stands}: alembic upgrade head")
    else:
        yield Check("migrations", Status.PASS, stands)
    yield _of_models(ours[0])


def _of_models(one: dict[str, Any]) -> Check:
    differences = one["differences"]
    if not one["has_models"]:
        said = "env.py names no target_metadata, so that nothing is compared"
        return Check("models", Status.WARN, said)
    if differences:
        more = f"; and {len(differences) - _SHOWN} more" if len(differences) > _SHOWN else ""
        said = f"the database is not as the models say: {'; '.join(differences[:_SHOWN])}{more}"
        return Check("models", Status.FAIL, said)
    return Check("models", Status.PASS, "the database is as the models say")


def _is_ours(run: Run, one: dict[str, Any], address: Address) -> bool:
    if one["backend"] != address.backend:
        return False
    if address.file:
        named = str(one["database"]).removeprefix("file:").partition("?")[0]
        return (run.repository.root / named).resolve() == address.file.resolve()
    url = address.url
    hosts = {"" if host in _OWN else host for host in (one["host"], url.host or "")}
    ports = {one["port"] or 5432, url.port or 5432}
    return len(hosts) == len(ports) == 1 and one["database"] == (url.database or "")


def _named(one: dict[str, Any]) -> str:
    port = f":{one['port']}" if one["port"] else ""
    return f"{one['backend']}://{one['host']}{port}/{one['database']}"


def _list(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def metadata(
    run: Run, database: Database, address: Address, tables: Sequence[Table]
) -> Iterator[Check]:
    """Yield what the models have and the database doesn't; raises `CannotRunError`."""
    found, _ = _asked(run, database, address, "metadata", database.metadata)
    there = {each.name: each for each in tables}
    wanted = [each for each in found["tables"] if each["schema"] in ("", database.schema)]
    flaws = [flaw for each in wanted for flaw in differences(each, there.get(each["name"]))]
    for where, said in flaws:
        yield Check(f"metadata {where}", Status.FAIL, said, where)
    if not wanted:
        yield Check("metadata", Status.FAIL, f"{database.metadata} has no table")
    elif not flaws:
        yield Check("metadata", Status.PASS, f"its {len(wanted)} tables are there as they should")


def differences(model: dict[str, Any], table: Table | None) -> Iterator[tuple[str, str]]:
    """Yield where a table differs from its model, and how; types are not compared."""
    name = model["name"]
    if table is None:
        yield name, "there is no such table"
        return
    for column, nullable in model["columns"].items():
        where = f"{name}.{column}"
        if column not in table.columns:
            yield where, "there is no such column"
        elif table.columns[column]["nullable"] != nullable and column not in table.primary:
            yield where, f"may {'not ' if nullable else ''}be NULL, unlike in the model"
    for column, one in table.columns.items():
        fills_itself = one["nullable"] or one.get("default") is not None or one.get("identity")
        if column not in model["columns"] and not fills_itself:
            yield f"{name}.{column}", "must be given, and the model doesn't know it"
    if tuple(model["primary"]) != table.primary:
        yield name, f"its primary key is {_list(table.primary)}, not {_list(model['primary'])}"
    for index in model["indexes"]:
        columns = tuple(index["columns"])
        if columns not in (table.unique if index["unique"] else table.indexes):
            kind = "unique index" if index["unique"] else "index"
            yield f"{name}.{'+'.join(columns)}", f"there is no {kind}"


def _asked(
    run: Run, database: Database, address: Address, question: str, name: str
) -> tuple[dict[str, Any], Artefact]:
    """Return the project's own answer, and the log of asking for it."""
    python = interpreter(run, database)
    output = run.artefacts / f"{question}.json"
    log = run.artefacts / f"{question}.log"
    job = Job(
        argv=(python, str(Path(in_project.__file__)), str(output), question, name),
        folder=run.repository.root,
        # The password by itself, so that the log is kept free of it.
        environment={
            **run.environment,
            "DATABASE_URL": address.given,
            "PRP_DATABASE_PASSWORD": str(address.url.password or ""),
        },
        timeout=max(_PATIENCE, run.timeout),
        log=log,
        marker=f"{run.folder.rpartition('/')[2]}-{question}",
    )
    try:
        outcome = process.run(
            job, lambda _: run.tell(f"asking the project for its {question}", None)
        )
    except process.CannotRunError as error:
        raise CannotRunError(f"{python}: {error.reason}", error.help) from None
    if outcome.timed_out:
        raise CannotRunError(f"{name} took longer than {job.timeout:g} s")
    if not outcome.succeeded or not output.is_file():
        # Behind the error itself SQLAlchemy prints statements and links, in brackets.
        lines = [line for line in outcome.tail.splitlines() if line.strip() and line[0] not in "[("]
        said = address.without_password(lines[-1].strip()) if lines else "nothing was said"
        raise CannotRunError(f"{name}: {said}", f"the whole of it is in {run.folder}/{log.name}")
    found: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
    if missing := found.get("missing"):
        help_ = 'write the project\'s own interpreter: python = ".venv/bin/python" in [database]'
        raise CannotRunError(f"{python} has no module {missing}", help_)
    return found, Artefact(f"{run.folder}/{log.name}", outcome.log_sha256, "log")
