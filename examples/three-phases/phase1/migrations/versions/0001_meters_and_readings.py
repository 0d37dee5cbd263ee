"""Meters and their readings."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "meters",
        sa.Column("code", sa.String(20), primary_key=True),
        sa.Column("place", sa.String(80), nullable=False),
    )
    op.create_table(
        "readings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("meter_code", sa.String(20), sa.ForeignKey("meters.code"), nullable=False),
        sa.Column("litres", sa.Integer, nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_readings_meter_code", "readings", ["meter_code"])


def downgrade() -> None:
    op.drop_table("readings")
    op.drop_table("meters")
