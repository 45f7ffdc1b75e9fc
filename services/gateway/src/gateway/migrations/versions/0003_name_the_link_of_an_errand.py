"""name the link of an errand."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("errands", sa.Column("link_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("errands", "link_id")
