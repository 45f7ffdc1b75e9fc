"""Number old items."""

from kit.migrate.operations import backfill

revision, down_revision = "e5", "d4"
reverse_is_nothing = True


def upgrade() -> None:
    backfill("items", "number = gen_random_uuid()", "number IS NULL", key="id", chunk=500)


def downgrade() -> None:
    pass
