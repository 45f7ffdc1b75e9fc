"""Create the tables of grading."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor_issuer", sa.Text(), nullable=False),
        sa.Column("actor_subject", sa.Text(), nullable=False),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("exam_id", sa.Text(), nullable=True),
        sa.Column("payload_hash", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.BigInteger(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(seal IS NULL) = (hash IS NULL)", name=op.f("ck_audit_sealed_whole")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("seal", name=op.f("uq_audit_seal")),
    )
    op.execute("""
    CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE' AND OLD.seal IS NULL
         AND to_jsonb(NEW) - 'seal' - 'hash' = to_jsonb(OLD) - 'seal' - 'hash' THEN
        RETURN NEW;
      END IF;
      RAISE EXCEPTION 'the audit journal is append-only' USING ERRCODE = 'restrict_violation';
    END $$
    """)
    op.execute("""
    CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_append_only()
    """)
    op.create_index("ix_audit_exam_id", "audit", ["exam_id", "id"], unique=False)
    op.create_index(
        "ix_audit_unsealed", "audit", ["id"], unique=False, postgresql_where=sa.text("seal IS NULL")
    )
    op.create_table(
        "exams",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("result_scale", sa.Integer(), nullable=False),
        sa.Column("rounding", sa.Integer(), nullable=False),
        sa.Column("mark_step", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("scheme", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("scheme_version", sa.BigInteger(), nullable=False),
        sa.Column("scheme_since", sa.BigInteger(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False, comment="leaves of the scheme"),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("release", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(state = 'released') = (release > 0)", name=op.f("ck_exams_released")),
        sa.CheckConstraint("state IN ('open', 'released')", name=op.f("ck_exams_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exams")),
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id", name=op.f("pk_inbox")),
    )
    op.create_index("ix_inbox_heard_at", "inbox", ["heard_at"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(payload) <= 262144", name=op.f("ck_outbox_payload_size")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
    )
    op.execute("""
    CREATE FUNCTION outbox_notify() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_notify(TG_TABLE_SCHEMA, '');
      RETURN NULL;
    END $$
    """)
    op.execute("""
    CREATE TRIGGER outbox_notify AFTER INSERT ON outbox
    FOR EACH STATEMENT EXECUTE FUNCTION outbox_notify()
    """)
    op.create_index("ix_outbox_published_at", "outbox", ["published_at"], unique=False)
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["position"],
        unique=False,
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_table(
        "requests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("octet_length(id) BETWEEN 1 AND 200", name=op.f("ck_requests_id_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
    )
    op.create_index("ix_requests_made_at", "requests", ["made_at"], unique=False)
    op.create_table(
        "audit_payload",
        sa.Column("audit_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_payload_audit_id")),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_audit_payload")),
    )
    op.create_table(
        "copies",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("exam_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("pdf_key", sa.Text(), nullable=False),
        sa.Column("pages_version", sa.BigInteger(), nullable=False),
        sa.Column("pages", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("page_count", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("content_version", sa.BigInteger(), nullable=False),
        sa.Column("released_version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("questions_marked", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state = 'open' OR content_version > 0", name=op.f("ck_copies_frozen")),
        sa.CheckConstraint(
            "state IN ('open', 'finalizing', 'finalized', 'finalize_failed')", name=op.f("ck_copies_state")
        ),
        sa.CheckConstraint("released_version BETWEEN 0 AND content_version", name=op.f("ck_copies_released")),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.id"], name=op.f("fk_copies_exam_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copies")),
        sa.UniqueConstraint("exam_id", "code", name=op.f("uq_copies_exam_id_code")),
    )
    op.create_index(
        "ix_copies_finalizing",
        "copies",
        ["moved_at"],
        unique=False,
        postgresql_where=sa.text("state = 'finalizing'"),
    )
    op.create_table(
        "ledgers",
        sa.Column("exam_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("open", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.id"], name=op.f("fk_ledgers_exam_id")),
        sa.PrimaryKeyConstraint("exam_id", name=op.f("pk_ledgers")),
    )
    op.create_table(
        "acts",
        sa.Column("copy_id", sa.Text(), nullable=False),
        sa.Column("act_id", sa.Text(), nullable=False),
        sa.Column("marker_id", sa.Text(), nullable=False),
        sa.Column("journal_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(outcome = 'accepted') = (reason = '')", name=op.f("ck_acts_reason")),
        sa.CheckConstraint("outcome IN ('accepted', 'set_aside', 'refused')", name=op.f("ck_acts_outcome")),
        sa.ForeignKeyConstraint(["copy_id"], ["copies.id"], name=op.f("fk_acts_copy_id")),
        sa.PrimaryKeyConstraint("copy_id", "act_id", name=op.f("pk_acts")),
        sa.UniqueConstraint(
            "copy_id",
            "marker_id",
            "journal_id",
            "sequence",
            name=op.f("uq_acts_copy_id_marker_id_journal_id_sequence"),
        ),
    )
    op.create_index(
        "ix_acts_set_aside",
        "acts",
        ["copy_id", "marker_id"],
        unique=False,
        postgresql_where=sa.text("outcome = 'set_aside'"),
    )
    op.create_table(
        "annotations",
        sa.Column("copy_id", sa.Text(), nullable=False),
        sa.Column("round", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "position", sa.BigInteger(), sa.Identity(always=True), nullable=False, comment="order of drawing"
        ),
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="empty once erased"),
        sa.Column("points", sa.ARRAY(sa.Double()), nullable=False, comment="x and y in turn"),
        sa.Column("color", sa.Text(), nullable=False),
        sa.Column("width", sa.Double(), nullable=False),
        sa.Column("size", sa.Double(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("box_width", sa.Double(), nullable=False),
        sa.Column("question_id", sa.Text(), nullable=False),
        sa.Column("marker_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("journal_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('', 'pen', 'highlighter', 'rectangle', 'tick', 'cross', 'text')",
            name=op.f("ck_annotations_kind"),
        ),
        sa.ForeignKeyConstraint(["copy_id"], ["copies.id"], name=op.f("fk_annotations_copy_id")),
        sa.PrimaryKeyConstraint("copy_id", "round", "id", name=op.f("pk_annotations")),
    )
    op.create_table(
        "appreciations",
        sa.Column("copy_id", sa.Text(), nullable=False),
        sa.Column("round", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("marker_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("journal_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["copy_id"], ["copies.id"], name=op.f("fk_appreciations_copy_id")),
        sa.PrimaryKeyConstraint("copy_id", "round", name=op.f("pk_appreciations")),
    )
    op.create_table(
        "assignments",
        sa.Column("copy_id", sa.Text(), nullable=False),
        sa.Column("part", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("round", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("marker_id", sa.Text(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["copy_id"], ["copies.id"], name=op.f("fk_assignments_copy_id")),
        sa.PrimaryKeyConstraint("copy_id", "part", "round", name=op.f("pk_assignments")),
    )
    op.create_index("ix_assignments_marker_id", "assignments", ["marker_id", "copy_id"], unique=False)
    op.create_table(
        "leases",
        sa.Column("copy_id", sa.Text(), nullable=False),
        sa.Column("part", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("round", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("marker_id", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["copy_id"], ["copies.id"], name=op.f("fk_leases_copy_id")),
        sa.PrimaryKeyConstraint("copy_id", "part", "round", name=op.f("pk_leases")),
        sa.UniqueConstraint("id", name=op.f("uq_leases_id")),
    )
    op.create_table(
        "marks",
        sa.Column("copy_id", sa.Text(), nullable=False),
        sa.Column("question_id", sa.Text(), nullable=False),
        sa.Column("round", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("points", sa.Integer(), nullable=True, comment="null is not marked"),
        sa.Column("marker_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("journal_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_marks_points")),
        sa.ForeignKeyConstraint(["copy_id"], ["copies.id"], name=op.f("fk_marks_copy_id")),
        sa.PrimaryKeyConstraint("copy_id", "question_id", "round", name=op.f("pk_marks")),
    )
    op.create_table(
        "remarks",
        sa.Column("copy_id", sa.Text(), nullable=False),
        sa.Column("question_id", sa.Text(), nullable=False),
        sa.Column("round", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("marker_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("journal_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["copy_id"], ["copies.id"], name=op.f("fk_remarks_copy_id")),
        sa.PrimaryKeyConstraint("copy_id", "question_id", "round", name=op.f("pk_remarks")),
    )
    op.create_table(
        "results",
        sa.Column("copy_id", sa.Text(), nullable=False),
        sa.Column("content_version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("annotations", sa.LargeBinary(), nullable=False),
        sa.Column("frozen_key", sa.Text(), nullable=False),
        sa.Column("pdf_key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), server_default="", nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("content_version > 0", name=op.f("ck_results_content_version")),
        sa.ForeignKeyConstraint(["copy_id"], ["copies.id"], name=op.f("fk_results_copy_id")),
        sa.PrimaryKeyConstraint("copy_id", "content_version", name=op.f("pk_results")),
    )


def downgrade() -> None:
    op.drop_table("results")
    op.drop_table("remarks")
    op.drop_table("marks")
    op.drop_table("leases")
    op.drop_index("ix_assignments_marker_id", table_name="assignments")
    op.drop_table("assignments")
    op.drop_table("appreciations")
    op.drop_table("annotations")
    op.drop_index("ix_acts_set_aside", table_name="acts", postgresql_where=sa.text("outcome = 'set_aside'"))
    op.drop_table("acts")
    op.drop_table("ledgers")
    op.drop_index(
        "ix_copies_finalizing", table_name="copies", postgresql_where=sa.text("state = 'finalizing'")
    )
    op.drop_table("copies")
    op.drop_table("audit_payload")
    op.drop_index("ix_requests_made_at", table_name="requests")
    op.drop_table("requests")
    op.drop_index("ix_outbox_waiting", table_name="outbox", postgresql_where=sa.text("published_at IS NULL"))
    op.drop_index("ix_outbox_published_at", table_name="outbox")
    op.drop_table("outbox")
    op.execute("DROP FUNCTION outbox_notify()")
    op.drop_index("ix_inbox_heard_at", table_name="inbox")
    op.drop_table("inbox")
    op.drop_table("exams")
    op.drop_index("ix_audit_unsealed", table_name="audit", postgresql_where=sa.text("seal IS NULL"))
    op.drop_index("ix_audit_exam_id", table_name="audit")
    op.drop_table("audit")
    op.execute("DROP FUNCTION audit_append_only()")
