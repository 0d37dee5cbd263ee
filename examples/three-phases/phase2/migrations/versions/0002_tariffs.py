"""Which rate a meter pays."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "meters", sa.Column("tariff", sa.String(20), nullable=False, server_default="standard")
    )


def downgrade() -> None:
    op.drop_column("meters", "tariff")
