"""Keep what was set aside for its author: until dismissed, and after the copy went to another marker."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "acts",
        sa.Column(
            "dismissed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when its author had seen enough of it",
        ),
    )
    op.create_table(
        "past_assignments",
        sa.Column("copy_id", sa.Text(), nullable=False),
        sa.Column("part", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("round", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("marker_id", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["copy_id"], ["copies.id"], name=op.f("fk_past_assignments_copy_id")),
        sa.PrimaryKeyConstraint("copy_id", "part", "round", "marker_id", name=op.f("pk_past_assignments")),
    )
    op.create_index(
        "ix_past_assignments_marker_id", "past_assignments", ["marker_id", "copy_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_past_assignments_marker_id", table_name="past_assignments")
    op.drop_table("past_assignments")
    op.drop_column("acts", "dismissed_at")
