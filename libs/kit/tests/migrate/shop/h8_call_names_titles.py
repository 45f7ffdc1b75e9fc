"""Call names titles."""

from alembic import op

revision, down_revision = "h8", "g7"
compatible_since = "h8"


def upgrade() -> None:
    op.alter_column("items", "name", new_column_name="title")


def downgrade() -> None:
    op.alter_column("items", "title", new_column_name="name")
