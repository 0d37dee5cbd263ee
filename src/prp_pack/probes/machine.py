"""What measured times depend on: how many processors there are, and how idle they were."""

from __future__ import annotations

import platform

import psutil

_LOOK = 0.3
BUSY = 50.0
"""Below this idle share, in per cent, times say more about the neighbours than the service."""


def facts() -> dict[str, object]:
    """Return what a record says of the machine; it takes a third of a second to look.

    `idle_percent` is the share of all processors that nobody used just before the run.
    """
    return {
        "processors": psutil.cpu_count() or 1,
        "memory_mib": psutil.virtual_memory().total // 1024**2,
        "idle_percent": round(psutil.cpu_times_percent(interval=_LOOK).idle, 1),
        "platform": platform.platform(),
    }


def is_busy(machine: dict[str, object]) -> bool:
    """Tell whether others used the machine so much that times are not to be trusted."""
    idle = machine.get("idle_percent")
    return isinstance(idle, float) and idle < BUSY
