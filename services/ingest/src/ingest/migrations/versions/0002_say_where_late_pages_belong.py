"""say where late pages belong."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("copies", sa.Column("home_id", sa.Uuid(as_uuid=False), nullable=True))
    op.add_column("copies", sa.Column("home_position", sa.Integer(), nullable=True))
    op.create_index(
        "ix_copies_home_id",
        "copies",
        ["home_id"],
        unique=False,
        postgresql_where=sa.text("home_id IS NOT NULL"),
    )
    op.create_foreign_key(op.f("fk_copies_home_id"), "copies", "copies", ["home_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_copies_home"), "copies", "(home_id IS NULL) = (home_position IS NULL)"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_copies_home"), "copies", type_="check")
    op.drop_constraint(op.f("fk_copies_home_id"), "copies", type_="foreignkey")
    op.drop_index("ix_copies_home_id", table_name="copies", postgresql_where=sa.text("home_id IS NOT NULL"))
    op.drop_column("copies", "home_position")
    op.drop_column("copies", "home_id")
