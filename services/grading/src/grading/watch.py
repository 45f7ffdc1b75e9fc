"""Keeps what is counted over the whole schema fresh, and cleans up what a crash left behind."""

import asyncio
from datetime import timedelta

from kit import errors, events
from kit.blobs import Blobs
from kit.db import Database
from kit.telemetry import get_logger
from korrigo.grading.v1.grading_events_pb2 import SweepEnded

from grading import app, metrics
from grading.domain.copy import State
from grading.store import Store

COUNT_EVERY = 15.0
FILES_AT_ONCE = 1000
#: After a coffee, or a night, a marker takes up the same lease again if nobody else took it.
LEASE_KEPT = timedelta(days=1)

log = get_logger()


class Census:
    """Counts copies by state for the metrics."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
            counts = await Store(session).copies.counts()
        for state in State:
            metrics.COPIES.labels(state).set(counts.get(state, 0))


async def sweep(database: Database, blobs: Blobs, *, longer_than: timedelta, is_dry: bool) -> None:
    """
    Order lost PDFs again, forget leases that ended long ago, remove frozen files that no result names.

    A dry run only tells which files.
    """
    fact = SweepEnded()
    fact.started_at.GetCurrentTime()
    async with database.transaction() as session:
        store = Store(session)
        fact.ordered_again = await app.results.order_stuck(store, longer_than)
        leases = await store.leases.forget(LEASE_KEPT)
    keys = [key async for key, _ in blobs.list("frozen/")]
    for start in range(0, len(keys), FILES_AT_ONCE):
        fact.orphans += await _remove_superseded(
            database, blobs, keys[start : start + FILES_AT_ONCE], is_dry=is_dry
        )
    fact.removed = 0 if is_dry else fact.orphans
    fact.ended_at.GetCurrentTime()
    async with database.transaction() as session:
        await events.tell(session, fact)
    again, removed = fact.ordered_again, fact.removed
    log.info("swept", ordered_again=again, orphans=fact.orphans, removed=removed, leases=leases)


async def _remove_superseded(database: Database, blobs: Blobs, keys: list[str], *, is_dry: bool) -> int:
    async with database.transaction() as session:
        superseded = await Store(session).results.superseded(keys)
    for key in superseded:
        log.info("file_superseded", key=key, removed=not is_dry)
        if not is_dry:
            await blobs.delete(key)
    return len(superseded)
