"""
The tables that the kit keeps in every service's schema, and the triggers that belong to them.

Names carry no schema: a connection's `search_path` says whose tables they are, so that one
statement serves every service and a schema can move or be copied.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    event,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

PAYLOAD_LIMIT = 256 * 1024

_NOTIFY = """\
CREATE FUNCTION outbox_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify(TG_TABLE_SCHEMA, '');
  RETURN NULL;
END $$"""

_APPEND_ONLY = """\
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.seal IS NULL
     AND to_jsonb(NEW) - 'seal' - 'hash' = to_jsonb(OLD) - 'seal' - 'hash' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the audit journal is append-only' USING ERRCODE = 'restrict_violation';
END $$"""

#: By table, the statements that follow its creation: SQLAlchemy and Alembic know no triggers.
TRIGGERS: Mapping[str, tuple[str, ...]] = {
    "outbox": (
        _NOTIFY,
        "CREATE TRIGGER outbox_notify AFTER INSERT ON outbox\n"
        "FOR EACH STATEMENT EXECUTE FUNCTION outbox_notify()",
    ),
    "audit": (
        _APPEND_ONLY,
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit\n"
        "FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
    ),
}

#: By table, the functions that its triggers leave behind when it is dropped.
FUNCTIONS: Mapping[str, str] = {"outbox": "outbox_notify", "audit": "audit_append_only"}


@dataclass(frozen=True)
class KitTables:
    """The kit's tables as declared in one service's metadata."""

    outbox: Table
    inbox: Table
    requests: Table
    audit: Table
    audit_payload: Table


def metadata(schema: str) -> MetaData:
    """Make the metadata of a service's schema, with one convention for the names of constraints."""
    return MetaData(naming_convention=_NAMES, info={"schema": schema})


def kit_tables(metadata: MetaData) -> KitTables:
    """Declare the kit's tables beside a service's own; Alembic sees them like any table."""
    tables = KitTables(
        outbox=_outbox(metadata),
        inbox=_inbox(metadata),
        requests=_requests(metadata),
        audit=_audit(metadata),
        audit_payload=_audit_payload(metadata),
    )
    for table in (tables.outbox, tables.audit):
        for statement in TRIGGERS[table.name]:
            event.listen(table, "after_create", DDL(statement))  # type: ignore[no-untyped-call]  # untyped upstream
    return tables


def _moment(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


def _outbox(metadata: MetaData) -> Table:
    return Table(
        "outbox",
        metadata,
        Column("position", BigInteger, Identity(always=True), primary_key=True),
        Column("id", Uuid, nullable=False, unique=True),
        Column("subject", Text, nullable=False),
        Column("payload", LargeBinary, nullable=False),
        Column("headers", JSONB, nullable=False),
        _moment("told_at"),
        Column("published_at", DateTime(timezone=True)),
        CheckConstraint(f"octet_length(payload) <= {PAYLOAD_LIMIT}", name="payload_size"),
        Index("ix_outbox_waiting", "position", postgresql_where=text("published_at IS NULL")),
        Index("ix_outbox_published_at", "published_at"),
    )


def _inbox(metadata: MetaData) -> Table:
    return Table(
        "inbox",
        metadata,
        Column("consumer", Text, primary_key=True),
        Column("event_id", Text, primary_key=True),
        _moment("heard_at"),
        Index("ix_inbox_heard_at", "heard_at"),
    )


def _requests(metadata: MetaData) -> Table:
    return Table(
        "requests",
        metadata,
        Column("id", Text, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("response", LargeBinary),
        _moment("made_at"),
        CheckConstraint("octet_length(id) BETWEEN 1 AND 200", name="id_size"),
        Index("ix_requests_made_at", "made_at"),
    )


def _audit(metadata: MetaData) -> Table:
    return Table(
        "audit",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        _moment("at"),
        Column("actor_issuer", Text, nullable=False),
        Column("actor_subject", Text, nullable=False),
        Column("actor_role", Text, nullable=False),
        Column("action", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("exam_id", Text),
        Column("payload_hash", LargeBinary, nullable=False),
        Column("seal", BigInteger, unique=True),
        Column("hash", LargeBinary),
        CheckConstraint("(seal IS NULL) = (hash IS NULL)", name="sealed_whole"),
        Index("ix_audit_unsealed", "id", postgresql_where=text("seal IS NULL")),
        Index("ix_audit_exam_id", "exam_id", "id"),
    )


def _audit_payload(metadata: MetaData) -> Table:
    return Table(
        "audit_payload",
        metadata,
        Column("audit_id", BigInteger, ForeignKey("audit.id"), primary_key=True, autoincrement=False),
        Column("salt", LargeBinary, nullable=False),
        Column("payload", JSONB, nullable=False),
    )
