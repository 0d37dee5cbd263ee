"""Run by alembic; the database is that of the service."""

from __future__ import annotations

import os

from alembic import context

from meters.settings import from_environment
from meters.store import connect
from meters.tables import Base


def migrate() -> None:
    engine = connect(from_environment(os.environ).database_url)
    with engine.connect() as connection:
        context.configure(connection, target_metadata=Base.metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


migrate()
