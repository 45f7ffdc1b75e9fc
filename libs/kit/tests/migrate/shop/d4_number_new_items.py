"""Number new items."""

from alembic import op

revision, down_revision = "d4", "c3"


def upgrade() -> None:
    op.execute("ALTER TABLE items ADD COLUMN number uuid")
    op.execute("ALTER TABLE items ALTER COLUMN number SET DEFAULT gen_random_uuid()")


def downgrade() -> None:
    op.drop_column("items", "number")
