"""A connection that can change nothing, unless it is allowed to; and then it is rolled back."""

from __future__ import annotations

import sqlite3
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SAWarning
from sqlalchemy.pool import NullPool

from prp_pack.probes.database.urls import Address
from prp_pack.probes.probe import CannotRunError, Run

_BROKEN = (TimeoutError, ConnectionError)
ENFORCED = frozenset({"sqlite", "postgresql"})
"""Where read-only is the database's own word. Elsewhere no declared query runs under it."""


@dataclass(frozen=True)
class Link:
    """A connection to an address, over which a statement may take `timeout` seconds."""

    connection: Connection
    address: Address
    timeout: float

    def words_of(self, error: DBAPIError) -> str:
        """Return what the database said, in one line and without the password."""
        if is_late(error):
            return f"no answer within {self.timeout:g} s"
        return self.address.without_password(words_of(error))


@contextmanager
def connected(run: Run, address: Address, *, read_only: bool) -> Iterator[Link]:
    """Yield a connection; raises `CannotRunError` when there is none."""
    engine = _engine(run, address, read_only=read_only)
    try:
        with warnings.catch_warnings():
            # About indexes and types that the inspector doesn't know; nothing here needs them.
            warnings.simplefilter("ignore", SAWarning)
            try:
                connection = engine.connect()
            except (DBAPIError, *_BROKEN) as error:
                said = words_of(error) if isinstance(error, DBAPIError) else str(error)
                said = address.without_password(said)
                help_ = "start it, or correct url in [database]"
                raise CannotRunError(f"no connection to {address.shown}: {said}", help_) from None
            with connection:
                yield Link(connection, address, run.timeout)
    except _BROKEN as error:
        # The driver lets them through as they are, when they come in the middle of an answer.
        raise CannotRunError(f"the connection to {address.shown} broke: {error}") from None
    finally:
        engine.dispose()


@contextmanager
def rolled_back(connection: Connection) -> Iterator[None]:
    """Run what is inside in a transaction that leaves nothing."""
    transaction = connection.begin()
    try:
        yield
    finally:
        transaction.rollback()


def words_of(error: DBAPIError) -> str:
    """Return what the database said, in one line."""
    said = error.orig.args[0] if error.orig and error.orig.args else ""
    if isinstance(said, dict):
        # The fields of PostgreSQL's protocol: M is the message, C the code.
        said = f"{said.get('M', '')} ({said.get('C', '')})"
    return " ".join(str(said).split()) or type(error.orig).__name__


def is_late(error: DBAPIError) -> bool:
    """Tell whether a statement was ended because its time was up."""
    said = words_of(error)
    return said == "interrupted" or "(57014)" in said or "timed out" in said


class Meter:
    """Counts the instructions of SQLite's machine, `step` at a time, and ends what is late.

    The count is rounded down. Elsewhere the server ends what is late, and nothing is counted.
    """

    def __init__(self, connection: Connection, timeout: float, step: int = 10_000) -> None:
        driver: Any = connection.connection.driver_connection
        self._deadline = time.monotonic() + timeout
        self._driver: sqlite3.Connection | None = (
            driver if isinstance(driver, sqlite3.Connection) else None
        )
        self._size = step
        self.instructions = 0

    def __enter__(self) -> Self:
        if self._driver:
            self._driver.set_progress_handler(self._step, self._size)
        return self

    def __exit__(self, *_raised: object) -> None:
        if self._driver:
            self._driver.set_progress_handler(None, 0)

    def _step(self) -> bool:
        self.instructions += self._size
        return time.monotonic() > self._deadline


def _engine(run: Run, address: Address, *, read_only: bool) -> Engine:
    if address.file:
        engine = create_engine(
            "sqlite://", creator=_opener(run, address, read_only=read_only), poolclass=NullPool
        )
        # The driver begins no transaction by itself then; else statements such as DROP TABLE
        # would stay outside of the one that is rolled back.
        event.listen(engine, "begin", lambda link: link.exec_driver_sql("BEGIN"))
        return engine
    try:
        engine = create_engine(
            address.url, connect_args=dict(address.arguments), poolclass=NullPool
        )
    except NoSuchModuleError:
        raise CannotRunError(f"SQLAlchemy has no dialect {address.url.drivername}") from None
    except ModuleNotFoundError as error:
        lack = f"{address.backend} needs {error.name}, which is not installed"
        raise CannotRunError(lack, f"pip install {error.name}") from None
    if address.backend == "postgresql":

        def prepare(driver: Any, _record: object) -> None:  # noqa: ANN401 - of any driver
            cursor = driver.cursor()
            cursor.execute(f"SET statement_timeout = {round(run.timeout * 1000)}")
            if read_only:
                cursor.execute("SET default_transaction_read_only = on")
            driver.commit()
            cursor.close()

        event.listen(engine, "connect", prepare)
    return engine


def _opener(run: Run, address: Address, *, read_only: bool) -> Callable[[], sqlite3.Connection]:
    # Never with the right to make a file: a wrong path would give an empty database.
    mode = "ro" if read_only else "rw"
    name = f"file:{quote(str(address.file))}?mode={mode}"

    def opened() -> sqlite3.Connection:
        link = sqlite3.connect(name, uri=True, isolation_level=None, timeout=run.timeout)
        # Of this connection alone, like everywhere in SQLite.
        link.execute("PRAGMA foreign_keys = ON")
        link.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return link

    return opened
