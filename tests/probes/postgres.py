"""A PostgreSQL server of its own for the tests: on a free port of loopback, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pg8000.dbapi  # type: ignore[import-untyped]
import pytest

from tests.probes.site import SAFETY, free_port

PASSWORD = "pass:w/rd 77"
_FOLDERS = "/usr/lib/postgresql/*/bin"


@dataclass(frozen=True)
class Server:
    port: int
    pid: int

    def execute(self, *statements: str, database: str = "postgres") -> list[Any]:
        """Run statements, each by itself; returns the rows of the last."""
        link = pg8000.dbapi.connect(
            "owner", "127.0.0.1", database, self.port, PASSWORD, timeout=SAFETY
        )
        link.autocommit = True
        try:
            cursor = link.cursor()
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
        finally:
            link.close()


def needed_programs() -> Path:
    """Return the folder of initdb and postgres; without one the test is skipped, or fails."""
    folder = programs()
    if folder is None:
        assert os.environ.get("PRP_POSTGRES_REQUIRED") != "1", "there is no PostgreSQL server"
        pytest.skip("there is no PostgreSQL server here: apt install postgresql")
    return folder


def programs() -> Path | None:
    """Return the folder of initdb and postgres, of the newest where there are several."""
    found = sorted(Path("/").glob(_FOLDERS.removeprefix("/")), key=lambda each: each.parent.name)
    if on_path := shutil.which("postgres"):
        found.append(Path(on_path).resolve().parent)
    whole = [each for each in found if (each / "initdb").exists() and (each / "postgres").exists()]
    return whole[-1] if whole else None


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Run a server made from nothing; root becomes an ordinary user for it, as it refuses root."""
    who: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="prp-postgres-") as made:
        home = Path(made)
        (home / "password").write_text(PASSWORD, encoding="utf-8")
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            for path in (home, home / "password"):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        shared: dict[str, Any] = {
            "cwd": home,
            "env": {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"},
            "stdout": subprocess.PIPE,
            "stderr": subprocess.STDOUT,
            **who,
        }
        done = subprocess.run(
            [folder / "initdb", "-D", home / "data", "-U", "owner", "-A", "scram-sha-256",
             f"--pwfile={home / 'password'}", "-E", "UTF8", "--no-locale", "--no-sync"],
            check=False, timeout=SAFETY, **shared,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        port = free_port()
        with (home / "log").open("wb") as log:
            settings = ("fsync=off", f"unix_socket_directories={home}", "listen_addresses=127.0.0.1",
                        "shared_buffers=16MB", "max_connections=20", "autovacuum=off")  # fmt: skip
            process = subprocess.Popen(
                [folder / "postgres", "-D", home / "data", "-p", str(port),
                 *(word for each in settings for word in ("-c", each))],
                **{**shared, "stdout": log},
            )  # fmt: skip
        try:
            server = Server(port, process.pid)
            _await(server, process, home / "log")
            yield server
        finally:
            # The way that writes nothing more: it all is thrown away.
            process.send_signal(signal.SIGQUIT)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(60)


def _await(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            server.execute("SELECT 1")
        except (pg8000.dbapi.InterfaceError, pg8000.dbapi.DatabaseError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text(encoding="utf-8"))
