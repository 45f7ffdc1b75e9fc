"""Sessions of browsers, and the memory of failed sign-ins."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.store.accounts import Account, AccountState, account_of
from gateway.store.tables import accounts, failed_logins, sessions

#: A session's last-seen time is written at most this often.
SEEN_EVERY = timedelta(minutes=1)

_COLUMNS = (
    sessions.c.id.label("session_id"),
    sessions.c.account_id,
    sessions.c.user_agent,
    sessions.c.created_at.label("opened_at"),
    sessions.c.last_seen_at.label("seen_at"),
)


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

    async def by_token(self, token: str) -> tuple[Account, Session] | None:
        """The active account and the live session behind a cookie. Notes that it was seen."""
        is_stale = (sessions.c.last_seen_at < func.now() - SEEN_EVERY).label("is_stale")
        query = select(accounts, *_COLUMNS, is_stale)
        live = (sessions.c.token_hash == digest(token)) & (sessions.c.expires_at > func.now())
        query = query.join_from(sessions, accounts).where(live, accounts.c.state == AccountState.ACTIVE)
        row = (await self._session.execute(query)).first()
        if row is None:
            return None
        if row.is_stale:
            seen = update(sessions).where(sessions.c.id == row.session_id)
            await self._session.execute(seen.values(last_seen_at=func.now()))
        return account_of(row._mapping), _session(row)

    async def of(self, account_id: UUID) -> Sequence[Session]:
        live = (sessions.c.account_id == account_id) & (sessions.c.expires_at > func.now())
        query = select(*_COLUMNS).where(live).order_by(sessions.c.last_seen_at.desc())
        return [_session(row) for row in await self._session.execute(query)]

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


def _session(row: Any) -> Session:
    return Session(row.session_id, row.account_id, row.user_agent, row.opened_at, row.seen_at)
