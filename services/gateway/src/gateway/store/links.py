"""One-time links: invitations and forgotten passwords."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.store.sessions import digest
from gateway.store.tables import links


class LinkKind(StrEnum):
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"


@dataclass(frozen=True, slots=True)
class Link:
    """A link that lets one account set its password once."""

    account_id: UUID
    kind: LinkKind
    is_used: bool
    is_expired: bool


class Links:
    """Reads and writes links in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def make(self, token: str, account_id: UUID, kind: LinkKind, *, lasts: timedelta) -> None:
        """Make a link, or let the same last anew; older unused ones of the account stop working."""
        own = links.c.account_id == account_id
        older = delete(links).where(own, links.c.used_at.is_(None), links.c.token_hash != digest(token))
        await self._session.execute(older)
        values = {"token_hash": digest(token), "account_id": account_id, "kind": kind}
        made = insert(links).values(**values, expires_at=func.now() + lasts)
        anew = {"expires_at": made.excluded.expires_at}
        await self._session.execute(made.on_conflict_do_update(index_elements=["token_hash"], set_=anew))

    async def get(self, token: str, *, lock: bool = False) -> Link | None:
        expired = (links.c.expires_at < func.now()).label("is_expired")
        query = select(links.c.account_id, links.c.kind, links.c.used_at, expired)
        query = query.where(links.c.token_hash == digest(token))
        row = (await self._session.execute(query.with_for_update() if lock else query)).first()
        return (
            Link(row.account_id, LinkKind(row.kind), row.used_at is not None, row.is_expired) if row else None
        )

    async def use(self, token: str) -> None:
        used = update(links).where(links.c.token_hash == digest(token)).values(used_at=func.now())
        await self._session.execute(used)

    async def last_made(self, account_id: UUID) -> datetime | None:
        """When the newest link of an account was made."""
        query = select(func.max(links.c.created_at)).where(links.c.account_id == account_id)
        found: datetime | None = await self._session.scalar(query)
        return found
