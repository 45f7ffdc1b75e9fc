"""Drop the notes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
compatible_since = "0002"


def upgrade() -> None:
    op.drop_column("scratch", "note")


def downgrade() -> None:
    op.add_column("scratch", sa.Column("note", sa.Text()))
