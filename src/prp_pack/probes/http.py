"""A plain HTTP client over the standard library: one connection, no redirects, no proxy.

What measures must know what it measures: a request is sent once, and its time is the time from the
first byte sent to the last one received.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

# An answer is read to its end; what is longer is no answer of an API.
_MAX_BYTES = 64 * 1024 * 1024


class NoAnswerError(Exception):
    """A request that got no whole answer; prints as one line."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`seconds` from sending to the end of the body; header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> object:
        """Return the body's JSON; raises `ValueError`."""
        loaded: object = json.loads(self.body)
        return loaded


class Client:
    """Keeps one connection to a base URL, and opens a new one after a failure."""

    def __init__(
        self, base_url: str, timeout: float, headers: Mapping[str, str] | None = None
    ) -> None:
        parts = urlsplit(base_url)
        self._host, self._port = parts.hostname or "", parts.port
        self._secure = parts.scheme == "https"
        self._base = parts.path.rstrip("/")
        self._timeout = timeout
        self._headers = dict(headers or {})
        self._link: http.client.HTTPConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._link:
            self._link.close()
            self._link = None

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request and return its answer; a body that is no text or bytes goes as JSON.

        Raises `NoAnswerError`: refused, reset, cut off, too slow, too long, or not HTTP.
        """
        content, kind = content_of(body)
        said = {**({"content-type": kind} if kind else {}), **self._headers, **(headers or {})}
        target = self._base + path if path.startswith("/") else f"{self._base}/{path}"
        begun = time.perf_counter()
        try:
            link = self._opened()
            link.request(method, target, content, said)
            answer = link.getresponse()
            read = answer.read(_MAX_BYTES + 1)
            if answer.length and len(read) <= _MAX_BYTES:
                # Asked for a number of bytes, the library takes fewer for all.
                raise http.client.IncompleteRead(read, answer.length)
        except TimeoutError:
            self.close()
            raise NoAnswerError(f"no answer within {self._timeout:g} s") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise NoAnswerError(str(error) or type(error).__name__) from None
        spent = time.perf_counter() - begun
        if len(read) > _MAX_BYTES:
            self.close()
            raise NoAnswerError(f"the answer is longer than {_MAX_BYTES // 1024**2} MiB")
        if answer.will_close:
            self.close()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, named, read, spent)

    def _opened(self) -> http.client.HTTPConnection:
        if self._link is None:
            if self._secure:
                self._link = http.client.HTTPSConnection(
                    self._host, self._port, timeout=self._timeout, context=_context(self._host)
                )
            else:
                self._link = http.client.HTTPConnection(
                    self._host, self._port, timeout=self._timeout
                )
        return self._link


def content_of(body: object) -> tuple[bytes | None, str]:
    """Return the bytes of a body and its content type; what is no text or bytes becomes JSON."""
    if body is None:
        return None, ""
    if isinstance(body, bytes):
        return body, ""
    if isinstance(body, str):
        return body.encode(), ""
    return json.dumps(body).encode(), "application/json"


def _context(host: str) -> ssl.SSLContext:
    from prp_pack.gate.service import Address  # noqa: PLC0415 - only for https

    context = ssl.create_default_context()
    if Address("https", host, 443).is_own:
        # Certificates of development are self-signed.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
