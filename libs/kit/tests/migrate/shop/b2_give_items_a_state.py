"""Give items a state."""

from alembic import op

revision, down_revision = "b2", "a1"


def upgrade() -> None:
    op.execute("CREATE TYPE item_state AS ENUM ('draft', 'live')")
    op.execute("ALTER TABLE items ADD COLUMN state item_state NOT NULL DEFAULT 'draft'")


def downgrade() -> None:
    op.execute("ALTER TABLE items DROP COLUMN state")
    op.execute("DROP TYPE item_state")
