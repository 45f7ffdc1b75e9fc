"""Notification's tables and the only SQL on them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from kit import db, events
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    bindparam,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from notification import wire
from notification.domain import CLAIM, Contact, Delivery, Kind, Notice, State, Waiting

METADATA = db.metadata("notification")
KIT = db.kit_tables(METADATA)
KINDS = ", ".join(f"'{kind}'" for kind in Kind)

contacts = Table(
    "contacts",
    METADATA,
    Column("account_id", Uuid, primary_key=True),
    Column("email", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),
    CheckConstraint("language IN ('fr', 'en')", name="language"),
)

notices = Table(
    "notices",
    METADATA,
    Column("id", Uuid, primary_key=True),
    #: Order of the list and its page token.
    Column("position", BigInteger, Identity(), nullable=False, unique=True),
    Column("account_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("exam_id", Text, nullable=False),
    Column("exam_name", Text, nullable=False),
    #: A repeat of the same fact makes no second notice.
    Column("occasion", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("read_at", DateTime(timezone=True)),
    CheckConstraint(f"kind IN ({KINDS})", name="kind"),
    UniqueConstraint("account_id", "occasion"),
    Index("ix_notices_account_id_position", "account_id", "position"),
)

deliveries = Table(
    "deliveries",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("position", BigInteger, Identity(), nullable=False, unique=True),
    Column("notice_id", Uuid, ForeignKey("notices.id"), nullable=False, unique=True),
    Column("account_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("exam_name", Text, nullable=False),
    #: A one-time link, until it is sent or given up.
    Column("link", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("reason", Text, nullable=False, server_default=""),
    Column("due_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="state"),
    CheckConstraint("state = 'waiting' OR link = ''", name="link_is_forgotten"),
    Index("ix_deliveries_due_at", "due_at", postgresql_where="state = 'waiting'"),
)


#: One statement however many accounts: an announcement may name thousands.
_NOTIFY = text("""
WITH made AS (
  INSERT INTO notices (id, account_id, kind, exam_id, exam_name, occasion)
  SELECT gen_random_uuid(), account_id, :kind, :exam_id, :exam_name, :occasion
  FROM unnest(:accounts) AS told (account_id)
  ON CONFLICT (account_id, occasion) DO NOTHING RETURNING id, account_id)
INSERT INTO deliveries (id, notice_id, account_id, kind, exam_name, link)
SELECT gen_random_uuid(), id, account_id, :kind, :exam_name, :link FROM made RETURNING id
""").bindparams(bindparam("accounts", type_=ARRAY(Uuid)))


class Store:
    """Reads and writes in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def put_contact(self, contact: Contact) -> None:
        values = {name: getattr(contact, name) for name in ("account_id", "email", "name", "language")}
        changed = {name: value for name, value in values.items() if name != "account_id"}
        statement = insert(contacts).values(**values)
        await self._session.execute(
            statement.on_conflict_do_update(index_elements=["account_id"], set_=changed)
        )

    async def contact(self, account_id: UUID) -> Contact | None:
        row = (
            await self._session.execute(select(contacts).where(contacts.c.account_id == account_id))
        ).first()
        return Contact(row.account_id, row.email, row.name, row.language) if row else None

    async def notify(
        self,
        accounts: Collection[UUID],
        kind: Kind,
        *,
        occasion: str,
        exam_id: str = "",
        exam_name: str = "",
        link: str = "",
    ) -> list[UUID]:
        """Make a notice and its delivery for each account that has none for this occasion."""
        told = {"kind": kind, "occasion": occasion, "exam_id": exam_id, "exam_name": exam_name, "link": link}
        made = await self._session.scalars(_NOTIFY, {"accounts": list(accounts), **told})
        return list(made)

    async def notices(
        self, account_id: UUID, after: Sequence[int] | None = None, *, most: int
    ) -> Sequence[tuple[int, Notice]]:
        """An account's notices, newest first, with their positions."""
        query = select(notices).where(notices.c.account_id == account_id)
        query = query.where(db.after([notices.c.position], after, descending=True))
        rows = await self._session.execute(query.order_by(notices.c.position.desc()).limit(most))
        return [(row.position, _notice(row)) for row in rows]

    async def mark_read(self, account_id: UUID, ids: Collection[UUID]) -> None:
        own = (notices.c.account_id == account_id) & notices.c.id.in_(ids) & notices.c.read_at.is_(None)
        await self._session.execute(update(notices).where(own).values(read_at=func.now()))

    async def deliveries(
        self, after: Sequence[int] | None = None, *, most: int
    ) -> Sequence[tuple[int, Delivery]]:
        """All deliveries, newest first, with their positions."""
        query = select(deliveries).where(db.after([deliveries.c.position], after, descending=True))
        query = query.order_by(deliveries.c.position.desc()).limit(most)
        return [(row.position, _delivery(row)) for row in await self._session.execute(query)]

    async def claim(self, most: int) -> Sequence[Delivery]:
        """Take due deliveries; others leave them alone for `CLAIM`, even after a crash."""
        due = (deliveries.c.state == State.WAITING) & (deliveries.c.due_at <= func.now())
        oldest = select(deliveries.c.id).where(due).order_by(deliveries.c.due_at).limit(most)
        chosen = oldest.with_for_update(skip_locked=True).scalar_subquery()
        taken = update(deliveries).where(deliveries.c.id.in_(chosen)).values(due_at=func.now() + CLAIM)
        rows = await self._session.execute(taken.returning(deliveries))
        return [_delivery(row) for row in rows]

    async def waiting(self) -> Waiting:
        """Count the deliveries that wait, and how long the oldest has."""
        age = func.coalesce(func.extract("epoch", func.now() - func.min(deliveries.c.created_at)), 0)
        found = select(func.count().label("mails"), age.label("age")).where(
            deliveries.c.state == State.WAITING
        )
        row = (await self._session.execute(found)).one()
        return Waiting(row.mails, float(row.age))

    async def give_back(self, ids: Collection[UUID]) -> None:
        """Let go of claimed deliveries that were not tried."""
        untried = deliveries.c.id.in_(ids) & (deliveries.c.state == State.WAITING)
        await self._session.execute(update(deliveries).where(untried).values(due_at=func.now()))

    async def save(self, delivery: Delivery) -> None:
        """Write what became of a delivery, and tell its news."""
        values = {name: getattr(delivery, name) for name in ("link", "state", "attempts", "reason")}
        kept = (deliveries.c.id == delivery.id) & (deliveries.c.state == State.WAITING)
        statement = update(deliveries).where(kept).values(**values, due_at=func.now() + delivery.pause)
        result = await self._session.execute(statement.returning(deliveries.c.id))
        if result.first() is None:
            return
        for news in delivery.news:
            await events.tell(self._session, wire.announce(news))


def _notice(row: Any) -> Notice:
    return Notice(
        row.id,
        row.account_id,
        Kind(row.kind),
        row.exam_id,
        row.exam_name,
        row.created_at,
        row.read_at is not None,
    )


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row.id,
        account_id=row.account_id,
        kind=Kind(row.kind),
        exam_name=row.exam_name,
        link=row.link,
        state=State(row.state),
        attempts=row.attempts,
        reason=row.reason,
        created_at=row.created_at,
    )
