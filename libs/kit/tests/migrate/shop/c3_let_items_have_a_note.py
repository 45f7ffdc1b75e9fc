"""Let items have a note."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "c3", "b2"


def upgrade() -> None:
    op.add_column("items", sa.Column("note", sa.Text))


def downgrade() -> None:
    op.drop_column("items", "note")
