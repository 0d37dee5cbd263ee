"""What the readings of a meter come to, kept beside the meter."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for name, kind in (("reading_count", sa.Integer), ("litres_total", sa.BigInteger)):
        op.add_column("meters", sa.Column(name, kind, nullable=False, server_default="0"))
    op.execute(
        "UPDATE meters SET"
        " reading_count = (SELECT count(*) FROM readings WHERE meter_code = meters.code),"
        " litres_total ="
        " (SELECT coalesce(sum(litres), 0) FROM readings WHERE meter_code = meters.code)"
    )


def downgrade() -> None:
    op.drop_column("meters", "litres_total")
    op.drop_column("meters", "reading_count")
