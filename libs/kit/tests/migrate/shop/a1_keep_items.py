"""Keep items."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "a1", None


def upgrade() -> None:
    op.create_table(
        "items",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True)),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("price", sa.Numeric(10, 2), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_items"),
        sa.CheckConstraint("price >= 0", name="ck_items_price"),
    )


def downgrade() -> None:
    op.drop_table("items")
