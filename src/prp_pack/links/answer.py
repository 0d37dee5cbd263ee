"""One address: asked over HTTP whether it answers. Of the answer nothing but its head is read.

A document decides where these requests go, so they carry nothing: no cookie, no password, and no
body. Redirects are followed by hand, for the library reads their bodies and opens `ftp:` too.
"""

from __future__ import annotations

import errno
import ssl
from collections.abc import Mapping
from enum import StrEnum
from http.client import HTTPException, InvalidURL
from ipaddress import ip_address
from socket import EAI_AGAIN, gaierror
from urllib.error import URLError
from urllib.parse import quote, urljoin, urlsplit, urlunsplit
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

from prp_pack.check.addresses import wrong
from prp_pack.links.named import bare
from prp_pack.values import dataclass, replace

_MOST_REDIRECTS = 10
_PERMANENT = frozenset({301, 308})
_REDIRECTS = _PERMANENT | {302, 303, 307}
_TOO_MANY = 429
# What says something of whoever asks, and nothing of the address.
_NOT_FOR_MACHINES = frozenset({401, 403, _TOO_MANY})
_GONE = frozenset({404, 410})
_NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN})
# A proxy's 403 or 407 to CONNECT, as the library words it.
_REFUSED_BY_PROXY = "Tunnel connection failed: 4"
# Of a path and of a query that is written as it should be, nothing is changed.
_KEPT = "/%:@!$&'()*+,;=~?"


class Verdict(StrEnum):
    """What an answer means for a reader of the document."""

    ANSWERS = "answers"
    GONE = "gone"
    UNSURE = "unsure"
    """A machine can't tell; somebody must look."""


