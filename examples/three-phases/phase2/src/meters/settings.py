"""What the environment says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    database_url: str = "sqlite:///meters.db"
    host: str = "127.0.0.1"
    port: int = 8000
    rates_url: str = "http://127.0.0.1:9100"


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Return the settings; raises ValueError for a port that is no number."""
    return Settings(
        database_url=environment.get("DATABASE_URL") or Settings.database_url,
        host=environment.get("HOST") or Settings.host,
        port=int(environment.get("PORT") or Settings.port),
        rates_url=environment.get("RATES_URL") or Settings.rates_url,
    )
