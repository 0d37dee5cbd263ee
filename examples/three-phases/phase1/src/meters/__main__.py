"""`python -m meters` serves."""

from __future__ import annotations

import os

import uvicorn

from meters.app import create_app
from meters.settings import from_environment


def main() -> None:
    settings = from_environment(os.environ)
    uvicorn.run(create_app(settings), host=settings.host, port=settings.port, log_level="warning")


if __name__ == "__main__":
    main()
