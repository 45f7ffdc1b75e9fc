"""Keeps what operators' metrics show fresh: operations, messages, and the streams of the broker."""

from __future__ import annotations

import asyncio
import contextlib

import nats.errors
import nats.js.errors
from kit import errors, telemetry
from kit.db import Database
from kit.events import Broker

from notification import metrics
from notification.domain import State
from notification.operators.alerts import Outcome
from notification.operators.store import Operators
from notification.store import Store

EVERY = 15.0
STREAMS = ("FACTS", "WORK", "DEAD", "STRIKES")

log = telemetry.get_logger()


class Census:
    """Counts over the whole schema and the whole broker; any number may run."""

    def __init__(self, database: Database, broker: Broker) -> None:
        self._database = database
        self._broker = broker

    async def loop(self, stopping: asyncio.Event) -> None:
        """Count every few seconds until told to stop; sit out outages."""
        while not stopping.is_set():
            try:
                await self.count()
            except errors.Refusal as outage:
                log.warning("census_paused", reason=outage.reason)
            with contextlib.suppress(nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError):
                await self.count_streams()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), EVERY)

    async def count(self) -> None:
        """Count once in the database, and forget what is old."""
        async with self._database.transaction() as session:
            store = Operators(session)
            await store.forget()
            newest, good = (
                await store.newest_operations(),
                await store.newest_operations(only_successful=True),
            )
            messages, waiting = await store.counts(), await Store(session).waiting()
        for done in good:
            metrics.LAST_SUCCESS.labels(done.kind).set(done.ended_at.timestamp())
        for last in newest:
            metrics.LAST_OUTCOME.labels(last.kind).set(last.outcome is Outcome.SUCCEEDED)
            metrics.LAST_SECONDS.labels(last.kind).set((last.ended_at - last.started_at).total_seconds())
            for name, figure in last.figures.items():
                metrics.LAST_FIGURE.labels(last.kind, name).set(figure)
        for state in State:
            metrics.MESSAGES.labels(state).set(messages.get(state, 0))
        metrics.WAITING.set(waiting.count)
        metrics.OLDEST.set(waiting.oldest_seconds)

    async def count_streams(self) -> None:
        """Count once in the broker."""
        if not self._broker.connected:
            return
        for stream in STREAMS:
            info = await self._broker.jetstream.stream_info(stream)
            metrics.STREAM_MESSAGES.labels(stream).set(info.state.messages)
            metrics.STREAM_BYTES.labels(stream).set(info.state.bytes)
