"""Tells listeners each reading of a meter."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from meters.messages import Reading

WAITING = 32  # readings that may wait for a slow listener

Listener = asyncio.Queue[Reading | None]


class Live:
    """The listeners of each meter. Belongs to one event loop."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[Listener]] = defaultdict(set)

    @contextmanager
    def listen(self, code: str) -> Iterator[Listener]:
        """Give a queue of readings; None in it means that the listener was too slow."""
        listener = Listener(WAITING)
        self._listeners[code].add(listener)
        try:
            yield listener
        finally:
            self._listeners[code].discard(listener)
            if not self._listeners[code]:
                del self._listeners[code]

    def tell(self, code: str, reading: Reading) -> None:
        """Queue a reading for each listener; never waits. Who is too slow hears no more."""
        for listener in tuple(self._listeners.get(code, ())):
            if listener.full():
                self._listeners[code].discard(listener)
                listener.get_nowait()
                listener.put_nowait(None)
            else:
                listener.put_nowait(reading)
