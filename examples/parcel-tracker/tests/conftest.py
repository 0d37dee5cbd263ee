from collections.abc import Iterator
from pathlib import Path

import pytest
from support import server_in_thread, server_process, settings_in

from parcel_tracker.settings import Settings
from parcel_tracker.storage import Storage


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def storage(settings: Settings) -> Iterator[Storage]:
    storage = Storage(settings.database_url)
    storage.create_tables()
    yield storage
    storage.close()


@pytest.fixture
def server(settings: Settings) -> Iterator[str]:
    with server_in_thread(settings) as address:
        yield address


@pytest.fixture
def process(tmp_path: Path) -> Iterator[str]:
    with server_process(tmp_path) as address:
        yield address