class Lack(StrEnum):
    """What was missing to ask at all."""

    HOST = "host"
    """Nobody knows the name."""
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one address; `said` goes on where the address ends: “answers 404”.

    `status` is None where there was no answer. `moved` is where it has moved for good.
    """

    address: str
    verdict: Verdict
    said: str
    status: int | None = None
    moved: str = ""
    lack: Lack | None = None


def opener(proxies: Mapping[str, str], agent: str) -> OpenerDirector:
    """Return what opens http and https, and nothing else, under a name; it follows no redirect."""
    made = OpenerDirector()
    made.addheaders = [("User-Agent", agent), ("Accept", "*/*")]
    for handler in (ProxyHandler(dict(proxies)), HTTPHandler(), HTTPSHandler()):
        made.add_handler(handler)
    return made


class _NoAnswerError(Exception):
    """There is no answer, for a reason that reads on after the address."""

    def __init__(
        self, said: str, verdict: Verdict = Verdict.GONE, lack: Lack | None = None
    ) -> None:
        super().__init__(said)
        self.said, self.verdict, self.lack = said, verdict, lack


class _BrokenOffError(_NoAnswerError):
    """The other side ended without an answer."""


def ask(by: OpenerDirector, address: str, timeout: float) -> Answer:
    """Return what becomes of an address; each step of it may take `timeout` seconds."""
    url, moved, for_good = address, "", True
    for _ in range(_MOST_REDIRECTS + 1):
        try:
            status, location = _head(by, url, timeout)
        except _NoAnswerError as error:
            said = error.said if url == address else f"redirects to {url}, which {error.said}"
            return Answer(address, error.verdict, said, None, moved, error.lack)
        if status not in _REDIRECTS or not location:
            return replace(_judged(address, url, status), moved=moved)
        try:
            leads = urljoin(url, location)
            reason = wrong(leads)
        except ValueError as error:
            leads, reason = location, f"is malformed: {str(error).lower()}"
        if reason:
            said = f"redirects to {leads[:200]}, which is not opened: it {reason}"
            return Answer(address, Verdict.GONE, said, status)
        url, for_good = bare(leads), for_good and status in _PERMANENT
        moved = url if for_good else moved
    return Answer(address, Verdict.GONE, f"redirects more than {_MOST_REDIRECTS} times")


def _judged(address: str, url: str, status: int) -> Answer:
    said = f"answers {status}" if url == address else f"redirects to {url}, which answers {status}"
    if 200 <= status < 400:  # noqa: PLR2004 - HTTP's own classes
        return Answer(address, Verdict.ANSWERS, said, status)
    if status in _GONE or 500 <= status < 600:  # noqa: PLR2004
        return Answer(address, Verdict.GONE, said, status)
    why = ", which is not for machines" if status in _NOT_FOR_MACHINES else ""
    return Answer(address, Verdict.UNSURE, f"{said}{why}: look yourself", status)


def _head(by: OpenerDirector, url: str, timeout: float) -> tuple[int, str]:
    """Return the status, and where a redirect leads; raises `_NoAnswerError`.

    Not every server knows HEAD, or says so with 405: what it refuses is asked for with GET.
    """
    try:
        status, location = _opened(by, "HEAD", url, timeout)
    except _BrokenOffError:
        return _opened(by, "GET", url, timeout)
    if status < 400 or status == _TOO_MANY:  # noqa: PLR2004
        return status, location
    return _opened(by, "GET", url, timeout)


def _opened(by: OpenerDirector, method: str, url: str, timeout: float) -> tuple[int, str]:
    try:
        request = Request(_written(url), method=method)  # noqa: S310 - http and https alone
    except ValueError as error:
        raise _NoAnswerError(f"can't be asked for: {error}") from None
    host = request.host
    try:
        answer = by.open(request, timeout=timeout)
        if answer is None:
            raise _NoAnswerError("can't be asked for: the proxy isn't one of HTTP")
        with answer:
            # A header is read as Latin-1, and written in UTF-8 by those who don't quote.
            location = (answer.headers.get("Location") or "").strip()
            location = location.encode("latin-1", "replace").decode("utf-8", "replace")
            return int(answer.status), location
    except (OSError, HTTPException, ValueError) as error:
        cause = error.reason if isinstance(error, URLError) else error
        proxied = request.host != host
        raise _reason(cause, url, timeout, proxied=proxied) from None


def _written(url: str) -> str:
    """Return an address with the characters that HTTP and DNS know; raises `ValueError`."""
    parts = urlsplit(url)
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    return urlunsplit((parts.scheme, host, quote(parts.path, _KEPT), quote(parts.query, _KEPT), ""))


def _reason(cause: object, url: str, timeout: float, *, proxied: bool) -> _NoAnswerError:
    error = _NoAnswerError(f"can't be opened: {getattr(cause, 'strerror', None) or cause}"[:300])
    match cause:
        case gaierror() | ConnectionRefusedError() if proxied:
            said = "can't be asked for: the proxy can't be reached"
            error = _NoAnswerError(said, lack=Lack.NETWORK)
        case gaierror(errno=number):
            lack = Lack.NETWORK if number == EAI_AGAIN else Lack.HOST
            error = _NoAnswerError("is on a host that isn't known", lack=lack)
        case TimeoutError():
            error = _NoAnswerError(f"gives no answer within {timeout:g} s")
        case ConnectionRefusedError():
            error = _refused(urlsplit(url).hostname or "")
        case ssl.SSLCertVerificationError(verify_message=why):
            error = _NoAnswerError(f"has a certificate that isn't trusted: {why}")
        case InvalidURL():
            error = _NoAnswerError(f"can't be asked for: {cause}")
        case ConnectionError() | HTTPException():
            error = _BrokenOffError("breaks the connection off, or doesn't speak HTTP")
        case OSError(errno=number) if number in _NO_WAY:
            error = _NoAnswerError("can't be reached from here", lack=Lack.NETWORK)
        case OSError(args=(str(said), *_)) if said.startswith(_REFUSED_BY_PROXY):
            error = _NoAnswerError(f"can't be opened: {said[:200]}", Verdict.UNSURE)
    return error


def _refused(host: str) -> _NoAnswerError:
    if _is_here(host):
        said = "refuses the connection: a service of this machine that isn't running?"
        return _NoAnswerError(said, Verdict.UNSURE)
    return _NoAnswerError("refuses the connection")


def _is_here(host: str) -> bool:
    """Tell whether a host is this machine by its name."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
