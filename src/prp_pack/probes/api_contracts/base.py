"""Where on a service the paths of a contract lie, told before a hundred answers are 404."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from prp_pack.check.endpoints import template_of
from prp_pack.probes.http import Client, NoAnswerError
from prp_pack.probes.openapi.operations import Contract, Operation
from prp_pack.probes.probe import CannotRunError
from prp_pack.probes.service import Target

# As many tell what all would; a stream that never ends costs its whole time.
_ASKED = 12
_AT_LEAST = 2
_LONGEST = 5.0
_UNKNOWN, _REFUSED = 404, (401, 403)
_PAGE = "text/html"


def find(
    target: Target,
    frozen: Contract,
    published: Contract | None,
    excluded: frozenset[str],
    timeout: float,
) -> str:
    """Return the URL below which a contract's paths lie; raises `CannotRunError` for none.

    That is where most GETs that need no parameter answer something else than 404, or than a web
    page that nobody promised, as some services do for whatever they don't know. Those that the
    service no longer publishes say nothing: they are gone, wherever it lies.
    """
    known = {template_of(each.path) for each in published.operations} if published else None
    asked = [
        each
        for each in frozen.operations
        if each.method == "GET"
        and "{" not in each.path
        and each.name not in excluded
        and (known is None or template_of(each.path) in known)
    ][:_ASKED]
    urls = tuple(dict.fromkeys(_urls(target.base_url, frozen)))
    for url in urls:
        with Client(url, min(timeout, _LONGEST), target.service.headers) as client:
            statuses = _statuses(client, asked)
        if not _are_most(statuses[_UNKNOWN], statuses):
            _expect_admission(url, statuses, frozen, bool(target.service.headers))
            return url
    tried = " and ".join(urls)
    said = (
        f"most GETs of {frozen.where} that need no parameter answer 404 or a web page below {tried}"
    )
    help_ = "give the URL below which its paths lie: [service] base_url, or --base-url"
    raise CannotRunError(f"{said}: the base URL is wrong", help_)


def _urls(base: str, frozen: Contract) -> Iterator[str]:
    for below in frozen.bases:
        yield base if base.endswith(below) else base + below
    yield base


def _statuses(client: Client, asked: Sequence[Operation]) -> Counter[int]:
    """Return how many answers had which status; a page that nobody promised counts as a 404."""
    found: Counter[int] = Counter()
    for operation in asked:
        try:
            answer = client.ask("GET", operation.path)
        except NoAnswerError:
            # Late or broken: what it says of the base URL is that something is there.
            found[0] += 1
            continue
        media = operation.media
        is_page = _PAGE in answer.headers.get("content-type", "")
        found[_UNKNOWN if is_page and media and _PAGE not in media else answer.status] += 1
    return found


def _are_most(number: int, statuses: Counter[int]) -> bool:
    return number >= _AT_LEAST and number * 2 > statuses.total()


def _expect_admission(url: str, statuses: Counter[int], frozen: Contract, identifies: bool) -> None:
    """Raise `CannotRunError` when credentials are wanted, or were given, and none is accepted.

    Where the contract promises an open service and no credentials are given, to be refused is what
    a caller gets: that is for the checks.
    """
    if not (identifies or any(each.security for each in frozen.operations)):
        return
    if _are_most(sum(statuses[each] for each in _REFUSED), statuses):
        said = f"most GETs answer 401 or 403 below {url}: there are no valid credentials"
        help_ = "write them into [service] headers, from a variable of the environment"
        raise CannotRunError(said, help_)
