"""Accounts: who can sign in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from kit import db
from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.store.tables import accounts, sessions

_ENSURE_ALL = text("""
INSERT INTO accounts (id, email, name, language, roles, state)
SELECT id, email, name, :language, '{}', 'invited' FROM unnest(:ids, :emails, :names) AS new (id, email, name)
ON CONFLICT (email) DO NOTHING
""").bindparams(
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("emails", type_=ARRAY(Text)),
    bindparam("names", type_=ARRAY(Text)),
)


class AccountState(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in, or is invited to."""

    id: UUID
    email: str
    name: str
    language: str
    roles: tuple[str, ...]
    state: AccountState
    password: str | None
    created_at: datetime
    last_seen_at: datetime | None = None


class Accounts:
    """Reads and writes accounts in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, account_id: UUID) -> Account | None:
        row = (await self._session.execute(select(accounts).where(accounts.c.id == account_id))).first()
        return account_of(row._mapping) if row else None

    async def by_email(self, email: str) -> Account | None:
        found = await self._session.execute(select(accounts).where(accounts.c.email == email.strip().lower()))
        row = found.first()
        return account_of(row._mapping) if row else None

    async def all(self, after: Sequence[str] | None, limit: int) -> Sequence[Account]:
        """Accounts by address, with the time each was last seen."""
        seen = select(func.max(sessions.c.last_seen_at)).where(sessions.c.account_id == accounts.c.id)
        query = select(accounts, seen.scalar_subquery().label("last_seen_at"))
        query = query.where(db.after([accounts.c.email], after)).order_by(accounts.c.email)
        return [account_of(row._mapping) for row in await self._session.execute(query.limit(limit))]

    async def ensure(self, email: str, name: str, language: str, roles: Iterable[str] = ()) -> Account:
        """The account of this address; made as invited when there is none. Missing roles are added."""
        found = await self.by_email(email)
        if found is None:
            values = {"id": uuid4(), "email": email.strip().lower(), "name": name, "language": language}
            statement = insert(accounts).values(**values, roles=sorted(roles), state=AccountState.INVITED)
            await self._session.execute(statement.on_conflict_do_nothing(index_elements=["email"]))
            found = await self.by_email(email)
            assert found is not None
        missing = set(roles) - set(found.roles)
        if missing:
            await self.change(found.id, roles=sorted(set(found.roles) | missing))
            return await self.known(found.id)
        return found

    async def ensure_all(self, names: Mapping[str, str], language: str) -> dict[str, UUID]:
        """The accounts of these addresses (lower case) with their owners' names, made where there is none."""
        values = {
            "ids": [uuid4() for _ in names],
            "emails": list(names),
            "names": list(names.values()),
            "language": language,
        }
        await self._session.execute(_ENSURE_ALL, values)
        wanted = any_(bindparam("emails", list(names), ARRAY(Text)))
        query = select(accounts.c.email, accounts.c.id).where(accounts.c.email == wanted)
        return {row.email: row.id for row in await self._session.execute(query)}

    async def change(self, account_id: UUID, **values: object) -> None:
        await self._session.execute(update(accounts).where(accounts.c.id == account_id).values(**values))

    async def known(self, account_id: UUID) -> Account:
        found = await self.get(account_id)
        assert found is not None
        return found


def account_of(row: Any) -> Account:
    return Account(
        id=row["id"],
        email=row["email"],
        name=row["name"],
        language=row["language"],
        roles=tuple(row["roles"]),
        state=AccountState(row["state"]),
        password=row["password"],
        created_at=row["created_at"],
        last_seen_at=row.get("last_seen_at"),
    )
