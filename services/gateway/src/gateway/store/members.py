"""Memberships: who works on which exam, as what."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.refusals import LastOffice, NotMarker, RoleConflict
from gateway.store.tables import accounts, memberships


@dataclass(frozen=True, slots=True)
class Member:
    """An account's role in one exam."""

    account_id: UUID
    exam_id: UUID
    role: str
    email: str = ""
    name: str = ""
    state: str = ""


class Members:
    """Reads and writes memberships in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_account(self, account_id: UUID) -> Sequence[Member]:
        query = select(memberships).where(memberships.c.account_id == account_id)
        rows = await self._session.execute(query.order_by(memberships.c.exam_id))
        return [Member(row.account_id, row.exam_id, row.role) for row in rows]

    async def of_exam(self, exam_id: UUID) -> Sequence[Member]:
        columns = (memberships, accounts.c.email, accounts.c.name, accounts.c.state)
        query = select(*columns).join(accounts).where(memberships.c.exam_id == exam_id)
        rows = await self._session.execute(query.order_by(memberships.c.role, func.lower(accounts.c.name)))
        return [Member(row.account_id, row.exam_id, row.role, row.email, row.name, row.state) for row in rows]

    async def role(self, account_id: UUID, exam_id: UUID) -> str | None:
        own = (memberships.c.account_id == account_id) & (memberships.c.exam_id == exam_id)
        found: str | None = await self._session.scalar(select(memberships.c.role).where(own))
        return found

    async def expect_markers(self, exam_id: UUID, account_ids: Collection[UUID]) -> None:
        """Refuse whoever is no marker of an exam: nobody else could open the copies that they are given."""
        of_exam = (memberships.c.exam_id == exam_id) & (memberships.c.role == "marker")
        named = of_exam & memberships.c.account_id.in_(account_ids)
        found = await self._session.scalars(select(memberships.c.account_id).where(named))
        if set(found) != set(account_ids):
            raise NotMarker

    async def add(self, account_id: UUID, exam_id: UUID, role: str) -> bool:
        """Make an account a member; the same again changes nothing, another role is refused."""
        values = {"account_id": account_id, "exam_id": exam_id, "role": role}
        made = insert(memberships).values(**values).on_conflict_do_nothing().returning(memberships.c.role)
        is_new = (await self._session.execute(made)).first() is not None
        if not is_new and await self.role(account_id, exam_id) != role:
            raise RoleConflict
        return is_new

    async def remove(self, account_id: UUID, exam_id: UUID) -> bool:
        """End a membership if there is one; the last of an exam's office stays."""
        lock = select(memberships).where(memberships.c.exam_id == exam_id).with_for_update()
        rows = (await self._session.execute(lock)).all()
        office = {row.account_id for row in rows if row.role == "office"}
        if office == {account_id}:
            raise LastOffice
        own = (memberships.c.account_id == account_id) & (memberships.c.exam_id == exam_id)
        gone = delete(memberships).where(own).returning(memberships.c.role)
        return (await self._session.execute(gone)).first() is not None
