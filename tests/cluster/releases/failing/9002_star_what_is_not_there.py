"""Star what is not there."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "9002", "9001"


def upgrade() -> None:
    op.create_table("stars", sa.Column("id", sa.BigInteger, primary_key=True))
    op.add_column("constellations", sa.Column("starred_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("constellations", "starred_at")
    op.drop_table("stars")
