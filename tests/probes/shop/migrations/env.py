"""Alembic's environment: the database is the one of DATABASE_URL."""

from __future__ import annotations

import os

from alembic import context
from shop_models import Base  # type: ignore[import-not-found]
from sqlalchemy import create_engine

engine = create_engine(os.environ.get("SHOP_URL") or os.environ["DATABASE_URL"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
