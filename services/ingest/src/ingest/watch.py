"""Keeps what is counted over the whole schema fresh, and cleans up what a crash left behind."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import islice

from kit import errors, events
from kit.blobs import Blobs
from kit.db import Database
from kit.telemetry import get_logger
from korrigo.ingest.v1.ingest_events_pb2 import FaultRaised, SweepEnded
from sqlalchemy.ext.asyncio import AsyncSession

from ingest import metrics
from ingest.domain.copy import State as CopyState
from ingest.domain.scan import State
from ingest.store import Store

COUNT_EVERY = 30.0
FILES_AT_ONCE = 1000
#: Below what a transaction may wait for.
REMOVAL_SECONDS = 5
#: The folders of the store that only ingest writes to or reads from.
FOLDERS = ("uploads/", "scans/", "pages/", "copies/", "exports/")

log = get_logger()


class Census:
    """Counts what there is and checks the conservation sums for the metrics."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._imbalance = 0

    async def loop(self, stopping: asyncio.Event) -> None:
        """Count every few seconds until told to stop; sit out outages."""
        while not stopping.is_set():
            try:
                await self.count()
            except errors.Refusal as outage:
                log.warning("census_paused", reason=outage.reason)
            try:
                async with asyncio.timeout(COUNT_EVERY):
                    await stopping.wait()
            except TimeoutError:
                continue

    async def count(self) -> None:
        """Count once."""
        async with self._database.transaction() as session:
            census = await Store(session).census()
            await self._tell(session, census.imbalance)
        metrics.IMBALANCE.set(census.imbalance)
        metrics.SIDES_OUT.set(census.sides_out)
        for state in State:
            metrics.SCANS.labels(state).set(census.scans.get(state, 0))
        for copy_state in CopyState:
            metrics.COPIES.labels(copy_state).set(census.copies.get(copy_state, 0))
        for reason, count in census.exceptions.items():
            metrics.EXCEPTIONS.labels(reason).set(count)

    async def _tell(self, session: AsyncSession, imbalance: int) -> None:
        """Raise a fault when the sums stop adding up or by another number than before, and end it."""
        if imbalance != self._imbalance:
            wrong = (
                f"{imbalance} sides or pages are nowhere or twice; release nothing before it is understood."
            )
            fault = FaultRaised(name="LedgerImbalance", about="the ledger", is_over=not imbalance)
            fault.detail = wrong if imbalance else "Every side and every page is somewhere, and only once."
            await events.tell(session, fault)
        self._imbalance = imbalance


async def order_again(database: Database, *, longer_than: timedelta) -> int:
    """Order work again that was lost on its way; what is repeated changes nothing."""
    async with database.transaction() as session:
        store = Store(session)
        stalled = await store.stalled_scans(longer_than)
        for scan, out in stalled:
            scan.repeat(out)
            await store.save_scan(scan)
        copies = await store.lock_stalled(longer_than)
        for copy in copies:
            zones = await store.zones(copy.exam_id)
            copy.repeat(zones, await store.sources([copy.id]))
        await store.save_copies(*copies)
        await store.tell()
    return len(stalled) + len(copies)


async def remove_orphans(
    database: Database, blobs: Blobs, *, age: timedelta, upload_age: timedelta, is_dry: bool
) -> list[str]:
    """Remove files that nothing has named for long; a dry run only tells which."""
    for folder in FOLDERS:
        await _note(database, blobs, folder)
    async with database.transaction() as session:
        orphans = await Store(session).unnamed_for(age, FILES_AT_ONCE, upload_age=upload_age)
    return await _remove_each(database, blobs, orphans, is_dry=is_dry)


async def remove_now(database: Database, blobs: Blobs, key: str, *, is_dry: bool) -> list[str]:
    """Remove one file that an operator knows to be nobody's, unless something names it by now."""
    async with database.transaction() as session:
        orphans = await Store(session).note_unnamed([key])
    return await _remove_each(database, blobs, orphans, is_dry=is_dry)


async def _remove_each(database: Database, blobs: Blobs, orphans: list[str], *, is_dry: bool) -> list[str]:
    """Remove files unless something names them by now, or only tell of them."""
    if not is_dry:
        orphans = [key for key in orphans if await _remove(database, blobs, key)]
    for key in orphans:
        log.info("file_orphaned", key=key, removed=not is_dry)
    return orphans


async def _remove(database: Database, blobs: Blobs, key: str) -> bool:
    """
    Remove a file unless something names it by now.

    The one call over the network within a transaction: without its lock a scan that is the same file could be
    sealed between the look and the removal.
    """
    async with database.transaction() as session:
        store = Store(session)
        if not await store.lock_unnamed(key):
            return False
        async with asyncio.timeout(REMOVAL_SECONDS):
            await blobs.delete(key)
        await store.forget_orphans([key])
    return True


async def tell(
    database: Database, began: datetime, ended: datetime, *, ordered_again: int, orphans: int, removed: int
) -> None:
    """Say how a sweep went, in the log and to whoever keeps account of operations."""
    fact = SweepEnded(ordered_again=ordered_again, orphans=orphans, removed=removed)
    fact.started_at.FromDatetime(began)
    fact.ended_at.FromDatetime(ended)
    async with database.transaction() as session:
        await events.tell(session, fact)
    log.info("swept", ordered_again=ordered_again, orphans=orphans, removed=removed)


async def _note(database: Database, blobs: Blobs, folder: str) -> None:
    keys = [key async for key, _ in blobs.list(folder)]
    remaining = iter(keys)
    while part := list(islice(remaining, FILES_AT_ONCE)):
        async with database.transaction() as session:
            await Store(session).note_unnamed(part)
