"""Ask several addresses, a few at a time, and wait for nobody for ever."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from urllib.parse import urlsplit

from prp_pack.links.answer import Answer, Lack, Verdict, ask, opener
from prp_pack.values import dataclass

AT_ONCE = 6
TICK = 0.5


@dataclass(frozen=True, slots=True)
class Asking:
    """How to ask: `timeout` in seconds for each step, `proxies` by scheme, `agent` our name."""

    timeout: float
    proxies: Mapping[str, str]
    agent: str

    @property
    def limit(self) -> float:
        """Seconds after which nothing more is waited for while nothing comes."""
        return 10 * self.timeout + 1


def without_network(answers: Collection[Answer]) -> bool:
    """Tell whether nothing was reached for want of a network, as far as that can be told.

    A single name that nobody knows may be misspelt; several at once hardly are.
    """
    hosts = {urlsplit(answer.address).hostname for answer in answers}
    lacks = {answer.lack for answer in answers}
    return bool(answers) and None not in lacks and (len(hosts) > 1 or lacks == {Lack.NETWORK})


def ask_all(
    addresses: Collection[str], asking: Asking, tell: Callable[[int], None]
) -> dict[str, Answer]:
    """Return the answer of each address, a few asked at a time.

    `tell` is called with how many have answered, at least about twice a second.
    """
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    ended: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    begun: set[str] = set()
    for address in addresses:
        waiting.put(address)
    by = opener(asking.proxies, asking.agent)

    def work() -> None:
        while True:
            try:
                address = waiting.get_nowait()
            except queue.Empty:
                return
            begun.add(address)
            ended.put(ask(by, address, asking.timeout))

    # A thread that nobody waits for: Ctrl-C ends the program at once, whoever doesn't answer.
    for _ in range(min(AT_ONCE, len(addresses))):
        threading.Thread(target=work, daemon=True).start()
    found = {answer.address: answer for answer in _received(ended, len(addresses), asking, tell)}
    for address in addresses:
        if address not in found:
            said = f"gives no whole answer within {asking.limit:g} s"
            late = Answer(address, Verdict.GONE, said)
            unasked = Answer(address, Verdict.UNSURE, "was not asked: others took too long")
            found[address] = late if address in begun else unasked
    return {address: found[address] for address in addresses}


def _received(
    ended: queue.SimpleQueue[Answer], count: int, asking: Asking, tell: Callable[[int], None]
) -> Iterator[Answer]:
    """Yield the answers as they come; ends early when none has come for too long."""
    done, silent = 0, 0.0
    while done < count and silent < asking.limit:
        try:
            answer = ended.get(timeout=TICK)
        except queue.Empty:
            silent += TICK
        else:
            done, silent = done + 1, 0.0
            yield answer
        tell(done)
