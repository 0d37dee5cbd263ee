from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from meters.app import create_app
from meters.settings import Settings, from_environment
from tests import service


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings with a filled database of their own."""
    service.copy(tmp_path / "meters.db")
    return from_environment({"DATABASE_URL": f"sqlite:///{tmp_path / 'meters.db'}"})


@pytest.fixture
def address(settings: Settings) -> Iterator[str]:
    """Return the address of the application, served in this process."""
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address) as client:
        yield client


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Return the address of the service as a process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "PORT": str(port)}
    with subprocess.Popen([sys.executable, "tests/service.py"], env=environment) as process:
        try:
            for _ in range(600):
                try:
                    httpx.get(f"{address}/health", timeout=5)
                    break
                except httpx.TransportError:
                    assert process.poll() is None
                    time.sleep(0.05)
            yield address
        finally:
            process.terminate()
