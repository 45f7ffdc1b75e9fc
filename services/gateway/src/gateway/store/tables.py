"""The gateway's tables."""

from __future__ import annotations

from kit import db
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY

METADATA = db.metadata("gateway")
KIT = db.kit_tables(METADATA)


def _time(name: str, *, nullable: bool = False, now: bool = False) -> Column[object]:
    return Column(
        name, DateTime(timezone=True), nullable=nullable, server_default=func.now() if now else None
    )


accounts = Table(
    "accounts",
    METADATA,
    Column("id", Uuid, primary_key=True),
    #: Lower case; one account an address.
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),
    #: Roles of the installation: admin, operator, office (may create exams).
    Column("roles", ARRAY(Text), nullable=False),
    Column("state", Text, nullable=False),
    #: Argon2; null until the invitation is accepted.
    Column("password", Text),
    _time("created_at", now=True),
    CheckConstraint("state IN ('invited', 'active', 'disabled')", name="state"),
    CheckConstraint("email = lower(email)", name="email"),
    CheckConstraint("language IN ('fr', 'en')", name="language"),
    CheckConstraint("state <> 'active' OR password IS NOT NULL", name="active_has_password"),
)

sessions = Table(
    "sessions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    #: SHA-256 of the cookie; the cookie itself is nowhere.
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("account_id", Uuid, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("user_agent", Text, nullable=False),
    _time("created_at", now=True),
    _time("last_seen_at", now=True),
    _time("expires_at"),
)

memberships = Table(
    "memberships",
    METADATA,
    Column("account_id", Uuid, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("exam_id", Uuid, primary_key=True),
    Column("role", Text, nullable=False),
    CheckConstraint("role IN ('office', 'marker')", name="role"),
    Index("ix_memberships_exam_id", "exam_id"),
)

links = Table(
    "links",
    METADATA,
    #: SHA-256 of the token in the link.
    Column("token_hash", LargeBinary, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    _time("created_at", now=True),
    _time("expires_at"),
    _time("used_at", nullable=True),
    CheckConstraint("kind IN ('invitation', 'password_reset')", name="kind"),
)

errands = Table(
    "errands",
    METADATA,
    Column("account_id", Uuid, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    #: The link to send; null when only the contact is to be told.
    Column("kind", Text),
    #: Names the wish for that link: what it is made and sent by, however often.
    Column("link_id", Uuid),
    Column("exam_name", Text, nullable=False, server_default=""),
    #: Grows with every wish, so that one that comes while another is carried out is not lost.
    Column("version", BigInteger, nullable=False, server_default="1"),
    _time("due_at", now=True),
    CheckConstraint("kind IN ('invitation', 'password_reset')", name="kind"),
    Index("ix_errands_due_at", "due_at"),
)

failed_logins = Table(
    "failed_logins",
    METADATA,
    Column("position", BigInteger, primary_key=True, autoincrement=True),
    #: "account:<sha256 of the address>" or "address:<ip>".
    Column("key", Text, nullable=False),
    _time("failed_at", now=True),
    Index("ix_failed_logins_key_failed_at", "key", "failed_at"),
)

uploads = Table(
    "uploads",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False, index=True),
    Column("exam_id", Uuid, nullable=False),
    Column("batch_id", Uuid, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("is_complete", Boolean, nullable=False, server_default="false"),
    Column("replaces", Uuid),
    _time("created_at", now=True),
    #: When something of it arrived last.
    _time("touched_at", now=True),
    CheckConstraint("bytes > 0", name="bytes"),
)

upload_chunks = Table(
    "upload_chunks",
    METADATA,
    Column("upload_id", Uuid, ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
)
