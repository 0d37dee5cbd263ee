"""A database's URL: the driver that is used for it, and how it is shown without its password."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from prp_pack.probes.database import settings
from prp_pack.probes.database.settings import Database
from prp_pack.probes.probe import CannotRunError, Run

# What libpq takes and this driver doesn't, and what makes no difference here.
_LEFT_OUT = frozenset({"application_name", "channel_binding", "connect_timeout", "gssencmode",
                       "keepalives", "pool_timeout", "connection_limit", "schema"})  # fmt: skip
_TLS = ("sslmode", "sslrootcert")
# The server ends what is late by itself; after so many seconds more it is taken for dead.
_GRACE = 5.0
# A shorter password could stand anywhere in an ordinary sentence.
_LEAST = 4


@dataclass(frozen=True)
class Address:
    """Where a database is. `file` is that of SQLite, None for the others.

    `given` is the URL as it was written. `arguments` are what its driver gets beside the URL.
    """

    url: URL
    given: str = field(repr=False)
    file: Path | None = None
    arguments: Mapping[str, object] = field(default_factory=dict)

    @property
    def backend(self) -> str:
        return self.url.get_backend_name()

    @property
    def shown(self) -> str:
        """The URL without password and options."""
        plain = self.url.set(query={})._replace(password=None)
        return plain.render_as_string(hide_password=True)

    def without_password(self, text: str) -> str:
        secret = str(self.url.password or "")
        return text.replace(secret, "***") if len(secret) >= _LEAST else text


def address(run: Run, database: Database) -> Address:
    """Return where the database is.

    Raises `UnreadableError` for what is no URL, and `CannotRunError` without a driver.
    """
    given = settings.url_of(run, database)
    try:
        # Some services still hand out what SQLAlchemy has no dialect for.
        url = make_url(given.replace("postgres://", "postgresql://", 1))
    except (ArgumentError, ValueError):
        # What it says holds the URL with its password.
        help_ = "write postgresql://user:password@host/name or sqlite:///path"
        raise run.settings.error("“url” is no URL of a database", _KEYS, help_) from None
    if named := [key for key in url.query if "pass" in key.lower()]:
        said = f"“url” has {named[0]} among its options"
        raise run.settings.error(said, _KEYS, "write the password before the @")
    match url.get_backend_name():
        case "sqlite":
            return _sqlite(run, url, given)
        case "postgresql":
            return _postgresql(run, url, given)
    return Address(url, given)


_KEYS = ("database", "url")


def _sqlite(run: Run, url: URL, given: str) -> Address:
    named = url.database or ""
    if named.startswith("file:"):
        named = unquote(named.removeprefix("file:").partition("?")[0])
    if not named or named == ":memory:":
        help_ = "write sqlite:///path, relative to the project"
        raise run.settings.error("a database in memory has nothing to look at", _KEYS, help_)
    plain = URL.create("sqlite", database=named)
    return Address(plain, given, run.repository.root / named)


def _postgresql(run: Run, url: URL, given: str) -> Address:
    if find_spec("pg8000") is None:
        lack = "PostgreSQL needs pg8000, which is not installed"
        raise CannotRunError(lack, "pip install 'prp-pack[postgres]'")
    timeout = run.timeout + _GRACE
    arguments: dict[str, object] = {"timeout": timeout, "application_name": "prp"}
    options = {key: value[0] if isinstance(value, tuple) else value
               for key, value in url.query.items()}  # fmt: skip
    if host := options.pop("host", ""):
        if host.startswith("/"):
            arguments["unix_sock"] = f"{host}/.s.PGSQL.{url.port or 5432}"
        else:
            url = url.set(host=host)
    if context := _tls(options):
        arguments["ssl_context"] = context
    if unknown := [key for key in options if key not in {*_LEFT_OUT, *_TLS}]:
        raise run.settings.error(f"“url” has the option {unknown[0]}, which is not known", _KEYS)
    return Address(url.set(drivername="postgresql+pg8000", query={}), given, None, arguments)


def _tls(options: Mapping[str, str]) -> ssl.SSLContext | None:
    mode = options.get("sslmode", "prefer")
    if mode in ("disable", "allow", "prefer"):
        return None
    context = ssl.create_default_context(cafile=options.get("sslrootcert"))
    if mode != "verify-full":
        context.check_hostname = False
    if mode == "require":
        # As libpq means it: nobody listens, whoever answers.
        context.verify_mode = ssl.CERT_NONE
    return context
