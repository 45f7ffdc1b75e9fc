"""Find items by price."""

from alembic import op
from kit.migrate.operations import create_index_concurrently

revision, down_revision = "g7", "f6"


def upgrade() -> None:
    create_index_concurrently("ix_items_price", "items", ["price"])


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_items_price")
