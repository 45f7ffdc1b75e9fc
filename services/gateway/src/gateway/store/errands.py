"""Errands: what notification is still to be told about an account."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import case, delete, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.store.accounts import AccountState
from gateway.store.links import LinkKind
from gateway.store.tables import accounts, errands, links

#: How long one courier may hold an errand before another takes it.
CLAIM = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Errand:
    """An account whose contact is to be told, and perhaps a link that is to be sent there."""

    account_id: UUID
    kind: LinkKind | None
    exam_name: str
    version: int
    #: Of the link to send; the same however often the errand is carried.
    link_id: UUID


class Errands:
    """Reads and writes errands in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, account_id: UUID, kind: LinkKind | None = None, *, exam_name: str = "") -> None:
        """Wish for a link, or only for the contact to be told; joins an errand that still waits."""
        wish = insert(errands).values(
            account_id=account_id, kind=kind, exam_name=exam_name, link_id=func.gen_random_uuid()
        )
        joined = {
            "kind": func.coalesce(wish.excluded.kind, errands.c.kind),
            "exam_name": func.coalesce(func.nullif(wish.excluded.exam_name, ""), errands.c.exam_name),
            "version": errands.c.version + 1,
            "link_id": case((wish.excluded.kind.is_(None), errands.c.link_id), else_=wish.excluded.link_id),
        }
        await self._session.execute(wish.on_conflict_do_update(index_elements=["account_id"], set_=joined))

    async def invite(self, account_ids: Collection[UUID], *, exam_name: str = "") -> int:
        """Invite those who never were, or whose link has expired; tells how many."""
        has_link = exists().where(
            links.c.account_id == accounts.c.id, links.c.used_at.is_(None), links.c.expires_at > func.now()
        )
        chosen = select(
            accounts.c.id,
            literal(LinkKind.INVITATION.value),
            func.gen_random_uuid(),
            literal(exam_name),
            literal(1),
            func.now(),
        ).where(accounts.c.id.in_(account_ids), accounts.c.state == AccountState.INVITED, ~has_link)
        columns = ["account_id", "kind", "link_id", "exam_name", "version", "due_at"]
        made = insert(errands).from_select(columns, chosen).on_conflict_do_nothing()
        return len((await self._session.execute(made.returning(errands.c.account_id))).all())

    async def claim(self, most: int) -> Sequence[Errand]:
        """Take due errands; others leave them alone for `CLAIM`, even after a crash."""
        oldest = select(errands.c.account_id).where(errands.c.due_at <= func.now())
        oldest = oldest.order_by(errands.c.due_at).limit(most).with_for_update(skip_locked=True)
        taken = update(errands).where(errands.c.account_id.in_(oldest.scalar_subquery()))
        rows = await self._session.execute(taken.values(due_at=func.now() + CLAIM).returning(errands))
        return [
            Errand(row.account_id, _kind(row.kind), row.exam_name, row.version, row.link_id or uuid4())
            for row in rows
        ]

    async def finish(self, errand: Errand) -> None:
        """Forget an errand; if more was wished meanwhile, it is due again."""
        own = errands.c.account_id == errand.account_id
        await self._session.execute(delete(errands).where(own, errands.c.version == errand.version))
        await self._session.execute(update(errands).where(own).values(due_at=func.now()))

    async def postpone(self, errand: Errand, pause: timedelta) -> None:
        own = update(errands).where(errands.c.account_id == errand.account_id)
        await self._session.execute(own.values(due_at=func.now() + pause))

    async def has(self, account_id: UUID, kind: LinkKind) -> bool:
        """Whether a link of this kind is about to be sent."""
        waits = exists().where(errands.c.account_id == account_id, errands.c.kind == kind)
        return bool(await self._session.scalar(select(waits)))


def _kind(word: str | None) -> LinkKind | None:
    return LinkKind(word) if word is not None else None
