"""let refused scans be dismissed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


_KNOWN = "state NOT IN ('sealing', 'refused', 'dismissed', 'duplicate')"
_KNOWN_BEFORE = "state NOT IN ('sealing', 'refused', 'duplicate')"
_STATES = "'sealing', 'inspecting', 'rendering', 'settled', 'refused', 'dismissed', 'duplicate'"
_STATES_BEFORE = "'sealing', 'inspecting', 'rendering', 'settled', 'refused', 'duplicate'"


def upgrade() -> None:
    op.add_column("scans", sa.Column("dismissal", sa.Text(), server_default="", nullable=False))
    op.add_column("scans", sa.Column("replaced_by", sa.Uuid(as_uuid=False), nullable=True))
    op.create_foreign_key(op.f("fk_scans_replaced_by"), "scans", "scans", ["replaced_by"], ["id"])
    _check("state", f"state IN ({_STATES})")
    _check("refused", "(state IN ('refused', 'dismissed')) = (reason <> '')")
    _check("sealed", "state IN ('sealing', 'refused', 'dismissed') OR sha256 <> ''")
    op.create_check_constraint(
        op.f("ck_scans_dismissed"), "scans", "(state = 'dismissed') = (dismissal <> '')"
    )
    op.create_check_constraint(
        op.f("ck_scans_replaced"), "scans", "state = 'dismissed' OR replaced_by IS NULL"
    )
    _know(_KNOWN)


def downgrade() -> None:
    op.execute(
        "UPDATE scans SET state = 'refused', dismissal = '', replaced_by = NULL WHERE state = 'dismissed'"
    )
    op.drop_constraint(op.f("ck_scans_replaced"), "scans", type_="check")
    op.drop_constraint(op.f("ck_scans_dismissed"), "scans", type_="check")
    _check("sealed", "state IN ('sealing', 'refused') OR sha256 <> ''")
    _check("refused", "(state = 'refused') = (reason <> '')")
    _check("state", f"state IN ({_STATES_BEFORE})")
    _know(_KNOWN_BEFORE)
    op.drop_constraint(op.f("fk_scans_replaced_by"), "scans", type_="foreignkey")
    op.drop_column("scans", "replaced_by")
    op.drop_column("scans", "dismissal")


def _check(name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_scans_{name}"), "scans", type_="check")
    op.create_check_constraint(op.f(f"ck_scans_{name}"), "scans", condition)


def _know(condition: str) -> None:
    op.drop_index("uq_scans_exam_id_sha256", table_name="scans")
    op.create_index(
        "uq_scans_exam_id_sha256",
        "scans",
        ["exam_id", "sha256"],
        unique=True,
        postgresql_where=sa.text(condition),
    )
