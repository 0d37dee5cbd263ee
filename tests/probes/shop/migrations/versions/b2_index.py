"""Index the orders by customer."""

from __future__ import annotations

from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade() -> None:
    op.create_index("ix_orders_customer_id", "orders", ["customer_id"])
