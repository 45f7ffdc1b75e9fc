"""The schema of ingest. What must always hold of sides, pages and copies is a constraint here."""

from __future__ import annotations

from enum import StrEnum

from kit import db
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

from ingest.domain import copy, export, scan, side
from ingest.domain.batch import Crop, Mode
from ingest.domain.student import Presence


class Base(DeclarativeBase):
    """Carries the schema's metadata."""

    metadata = db.metadata("ingest")


KIT = db.kit_tables(Base.metadata)


def _id(name: str, *args: ForeignKey, nullable: bool = False, primary_key: bool = False) -> Column[str]:
    return Column(name, Uuid(as_uuid=False), *args, nullable=nullable, primary_key=primary_key)


def _words(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _count(name: str, default: int = 0) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=str(default))


def _moment(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


def _one_of(column: str, choices: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{choice}'" for choice in choices)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


BATCHES = Table(
    "batches",
    Base.metadata,
    _id("id", primary_key=True),
    _id("exam_id"),
    Column("name", Text, nullable=False),
    Column("mode", Text, nullable=False),
    _count("sides_per_copy"),
    _moment("created_at"),
    _one_of("mode", Mode),
    CheckConstraint("(mode = 'file_per_copy') = (sides_per_copy = 0)", name="sides_per_copy"),
    Index("ix_batches_exam_id", "exam_id"),
)

SCANS = Table(
    "scans",
    Base.metadata,
    _id("id", primary_key=True),
    _id("exam_id"),
    _id("batch_id", ForeignKey("batches.id")),
    Column("arrival", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("file_name", Text, nullable=False),
    Column("upload_prefix", Text, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    _words("sha256"),
    _words("reason"),
    _words("dismissal"),
    _id("replaced_by", ForeignKey("scans.id"), nullable=True),
    _id("duplicate_of", ForeignKey("scans.id"), nullable=True),
    _count("sides"),
    _count("released"),
    _count("rendered"),
    _count("failed"),
    _count("set_aside"),
    _count("copies"),
    Column("version", BigInteger, nullable=False),
    _moment("received_at"),
    _moment("changed_at"),
    _one_of("state", scan.State),
    CheckConstraint("rendered >= 0 AND failed >= 0 AND set_aside >= 0", name="counts"),
    CheckConstraint("rendered + failed + set_aside <= released AND released <= sides", name="conservation"),
    CheckConstraint(
        "state <> 'settled' OR (sides > 0 AND rendered + failed + set_aside = sides)", name="settled"
    ),
    CheckConstraint("(state IN ('refused', 'dismissed')) = (reason <> '')", name="refused"),
    CheckConstraint("(state = 'dismissed') = (dismissal <> '')", name="dismissed"),
    CheckConstraint("state = 'dismissed' OR replaced_by IS NULL", name="replaced"),
    CheckConstraint("(state = 'duplicate') = (duplicate_of IS NOT NULL)", name="duplicate"),
    CheckConstraint("state IN ('sealing', 'refused', 'dismissed') OR sha256 <> ''", name="sealed"),
    Index(
        "uq_scans_exam_id_sha256",
        "exam_id",
        "sha256",
        unique=True,
        postgresql_where=text("state NOT IN ('sealing', 'refused', 'dismissed', 'duplicate')"),
    ),
    Index("ix_scans_exam_id_arrival", "exam_id", "arrival"),
    Index("ix_scans_batch_id", "batch_id"),
    Index("ix_scans_sha256", "sha256"),
)

SIDES = Table(
    "sides",
    Base.metadata,
    _id("scan_id", ForeignKey("scans.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _id("exam_id"),
    Column("state", Text, nullable=False, server_default="pending"),
    _words("reason"),
    _count("attempts"),
    _words("set_aside_reason"),
    _one_of("state", side.State),
    CheckConstraint("(state IN ('failed', 'set_aside')) = (reason <> '')", name="reason"),
    CheckConstraint("(state = 'set_aside') = (set_aside_reason <> '')", name="set_aside"),
    Index("ix_sides_exam_id_state", "exam_id", "state"),
)

COPIES = Table(
    "copies",
    Base.metadata,
    _id("id", primary_key=True),
    _id("exam_id"),
    _id("scan_id", ForeignKey("scans.id")),
    Column("group_number", Integer),
    Column("first_side", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),
    _words("reason"),
    _count("pages_version"),
    Column("version", BigInteger, nullable=False),
    _id("student_id", ForeignKey("students.id"), nullable=True),
    _id("home_id", ForeignKey("copies.id"), nullable=True),
    Column("home_position", Integer),
    _moment("changed_at"),
    _one_of("state", copy.State),
    CheckConstraint("(home_id IS NULL) = (home_position IS NULL)", name="home"),
    CheckConstraint("state <> 'consumed' OR student_id IS NULL", name="consumed"),
    CheckConstraint("state <> 'failed' OR reason <> ''", name="failed"),
    UniqueConstraint("exam_id", "number"),
    UniqueConstraint("scan_id", "group_number"),
    UniqueConstraint("student_id"),
    Index("ix_copies_exam_id_state", "exam_id", "state"),
    Index("ix_copies_home_id", "home_id", postgresql_where=text("home_id IS NOT NULL")),
)

PAGES = Table(
    "pages",
    Base.metadata,
    _id("id", primary_key=True),
    _id("exam_id"),
    _id("scan_id"),
    Column("side", Integer, nullable=False),
    Column("crop", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("is_blank", Boolean, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    _count("rotation"),
    _id("copy_id", ForeignKey("copies.id"), nullable=True),
    Column("position", Integer),
    Column("set_aside_reason", Text),
    _one_of("crop", Crop),
    CheckConstraint("rotation IN (0, 90, 180, 270)", name="rotation"),
    # On a copy, set aside, or, with neither, waiting: never two, never nowhere.
    CheckConstraint("num_nonnulls(copy_id, set_aside_reason) <= 1", name="one_place"),
    CheckConstraint("(copy_id IS NULL) = (position IS NULL)", name="position"),
    CheckConstraint("set_aside_reason <> ''", name="set_aside_reason"),
    ForeignKeyConstraint(["scan_id", "side"], ["sides.scan_id", "sides.number"]),
    UniqueConstraint("scan_id", "side", "crop"),
    UniqueConstraint("copy_id", "position", deferrable=True, initially="DEFERRED"),
    Index("ix_pages_exam_id", "exam_id"),
    Index("ix_pages_off_copies", "exam_id", postgresql_where=text("copy_id IS NULL")),
)

RENDITIONS = Table(
    "renditions",
    Base.metadata,
    Column("key", Text, primary_key=True),
    _id("page_id", ForeignKey("pages.id")),
    Column("kind", Text, nullable=False),
    Column("blob_key", Text, nullable=False),
    Column("is_redacted", Boolean, nullable=False),
    CheckConstraint("kind IN ('image', 'thumbnail', 'preview')", name="kind"),
    UniqueConstraint("page_id", "kind", "is_redacted"),
    Index("ix_renditions_blob_key", "blob_key"),
)

STUDENTS = Table(
    "students",
    Base.metadata,
    _id("id", primary_key=True),
    _id("exam_id"),
    Column("last_name", Text, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("birth_date", Date),
    _words("email"),
    _words("class_name"),
    _words("group_name"),
    Column("presence", Text, nullable=False, server_default="present"),
    Column("account_id", Text),
    _one_of("presence", Presence),
    UniqueConstraint(
        "exam_id",
        "name_key",
        "birth_date",
        "class_name",
        postgresql_nulls_not_distinct=True,
        deferrable=True,
        initially="DEFERRED",
    ),
    Index("ix_students_account_id", "account_id"),
)

ZONES = Table(
    "zones",
    Base.metadata,
    _id("exam_id", primary_key=True),
    Column("zones", JSONB, nullable=False),
    Column("none_confirmed", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)

LEDGERS = Table(
    "ledgers",
    Base.metadata,
    _id("exam_id", primary_key=True),
    Column("version", BigInteger, nullable=False, server_default="0"),
    Column("open", JSONB, nullable=False, server_default="{}"),
    _count("copies_made"),
)

EXPORTS = Table(
    "exports",
    Base.metadata,
    _id("id", primary_key=True),
    _id("exam_id"),
    Column("language", Text, nullable=False),
    Column("state", Text, nullable=False),
    _words("file_name"),
    _words("reason"),
    _moment("requested_at"),
    _one_of("state", export.State),
    CheckConstraint("(state = 'ready') = (file_name <> '')", name="ready"),
    CheckConstraint("(state = 'failed') = (reason <> '')", name="failed"),
    Index("ix_exports_exam_id", "exam_id"),
)

ORPHANS = Table(
    "orphans",
    Base.metadata,
    Column("key", Text, primary_key=True),
    _moment("seen_at"),
)
