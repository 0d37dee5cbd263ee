"""Entry point: the only place that reads the environment."""

import os
import sys

import uvicorn

from parcel_tracker.app import create_app
from parcel_tracker.settings import Settings, SettingsError


def main() -> int:
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        print(f"parcel_tracker: {error}", file=sys.stderr)
        return 2
    uvicorn.run(
        create_app(settings),
        host="127.0.0.1",
        port=settings.port,
        timeout_graceful_shutdown=5,
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
