"""open the ledger."""

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
        "batches",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("exam_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("sides_per_copy", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(mode = 'file_per_copy') = (sides_per_copy = 0)", name=op.f("ck_batches_sides_per_copy")
        ),
        sa.CheckConstraint(
            "mode IN ('file_per_copy', 'every_n_sides', 'a3_booklet')", name=op.f("ck_batches_mode")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index("ix_batches_exam_id", "batches", ["exam_id"], unique=False)
    op.create_table(
        "exports",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("exam_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "requested_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("(state = 'failed') = (reason <> '')", name=op.f("ck_exports_failed")),
        sa.CheckConstraint("(state = 'ready') = (file_name <> '')", name=op.f("ck_exports_ready")),
        sa.CheckConstraint("state IN ('making', 'ready', 'failed')", name=op.f("ck_exports_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    op.create_index("ix_exports_exam_id", "exports", ["exam_id"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id", name=op.f("pk_inbox")),
    )
    op.create_index("ix_inbox_heard_at", "inbox", ["heard_at"], unique=False)
    op.create_table(
        "ledgers",
        sa.Column("exam_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("open", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("copies_made", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("exam_id", name=op.f("pk_ledgers")),
    )
    op.create_table(
        "orphans",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_orphans")),
    )
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
        "students",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("exam_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("class_name", sa.Text(), server_default="", nullable=False),
        sa.Column("group_name", sa.Text(), server_default="", nullable=False),
        sa.Column("presence", sa.Text(), server_default="present", nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.CheckConstraint("presence IN ('present', 'absent', 'excused')", name=op.f("ck_students_presence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_students")),
        sa.UniqueConstraint(
            "exam_id",
            "name_key",
            "birth_date",
            "class_name",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_students_exam_id_name_key_birth_date_class_name"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_students_account_id", "students", ["account_id"], unique=False)
    op.create_table(
        "zones",
        sa.Column("exam_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("zones", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("none_confirmed", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("exam_id", name=op.f("pk_zones")),
    )
    op.create_table(
        "audit_payload",
        sa.Column("audit_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_payload_audit_id")),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_audit_payload")),
    )
    op.create_table(
        "scans",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("exam_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("batch_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("arrival", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("upload_prefix", sa.Text(), nullable=False),
        sa.Column("chunks", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("duplicate_of", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("sides", sa.Integer(), server_default="0", nullable=False),
        sa.Column("released", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rendered", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("set_aside", sa.Integer(), server_default="0", nullable=False),
        sa.Column("copies", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(state = 'duplicate') = (duplicate_of IS NOT NULL)", name=op.f("ck_scans_duplicate")
        ),
        sa.CheckConstraint("(state = 'refused') = (reason <> '')", name=op.f("ck_scans_refused")),
        sa.CheckConstraint(
            "state <> 'settled' OR (sides > 0 AND rendered + failed + set_aside = sides)",
            name=op.f("ck_scans_settled"),
        ),
        sa.CheckConstraint(
            "state IN ('sealing', 'inspecting', 'rendering', 'settled', 'refused', 'duplicate')",
            name=op.f("ck_scans_state"),
        ),
        sa.CheckConstraint("state IN ('sealing', 'refused') OR sha256 <> ''", name=op.f("ck_scans_sealed")),
        sa.CheckConstraint(
            "rendered + failed + set_aside <= released AND released <= sides",
            name=op.f("ck_scans_conservation"),
        ),
        sa.CheckConstraint("rendered >= 0 AND failed >= 0 AND set_aside >= 0", name=op.f("ck_scans_counts")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_scans_batch_id")),
        sa.ForeignKeyConstraint(["duplicate_of"], ["scans.id"], name=op.f("fk_scans_duplicate_of")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scans")),
        sa.UniqueConstraint("arrival", name=op.f("uq_scans_arrival")),
    )
    op.create_index("ix_scans_batch_id", "scans", ["batch_id"], unique=False)
    op.create_index("ix_scans_exam_id_arrival", "scans", ["exam_id", "arrival"], unique=False)
    op.create_index("ix_scans_sha256", "scans", ["sha256"], unique=False)
    op.create_index(
        "uq_scans_exam_id_sha256",
        "scans",
        ["exam_id", "sha256"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('sealing', 'refused', 'duplicate')"),
    )
    op.create_table(
        "copies",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("exam_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("scan_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("group_number", sa.Integer(), nullable=True),
        sa.Column("first_side", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("pages_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state <> 'consumed' OR student_id IS NULL", name=op.f("ck_copies_consumed")),
        sa.CheckConstraint("state <> 'failed' OR reason <> ''", name=op.f("ck_copies_failed")),
        sa.CheckConstraint(
            "state IN ('staged', 'preparing', 'ready', 'failed', 'consumed')", name=op.f("ck_copies_state")
        ),
        sa.ForeignKeyConstraint(["scan_id"], ["scans.id"], name=op.f("fk_copies_scan_id")),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=op.f("fk_copies_student_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copies")),
        sa.UniqueConstraint("exam_id", "number", name=op.f("uq_copies_exam_id_number")),
        sa.UniqueConstraint("scan_id", "group_number", name=op.f("uq_copies_scan_id_group_number")),
        sa.UniqueConstraint("student_id", name=op.f("uq_copies_student_id")),
    )
    op.create_index("ix_copies_exam_id_state", "copies", ["exam_id", "state"], unique=False)
    op.create_table(
        "sides",
        sa.Column("scan_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("exam_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("set_aside_reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "(state = 'set_aside') = (set_aside_reason <> '')", name=op.f("ck_sides_set_aside")
        ),
        sa.CheckConstraint(
            "(state IN ('failed', 'set_aside')) = (reason <> '')", name=op.f("ck_sides_reason")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'rendered', 'failed', 'set_aside')", name=op.f("ck_sides_state")
        ),
        sa.ForeignKeyConstraint(["scan_id"], ["scans.id"], name=op.f("fk_sides_scan_id")),
        sa.PrimaryKeyConstraint("scan_id", "number", name=op.f("pk_sides")),
    )
    op.create_index("ix_sides_exam_id_state", "sides", ["exam_id", "state"], unique=False)
    op.create_table(
        "pages",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("exam_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("scan_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("side", sa.Integer(), nullable=False),
        sa.Column("crop", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("is_blank", sa.Boolean(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("rotation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("copy_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("set_aside_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("crop IN ('full', 'left', 'right')", name=op.f("ck_pages_crop")),
        sa.CheckConstraint("set_aside_reason <> ''", name=op.f("ck_pages_set_aside_reason")),
        sa.CheckConstraint("(copy_id IS NULL) = (position IS NULL)", name=op.f("ck_pages_position")),
        sa.CheckConstraint("num_nonnulls(copy_id, set_aside_reason) <= 1", name=op.f("ck_pages_one_place")),
        sa.CheckConstraint("rotation IN (0, 90, 180, 270)", name=op.f("ck_pages_rotation")),
        sa.ForeignKeyConstraint(["copy_id"], ["copies.id"], name=op.f("fk_pages_copy_id")),
        sa.ForeignKeyConstraint(
            ["scan_id", "side"], ["sides.scan_id", "sides.number"], name=op.f("fk_pages_scan_id_side")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint(
            "copy_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_pages_copy_id_position"),
        ),
        sa.UniqueConstraint("scan_id", "side", "crop", name=op.f("uq_pages_scan_id_side_crop")),
    )
    op.create_index("ix_pages_exam_id", "pages", ["exam_id"], unique=False)
    op.create_index(
        "ix_pages_off_copies", "pages", ["exam_id"], unique=False, postgresql_where=sa.text("copy_id IS NULL")
    )
    op.create_table(
        "renditions",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("page_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("blob_key", sa.Text(), nullable=False),
        sa.Column("is_redacted", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('image', 'thumbnail', 'preview')", name=op.f("ck_renditions_kind")),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_renditions_page_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_renditions")),
        sa.UniqueConstraint(
            "page_id", "kind", "is_redacted", name=op.f("uq_renditions_page_id_kind_is_redacted")
        ),
    )
    op.create_index("ix_renditions_blob_key", "renditions", ["blob_key"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_renditions_blob_key", table_name="renditions")
    op.drop_table("renditions")
    op.drop_index("ix_pages_off_copies", table_name="pages", postgresql_where=sa.text("copy_id IS NULL"))
    op.drop_index("ix_pages_exam_id", table_name="pages")
    op.drop_table("pages")
    op.drop_index("ix_sides_exam_id_state", table_name="sides")
    op.drop_table("sides")
    op.drop_index("ix_copies_exam_id_state", table_name="copies")
    op.drop_table("copies")
    op.drop_index(
        "uq_scans_exam_id_sha256",
        table_name="scans",
        postgresql_where=sa.text("state NOT IN ('sealing', 'refused', 'duplicate')"),
    )
    op.drop_index("ix_scans_sha256", table_name="scans")
    op.drop_index("ix_scans_exam_id_arrival", table_name="scans")
    op.drop_index("ix_scans_batch_id", table_name="scans")
    op.drop_table("scans")
    op.drop_table("audit_payload")
    op.drop_table("zones")
    op.drop_index("ix_students_account_id", table_name="students")
    op.drop_table("students")
    op.drop_index("ix_requests_made_at", table_name="requests")
    op.drop_table("requests")
    op.drop_index("ix_outbox_waiting", table_name="outbox", postgresql_where=sa.text("published_at IS NULL"))
    op.drop_index("ix_outbox_published_at", table_name="outbox")
    op.drop_table("outbox")
    op.execute("DROP FUNCTION outbox_notify()")
    op.drop_table("orphans")
    op.drop_table("ledgers")
    op.drop_index("ix_inbox_heard_at", table_name="inbox")
    op.drop_table("inbox")
    op.drop_index("ix_exports_exam_id", table_name="exports")
    op.drop_table("exports")
    op.drop_index("ix_batches_exam_id", table_name="batches")
    op.drop_table("batches")
    op.drop_index("ix_audit_unsealed", table_name="audit", postgresql_where=sa.text("seal IS NULL"))
    op.drop_index("ix_audit_exam_id", table_name="audit")
    op.drop_table("audit")
    op.execute("DROP FUNCTION audit_append_only()")
