"""Move the outbox to the broker: in order, at least once, never inside a transaction."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import TupleRow, class_row
from pydantic import SecretStr

from kit.db.database import Limits, connection_arguments
from kit.events import metrics
from kit.events.broker import Broker, BrokerUnavailable
from kit.events.messages import MESSAGE_ID
from kit.events.waiting import pause
from kit.telemetry import get_logger

BATCH = 256
POLL = 1.0
PRUNE_EVERY = 600.0

_LOCK = "SELECT pg_try_advisory_lock(hashtext('relay'), hashtext(%s))"
_READ = """
SELECT position, id, subject, payload, headers
FROM outbox WHERE published_at IS NULL ORDER BY position LIMIT %s"""
_MARK = "UPDATE outbox SET published_at = now() WHERE position = ANY(%s)"
#: Facts live as long in the outbox as in their stream; the inbox outlives both.
_PRUNE = {
    "outbox": (
        "DELETE FROM outbox WHERE position IN "
        "(SELECT position FROM outbox WHERE published_at < now() - %s LIMIT 20000)",
        timedelta(days=7),
    ),
    "inbox": (
        "DELETE FROM inbox WHERE (consumer, event_id) IN "
        "(SELECT consumer, event_id FROM inbox WHERE heard_at < now() - %s LIMIT 20000)",
        timedelta(days=14),
    ),
    "requests": (
        "DELETE FROM requests WHERE id IN (SELECT id FROM requests WHERE made_at < now() - %s LIMIT 20000)",
        timedelta(days=7),
    ),
}

Connection = psycopg.AsyncConnection[TupleRow]


class Row(NamedTuple):
    """One fact or piece of work that waits to be published."""

    position: int
    id: UUID
    subject: str
    payload: bytes
    headers: dict[str, str]


class Relay:
    """
    The one mover of a schema's outbox.

    Any number may run; an advisory lock lets one work, so that the order holds. A row is marked only
    after the broker has stored it: a crash in between sends it again under the same id.
    """

    def __init__(self, dsn: str | SecretStr, schema: str, broker: Broker) -> None:
        self._dsn = dsn.get_secret_value() if isinstance(dsn, SecretStr) else dsn
        self._schema = schema
        self._broker = broker
        self._log = get_logger()
        self._pruned_at = float("-inf")

    async def loop(self, stopping: asyncio.Event) -> None:
        """Relay until told to stop; sit out outages of the database and of the broker."""
        while not stopping.is_set():
            try:
                async with self._connection() as connection:
                    await self._relay(connection, stopping)
            except psycopg.OperationalError as error:
                self._log.warning("relay_paused", schema=self._schema, error=str(error).strip())
            await pause(stopping, POLL)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        arguments = connection_arguments(self._schema, f"{self._schema} relay", Limits())
        connection = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True, **arguments)
        async with connection:
            yield connection

    async def _relay(self, connection: Connection, stopping: asyncio.Event) -> None:
        while not await self._is_chosen(connection):
            if await pause(stopping, POLL):
                return
        await connection.execute(f'LISTEN "{self._schema}"')
        while not stopping.is_set():
            if not await self._move(connection):
                await self._prune(connection)
                await self._wait(connection)

    async def _is_chosen(self, connection: Connection) -> bool:
        row = await (await connection.execute(_LOCK, (self._schema,))).fetchone()
        return bool(row and row[0])

    async def _move(self, connection: Connection) -> bool:
        """Publish one batch; tell whether there may be more at once."""
        cursor = connection.cursor(row_factory=class_row(Row))
        rows = await (await cursor.execute(_READ, (BATCH,))).fetchall()
        if not rows or not self._broker.connected:
            return False
        results = await asyncio.gather(*map(self._publish, rows))
        stored = [row.position for row, is_stored in zip(rows, results, strict=True) if is_stored]
        await connection.execute(_MARK, (stored,))
        metrics.PUBLISHED.labels(self._schema).inc(len(stored))
        metrics.REFUSED.labels(self._schema).inc(len(rows) - len(stored))
        return len(stored) == BATCH

    async def _publish(self, row: Row) -> bool:
        """Send one row; a refused one stays behind, so that it cannot hold up the others for ever."""
        try:
            await self._broker.publish(row.subject, row.payload, {**row.headers, MESSAGE_ID: str(row.id)})
        except BrokerUnavailable as error:
            self._log.warning(
                "outbox_row_refused", subject=row.subject, id=str(row.id), error=repr(error.__cause__)
            )
            return False
        return True

    async def _wait(self, connection: Connection) -> None:
        """Wait for the trigger's notification, for a poll at most."""
        async for _ in connection.notifies(timeout=POLL, stop_after=1):
            return

    async def _prune(self, connection: Connection) -> None:
        """Forget, every ten minutes, what is older than anyone may ask for."""
        if time.monotonic() - self._pruned_at < PRUNE_EVERY:
            return
        self._pruned_at = time.monotonic()
        for table, (statement, kept) in _PRUNE.items():
            removed = await connection.execute(statement, (kept,))
            self._log.info("pruned", schema=self._schema, table=table, rows=removed.rowcount)
