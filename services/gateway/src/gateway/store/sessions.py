"""Sessions of browsers, and the memory of failed sign-ins."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.store.tables import failed_logins, sessions

#: A session's last-seen time is written at most this often.
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser."""

    id: UUID
    account_id: UUID
    user_agent: str
    created_at: datetime
    last_seen_at: datetime


class Sessions:
    """Reads and writes sessions in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def open(self, token: str, account_id: UUID, *, user_agent: str, lasts: timedelta) -> UUID:
        session_id = uuid4()
        values = {"id": session_id, "token_hash": digest(token), "account_id": account_id}
        statement = insert(sessions).values(
            **values, user_agent=user_agent[:200], expires_at=func.now() + lasts
        )
        await self._session.execute(statement)
        return session_id

    async def by_token(self, token: str) -> Session | None:
        """The session of a cookie, unless it has expired. Notes that it was seen."""
        live = _select().where(sessions.c.token_hash == digest(token), sessions.c.expires_at > func.now())
        row = (await self._session.execute(live)).first()
        if row is None:
            return None
        stale = sessions.c.last_seen_at < func.now() - SEEN_EVERY
        seen = update(sessions).where(sessions.c.id == row.id, stale).values(last_seen_at=func.now())
        await self._session.execute(seen)
        return Session(*row._tuple())

    async def of(self, account_id: UUID) -> Sequence[Session]:
        live = _select().where(sessions.c.account_id == account_id, sessions.c.expires_at > func.now())
        rows = await self._session.execute(live.order_by(sessions.c.last_seen_at.desc()))
        return [Session(*row._tuple()) for row in rows]

    async def close(self, session_id: UUID, account_id: UUID) -> None:
        own = (sessions.c.id == session_id) & (sessions.c.account_id == account_id)
        await self._session.execute(delete(sessions).where(own))

    async def close_all(self, account_id: UUID, *, but: UUID | None = None) -> None:
        """End every session of an account, *but* one."""
        others = sessions.c.account_id == account_id
        if but is not None:
            others &= sessions.c.id != but
        await self._session.execute(delete(sessions).where(others))

    async def prune(self) -> None:
        await self._session.execute(delete(sessions).where(sessions.c.expires_at < func.now()))


class Throttle:
    """Counts failed sign-ins by key."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def failures(self, key: str, within: timedelta) -> tuple[int, datetime | None]:
        """How many failures, and when the oldest of them was."""
        recent = failed_logins.c.failed_at > func.now() - within
        query = select(func.count(), func.min(failed_logins.c.failed_at)).where(
            failed_logins.c.key == key, recent
        )
        row = (await self._session.execute(query)).one()
        return row[0], row[1]

    async def failed(self, *keys: str) -> None:
        await self._session.execute(insert(failed_logins), [{"key": key} for key in keys])

    async def forget(self, key: str) -> None:
        await self._session.execute(delete(failed_logins).where(failed_logins.c.key == key))

    async def prune(self, older_than: timedelta) -> None:
        old = failed_logins.c.failed_at < func.now() - older_than
        await self._session.execute(delete(failed_logins).where(old))


def digest(token: str) -> bytes:
    """What is stored of a secret token."""
    return hashlib.sha256(token.encode()).digest()


def _select() -> Select[tuple[UUID, UUID, str, datetime, datetime]]:
    return select(
        sessions.c.id,
        sessions.c.account_id,
        sessions.c.user_agent,
        sessions.c.created_at,
        sessions.c.last_seen_at,
    )
