"""Live updates: one bounded queue for each subscriber, all on one event loop."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import WebSocket
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import DBAPIError

from parcel_tracker.schema import Parcel, Scan, ScanMessage, StateMessage
from parcel_tracker.storage import Storage, UnknownParcelError

CLOSE_INTERNAL_ERROR = 1011
CLOSE_TRY_AGAIN_LATER = 1013
CLOSE_UNKNOWN_PARCEL = 4404


class Subscription:
    def __init__(self, size: int) -> None:
        self.queue: asyncio.Queue[Scan] = asyncio.Queue(maxsize=size)
        self.dropped = asyncio.Event()


class Broadcaster:
    """Hands each published scan to the subscribers of its parcel.

    Its methods never wait, and must be called on the event loop.
    """

    def __init__(self, queue_size: int) -> None:
        self._queue_size = queue_size
        self._subscriptions: dict[str, set[Subscription]] = {}

    @contextmanager
    def subscribe(self, code: str) -> Iterator[Subscription]:
        subscription = Subscription(self._queue_size)
        self._subscriptions.setdefault(code, set()).add(subscription)
        try:
            yield subscription
        finally:
            self._remove(code, subscription)

    def publish(self, code: str, scan: Scan) -> None:
        for subscription in tuple(self._subscriptions.get(code, ())):
            try:
                subscription.queue.put_nowait(scan)
            except asyncio.QueueFull:
                subscription.dropped.set()
                self._remove(code, subscription)

    def subscribers(self, code: str) -> int:
        return len(self._subscriptions.get(code, ()))

    def _remove(self, code: str, subscription: Subscription) -> None:
        left = self._subscriptions.get(code, set())
        left.discard(subscription)
        if not left:
            self._subscriptions.pop(code, None)


async def follow(
    websocket: WebSocket, code: str, storage: Storage, broadcaster: Broadcaster
) -> None:
    """Serve one WebSocket until the client leaves or has to be dropped."""
    await websocket.accept()
    # Subscribe first, read second: a scan between the two is in the queue, not lost.
    with broadcaster.subscribe(code) as subscription:
        try:
            parcel = await run_in_threadpool(storage.get_parcel, code)
        except UnknownParcelError:
            await websocket.close(CLOSE_UNKNOWN_PARCEL, "unknown parcel")
            return
        except DBAPIError:
            await websocket.close(CLOSE_INTERNAL_ERROR, "database unavailable")
            return
        sending = asyncio.create_task(_send_all(websocket, parcel, subscription))
        leaving = asyncio.create_task(_wait_until_left(websocket))
        dropping = asyncio.create_task(subscription.dropped.wait())
        tasks = (sending, leaving, dropping)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            left = leaving.done()
            for task in tasks:
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    if left:
        return  # a send that failed because the client is gone is no error
    if subscription.dropped.is_set():
        await websocket.close(CLOSE_TRY_AGAIN_LATER, "too slow")
        return
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


async def _send_all(websocket: WebSocket, parcel: Parcel, subscription: Subscription) -> None:
    await websocket.send_text(StateMessage(parcel=parcel).model_dump_json())
    newest = parcel.last_scan.id if parcel.last_scan else 0
    while True:
        scan = await subscription.queue.get()
        if scan.id > newest:  # the state may already contain the first queued scans
            await websocket.send_text(ScanMessage(scan=scan).model_dump_json())


async def _wait_until_left(websocket: WebSocket) -> None:
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass  # whatever the client says is ignored
