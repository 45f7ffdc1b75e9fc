"""Call stars flags."""

from alembic import op

revision, down_revision = "9002", "9001"
#: Nothing older knows the column by this name.
compatible_since = "9002"


def upgrade() -> None:
    op.alter_column("marks", "starred_at", new_column_name="flagged_at")


def downgrade() -> None:
    op.alter_column("marks", "flagged_at", new_column_name="starred_at")
