from __future__ import annotations

from datetime import UTC, datetime

from meters.live import WAITING, Live
from meters.messages import Reading


def reading(number: int) -> Reading:
    return Reading(id=number, litres=1, read_at=datetime(2026, 11, 23, tzinfo=UTC))


def test_a_reading_reaches_the_listeners_of_its_meter_only() -> None:
    live = Live()
    with live.listen("M-1") as first, live.listen("M-1") as second, live.listen("M-2") as other:
        live.tell("M-1", reading(1))
        assert first.get_nowait() == second.get_nowait() == reading(1)
        assert other.empty()


def test_a_listener_that_is_too_slow_hears_no_more() -> None:
    live = Live()
    with live.listen("M-1") as slow:
        for number in range(WAITING + 2):
            live.tell("M-1", reading(number))
        heard = [slow.get_nowait() for _ in range(WAITING)]
        assert heard[-1] is None
        assert slow.empty()


def test_nobody_listening_is_no_error() -> None:
    live = Live()
    with live.listen("M-1"):
        pass
    live.tell("M-1", reading(1))
