"""Settings of the service and how they are read from an environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


class SettingsError(Exception):
    """A setting has a value the service cannot use."""


@dataclass(frozen=True)
class Settings:
    database_url: str = "sqlite:///parcels.db"
    port: int = 8000
    live_queue: int = 32  # scans that may wait for one subscriber before it is dropped

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        return cls(
            database_url=environment.get("PARCEL_DATABASE_URL", cls.database_url),
            port=_whole_number(environment, "PARCEL_PORT", cls.port, 65535),
            live_queue=_whole_number(environment, "PARCEL_LIVE_QUEUE", cls.live_queue, 10_000),
        )


def _whole_number(environment: Mapping[str, str], name: str, default: int, highest: int) -> int:
    text = environment.get(name)
    if text is None:
        return default
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= highest:
        raise SettingsError(f"{name} must be a whole number from 1 to {highest}, not {text!r}")
    return number
