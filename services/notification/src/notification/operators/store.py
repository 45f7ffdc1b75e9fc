"""Problems, operations and messages to operators: their tables and the only SQL on them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from pydantic import TypeAdapter
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    Row,
    Table,
    Text,
    Uuid,
    case,
    delete,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from notification.domain import CLAIM, State
from notification.operators.alerts import REPEAT, Alert, Dispatch, Operation, Outcome
from notification.store import METADATA as METADATA

FORGET = timedelta(days=90)

alerts = Table(
    "alerts",
    METADATA,
    Column("fingerprint", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("runbook_url", Text, nullable=False),
    Column("is_firing", Boolean, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("reports", Integer, nullable=False),
    #: Whether operators have yet to be told of the last change.
    Column("is_news", Boolean, nullable=False),
    Column("told_at", DateTime(timezone=True)),
    Index("ix_alerts_news", "changed_at", postgresql_where=text("is_news")),
)

operations = Table(
    "operations",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True), nullable=False),
    Column("summary", Text, nullable=False),
    Column("figures", JSONB, nullable=False),
    CheckConstraint("outcome IN ('succeeded', 'failed', 'refused', 'busy')", name="outcome"),
    Index("ix_operations_kind", "kind", "ended_at"),
)

dispatches = Table(
    "dispatches",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("target", Text, nullable=False),
    Column("alerts", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("reason", Text, nullable=False, server_default=""),
    Column("due_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="state"),
    Index("ix_dispatches_due_at", "due_at", postgresql_where=text("state = 'waiting'")),
)

_SHOWN = ("fingerprint", "name", "severity", "service", "summary", "description", "runbook_url", "is_firing")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('operators'), hashtext(current_schema()))")
_ALERTS: TypeAdapter[tuple[Alert, ...]] = TypeAdapter(tuple[Alert, ...])


class Operators:
    """The operators' side of a transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def report(self, *reports: Alert) -> None:
        """Note reports: a problem that begins or ends, or still lasts after long, is news."""
        for alert in reports:
            values = {name: getattr(alert, name) for name in _SHOWN}
            now = func.now()
            new = insert(alerts).values(
                **values, since=now, changed_at=now, reports=1, is_news=alert.is_firing
            )
            turned = alerts.c.is_firing != new.excluded.is_firing
            again = new.excluded.is_firing & (alerts.c.told_at < now - REPEAT)
            fresh = or_(turned, func.coalesce(again, False))
            changes = {name: new.excluded[name] for name in _SHOWN[1:]} | {
                "since": case((turned, now), else_=alerts.c.since),
                "changed_at": case((fresh & ~alerts.c.is_news, now), else_=alerts.c.changed_at),
                "reports": case((turned, 1), else_=alerts.c.reports + 1),
                "is_news": or_(alerts.c.is_news, fresh),
            }
            await self._session.execute(
                new.on_conflict_do_update(index_elements=["fingerprint"], set_=changes)
            )

    async def take_news(self, *, gathered_for: timedelta) -> list[Alert]:
        """Take all news once the oldest has waited long enough; the caller tells them."""
        await self._session.execute(_LOCK)
        oldest = select(func.min(alerts.c.changed_at) < func.now() - gathered_for).where(alerts.c.is_news)
        if not await self._session.scalar(oldest):
            return []
        told = update(alerts).where(alerts.c.is_news).values(is_news=False, told_at=func.now())
        return [_alert(row) for row in await self._session.execute(told.returning(alerts))]

    async def messages_within(self, span: timedelta) -> int:
        """Count how often operators were told something lately."""
        recent = select(func.count(func.distinct(dispatches.c.created_at)))
        return int(await self._session.scalar(recent.where(dispatches.c.created_at > func.now() - span)) or 0)

    async def dispatch(self, news: Sequence[Alert], targets: Collection[str]) -> None:
        """Write a message about *news* to each target."""
        content = [asdict(alert) | {"since": _iso(alert.since)} for alert in news]
        for target in targets:
            await self._session.execute(insert(dispatches).values(id=uuid4(), target=target, alerts=content))

    async def claim(self, most: int) -> list[Dispatch]:
        """Take due messages; others leave them alone for `CLAIM`, even after a crash."""
        due = (dispatches.c.state == State.WAITING) & (dispatches.c.due_at <= func.now())
        oldest = select(dispatches.c.id).where(due).order_by(dispatches.c.due_at).limit(most)
        chosen = oldest.with_for_update(skip_locked=True).scalar_subquery()
        taken = update(dispatches).where(dispatches.c.id.in_(chosen)).values(due_at=func.now() + CLAIM)
        return [_dispatch(row) for row in await self._session.execute(taken.returning(dispatches))]

    async def save(self, dispatch: Dispatch) -> None:
        """Write what became of a message."""
        values = {name: getattr(dispatch, name) for name in ("state", "attempts", "reason")}
        kept = update(dispatches).where(dispatches.c.id == dispatch.id)
        await self._session.execute(kept.values(**values, due_at=func.now() + dispatch.pause))

    async def record(self, operation: Operation) -> None:
        """Keep how an operation went, and report it: as a problem, or the end of one."""
        await self._session.execute(insert(operations).values(**asdict(operation)))
        if operation.outcome is not Outcome.BUSY:  # another one runs, and will tell
            await self.report(operation.alert)

    async def newest_operations(self, *, only_successful: bool = False) -> list[Operation]:
        """Read the newest operation of each kind; one that left way to another says nothing."""
        newest = select(operations).ext(distinct_on(operations.c.kind))
        newest = newest.where(operations.c.outcome != Outcome.BUSY)
        if only_successful:
            newest = newest.where(operations.c.outcome == Outcome.SUCCEEDED)
        rows = await self._session.execute(
            newest.order_by(operations.c.kind, operations.c.ended_at.desc(), operations.c.id.desc())
        )
        return [_operation(row) for row in rows]

    async def known_alerts(self, most: int = 200) -> list[Alert]:
        """Read the problems: those that last first, then the newest."""
        rows = select(alerts).order_by(alerts.c.is_firing.desc(), alerts.c.changed_at.desc()).limit(most)
        return [_alert(row) for row in await self._session.execute(rows)]

    async def counts(self) -> dict[str, int]:
        """Count messages to operators that wait or were given up lately, by state."""
        recent = dispatches.c.created_at > func.now() - timedelta(days=1)
        rows = await self._session.execute(
            select(dispatches.c.state, func.count().label("messages"))
            .where(recent)
            .group_by(dispatches.c.state)
        )
        return {row.state: row.messages for row in rows}

    async def forget(self) -> None:
        """Remove what is old."""
        for table, at in ((dispatches, "created_at"), (alerts, "changed_at"), (operations, "ended_at")):
            await self._session.execute(delete(table).where(table.c[at] < func.now() - FORGET))


def _alert(row: Row[Any]) -> Alert:
    shown = {name: getattr(row, name) for name in _SHOWN}
    return Alert(**shown, since=row.since, count=row.reports)


def _dispatch(row: Row[Any]) -> Dispatch:
    return Dispatch(
        id=UUID(str(row.id)),
        target=row.target,
        alerts=_ALERTS.validate_python(row.alerts),
        created_at=row.created_at,
        state=State(row.state),
        attempts=row.attempts,
        reason=row.reason,
    )


def _operation(row: Row[Any]) -> Operation:
    return Operation(
        row.kind, Outcome(row.outcome), row.started_at, row.ended_at, row.summary, dict(row.figures)
    )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
