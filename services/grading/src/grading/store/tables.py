"""The tables of grading. Rows are keyed by part and round, of which there is one each for now."""

from collections.abc import Iterable

from kit import db
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from grading.domain import copy, exam
from grading.domain.acts import OutcomeState
from grading.domain.marks import AnnotationKind

PART = 0
ROUND = 1

METADATA = db.metadata("grading")
KIT = db.kit_tables(METADATA)


def _moment(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


def _one_of(name: str, values: Iterable[str]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{name} IN ({listed})", name=name)


def _part() -> Column[object]:
    return Column("part", SmallInteger, primary_key=True, autoincrement=False)


def _round() -> Column[object]:
    return Column("round", SmallInteger, primary_key=True, autoincrement=False)


def _copy_id() -> Column[object]:
    return Column("copy_id", Text, ForeignKey("copies.id"), primary_key=True)


def _revision() -> tuple[Column[object], ...]:
    """Who changed a thing last, and with which act."""
    return (
        Column("marker_id", Text, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("journal_id", Text, nullable=False),
        Column("sequence", BigInteger, nullable=False),
        _moment("changed_at"),
    )


exams = Table(
    "exams",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("date", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("result_scale", Integer, nullable=False),
    Column("rounding", Integer, nullable=False),
    Column("mark_step", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("scheme", JSONB, nullable=False),
    Column("scheme_version", BigInteger, nullable=False),
    Column("scheme_since", BigInteger, nullable=False),
    Column("questions", Integer, nullable=False, comment="leaves of the scheme"),
    Column("version", BigInteger, nullable=False),
    Column("release", BigInteger, nullable=False),
    _moment("created_at"),
    _one_of("state", exam.State),
    CheckConstraint("(state = 'released') = (release > 0)", name="released"),
)

ledgers = Table(
    "ledgers",
    METADATA,
    Column("exam_id", Text, ForeignKey("exams.id"), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("open", JSONB, nullable=False),
    _moment("heard_at"),
)

copies = Table(
    "copies",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("exam_id", Text, ForeignKey("exams.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("pdf_key", Text, nullable=False),
    Column("pages_version", BigInteger, nullable=False),
    Column("pages", JSONB, nullable=False),
    Column("page_count", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("content_version", BigInteger, nullable=False),
    Column("released_version", BigInteger, nullable=False, server_default=text("0")),
    Column("questions_marked", Integer, nullable=False),
    Column("points", BigInteger, nullable=False),
    _moment("opened_at"),
    _moment("moved_at"),
    UniqueConstraint("exam_id", "code"),
    _one_of("state", copy.State),
    CheckConstraint("state = 'open' OR content_version > 0", name="frozen"),
    CheckConstraint("released_version BETWEEN 0 AND content_version", name="released"),
    Index("ix_copies_finalizing", "moved_at", postgresql_where=text("state = 'finalizing'")),
)

assignments = Table(
    "assignments",
    METADATA,
    _copy_id(),
    _part(),
    _round(),
    Column("marker_id", Text, nullable=False),
    _moment("assigned_at"),
    Index("ix_assignments_marker_id", "marker_id", "copy_id"),
)

past_assignments = Table(
    "past_assignments",
    METADATA,
    _copy_id(),
    _part(),
    _round(),
    Column("marker_id", Text, primary_key=True),
    _moment("ended_at"),
    Index("ix_past_assignments_marker_id", "marker_id", "copy_id"),
)

leases = Table(
    "leases",
    METADATA,
    _copy_id(),
    _part(),
    _round(),
    Column("id", Text, nullable=False, unique=True),
    Column("marker_id", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)

marks = Table(
    "marks",
    METADATA,
    _copy_id(),
    Column("question_id", Text, primary_key=True),
    _round(),
    Column("points", Integer, comment="null is not marked"),
    *_revision(),
    CheckConstraint("points >= 0", name="points"),
)

remarks = Table(
    "remarks",
    METADATA,
    _copy_id(),
    Column("question_id", Text, primary_key=True),
    _round(),
    Column("text", Text, nullable=False),
    *_revision(),
)

appreciations = Table(
    "appreciations",
    METADATA,
    _copy_id(),
    _round(),
    Column("text", Text, nullable=False),
    *_revision(),
)

annotations = Table(
    "annotations",
    METADATA,
    _copy_id(),
    _round(),
    Column("id", Text, primary_key=True),
    Column("position", BigInteger, Identity(always=True), nullable=False, comment="order of drawing"),
    Column("page_id", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="empty once erased"),
    Column("points", ARRAY(Double), nullable=False, comment="x and y in turn"),
    Column("color", Text, nullable=False),
    Column("width", Double, nullable=False),
    Column("size", Double, nullable=False),
    Column("text", Text, nullable=False),
    Column("box_width", Double, nullable=False),
    Column("question_id", Text, nullable=False),
    *_revision(),
    _one_of("kind", ["", *AnnotationKind]),
)

acts = Table(
    "acts",
    METADATA,
    _copy_id(),
    Column("act_id", Text, primary_key=True),
    Column("marker_id", Text, nullable=False),
    Column("journal_id", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    _moment("at"),
    Column("dismissed_at", DateTime(timezone=True), comment="when its author had seen enough of it"),
    UniqueConstraint("copy_id", "marker_id", "journal_id", "sequence"),
    _one_of("outcome", OutcomeState),
    CheckConstraint("(outcome = 'accepted') = (reason = '')", name="reason"),
    Index("ix_acts_set_aside", "copy_id", "marker_id", postgresql_where=text("outcome = 'set_aside'")),
)

results = Table(
    "results",
    METADATA,
    _copy_id(),
    Column("content_version", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("annotations", LargeBinary, nullable=False),
    Column("frozen_key", Text, nullable=False),
    Column("pdf_key", Text, nullable=False),
    Column("sha256", Text, nullable=False, server_default=""),
    _moment("frozen_at"),
    Column("stamped_at", DateTime(timezone=True)),
    CheckConstraint("content_version > 0", name="content_version"),
)
