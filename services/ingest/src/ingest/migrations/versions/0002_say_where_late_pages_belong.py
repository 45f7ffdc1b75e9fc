"""say where late pages belong."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from kit.migrate.operations import add_constraint, create_index_concurrently

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None
#: Code of 0001 leaves the new columns empty, which the constraints allow.
compatible_since = "0001"


def upgrade() -> None:
    home = (
        sa.Column("home_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("home_position", sa.Integer(), nullable=True),
    )
    for column in home:
        op.add_column("copies", column, if_not_exists=True)
    create_index_concurrently("ix_copies_home_id", "copies", ["home_id"], where="home_id IS NOT NULL")
    add_constraint("copies", "fk_copies_home_id", "FOREIGN KEY (home_id) REFERENCES copies (id)")
    add_constraint("copies", "ck_copies_home", "CHECK ((home_id IS NULL) = (home_position IS NULL))")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_copies_home"), "copies", type_="check")
    op.drop_constraint(op.f("fk_copies_home_id"), "copies", type_="foreignkey")
    op.drop_index("ix_copies_home_id", table_name="copies", postgresql_where=sa.text("home_id IS NOT NULL"))
    op.drop_column("copies", "home_position")
    op.drop_column("copies", "home_id")
