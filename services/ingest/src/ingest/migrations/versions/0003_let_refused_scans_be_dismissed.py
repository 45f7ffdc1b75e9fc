"""let refused scans be dismissed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from kit.migrate.operations import add_constraint, create_index_concurrently

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None
#: Older code does not know the state.
compatible_since = "0003"

_KNOWN = "state NOT IN ('sealing', 'refused', 'dismissed', 'duplicate')"
_KNOWN_BEFORE = "state NOT IN ('sealing', 'refused', 'duplicate')"
_STATES = "'sealing', 'inspecting', 'rendering', 'settled', 'refused', 'dismissed', 'duplicate'"
_STATES_BEFORE = "'sealing', 'inspecting', 'rendering', 'settled', 'refused', 'duplicate'"


def upgrade() -> None:
    dismissal = (
        sa.Column("dismissal", sa.Text(), server_default="", nullable=False),
        sa.Column("replaced_by", sa.Uuid(as_uuid=False), nullable=True),
    )
    for column in dismissal:
        op.add_column("scans", column, if_not_exists=True)
    add_constraint("scans", "fk_scans_replaced_by", "FOREIGN KEY (replaced_by) REFERENCES scans (id)")
    for name, condition in {
        "state": f"state IN ({_STATES})",
        "refused": "(state IN ('refused', 'dismissed')) = (reason <> '')",
        "sealed": "state IN ('sealing', 'refused', 'dismissed') OR sha256 <> ''",
        "dismissed": "(state = 'dismissed') = (dismissal <> '')",
        "replaced": "state = 'dismissed' OR replaced_by IS NULL",
    }.items():
        add_constraint("scans", f"ck_scans_{name}", f"CHECK ({condition})")
    _know()


def downgrade() -> None:
    op.execute(
        "UPDATE scans SET state = 'refused', dismissal = '', replaced_by = NULL WHERE state = 'dismissed'"
    )
    op.drop_constraint(op.f("ck_scans_replaced"), "scans", type_="check")
    op.drop_constraint(op.f("ck_scans_dismissed"), "scans", type_="check")
    _check("sealed", "state IN ('sealing', 'refused') OR sha256 <> ''")
    _check("refused", "(state = 'refused') = (reason <> '')")
    _check("state", f"state IN ({_STATES_BEFORE})")
    _know_as_before()
    op.drop_constraint(op.f("fk_scans_replaced_by"), "scans", type_="foreignkey")
    op.drop_column("scans", "replaced_by")
    op.drop_column("scans", "dismissal")


def _check(name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_scans_{name}"), "scans", type_="check")
    op.create_check_constraint(op.f(f"ck_scans_{name}"), "scans", condition)


def _know() -> None:
    """Put another index in the place of the one that knows files."""
    following = "uq_scans_exam_id_sha256_next"
    create_index_concurrently(following, "scans", ["exam_id", "sha256"], unique=True, where=_KNOWN)
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS uq_scans_exam_id_sha256")
        op.execute(f"ALTER INDEX IF EXISTS {following} RENAME TO uq_scans_exam_id_sha256")


def _know_as_before() -> None:
    op.drop_index("uq_scans_exam_id_sha256", table_name="scans")
    op.create_index(
        "uq_scans_exam_id_sha256",
        "scans",
        ["exam_id", "sha256"],
        unique=True,
        postgresql_where=sa.text(_KNOWN_BEFORE),
    )
