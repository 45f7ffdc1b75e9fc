"""Want a number."""

from alembic import op
from kit.migrate.operations import set_not_null

revision, down_revision = "f6", "e5"
#: Code of b2 gives no number: the default of d4 does.
compatible_since = "b2"


def upgrade() -> None:
    set_not_null("items", "number")


def downgrade() -> None:
    op.alter_column("items", "number", nullable=True)
