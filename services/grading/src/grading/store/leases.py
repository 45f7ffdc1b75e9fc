"""Leases: rows that expire by the database's clock."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from grading.domain.leases import Lease
from grading.store.tables import PART, ROUND, leases

_KEY = {"part": PART, "round": ROUND}


class Leases:
    """The leases in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def grant(self, copy_id: str, lease_id: str, marker_id: str, length: timedelta) -> Lease:
        """Give the right to write on a locked copy, whoever had it."""
        given = {"id": lease_id, "marker_id": marker_id, "expires_at": func.clock_timestamp() + length}
        statement = (
            insert(leases)
            .values(copy_id=copy_id, **_KEY, **given)
            .on_conflict_do_update(index_elements=["copy_id", "part", "round"], set_=given)
            .returning(leases.c.expires_at)
        )
        expires_at: datetime = (await self._session.execute(statement)).scalar_one()
        return Lease(lease_id, marker_id, expires_at, is_current=True)

    async def renew(self, copy_id: str, lease_id: str, marker_id: str, length: timedelta) -> Lease | None:
        """Extend a lease by its full length from now; None when it is no longer that marker's."""
        statement = (
            update(leases)
            .where(leases.c.copy_id == copy_id, leases.c.id == lease_id, leases.c.marker_id == marker_id)
            .values(expires_at=func.clock_timestamp() + length)
            .returning(leases.c.expires_at)
        )
        expires_at: datetime | None = (await self._session.execute(statement)).scalar()
        return Lease(lease_id, marker_id, expires_at, is_current=True) if expires_at else None

    async def release(self, copy_id: str, lease_id: str, marker_id: str) -> None:
        """Give a lease back; one that is gone is success."""
        mine = (leases.c.copy_id == copy_id) & (leases.c.id == lease_id) & (leases.c.marker_id == marker_id)
        await self._session.execute(delete(leases).where(mine))

    async def end(self, copy_id: str) -> None:
        """End the lease on a copy that is no longer written on."""
        await self._session.execute(delete(leases).where(leases.c.copy_id == copy_id))

    async def forget(self, ended_for: timedelta) -> int:
        """Forget the leases that have ended for so long that nobody comes back to them; return how many."""
        is_old = leases.c.expires_at < func.clock_timestamp() - ended_for
        forgotten = await self._session.execute(delete(leases).where(is_old).returning(leases.c.copy_id))
        return len(forgotten.all())
