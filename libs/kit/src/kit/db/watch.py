"""What a database says about a schema now: what waits in its outbox, who waits for locks, how full it is."""

import asyncio
import time
from typing import Any

from prometheus_client import Gauge
from sqlalchemy import Row, text

from kit import errors
from kit.db.database import Database
from kit.telemetry import get_logger

EVERY = 15.0

_OLDEST = Gauge("korrigo_outbox_oldest_seconds", "Age of the oldest row still to be published.", ["schema"])
_WAITING = Gauge("korrigo_outbox_waiting", "Rows still to be published.", ["schema"])
_LOCK_WAITS = Gauge("korrigo_db_lock_waits", "Transactions that wait for another's lock.", ["schema"])
_LONGEST = Gauge("korrigo_db_longest_transaction_seconds", "Age of the oldest transaction.", ["schema"])
_CONNECTIONS = Gauge("korrigo_db_server_connections", "Connections of everybody to the server.", ["schema"])
_LIMIT = Gauge("korrigo_db_server_connections_limit", "Connections that the server takes.", ["schema"])
_SIZE = Gauge("korrigo_db_size_bytes", "Size of the whole database.", ["schema"])
_SKEW = Gauge("korrigo_clock_skew_seconds", "How far the database's clock is ahead of this one.", ["schema"])
_LIMITS = Gauge(
    "korrigo_db_limit_seconds", "The server's limit for our sessions; 0 is none.", ["schema", "what"]
)

_LIMITED = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
_SHOWN = ",\n  ".join(
    f"extract(epoch FROM current_setting('{name}')::interval) AS {name}" for name in _LIMITED
)

#: A role sees whether its own sessions wait, and of others' only that they are there.
_LOOK = text(f"""
SELECT outbox.waiting, outbox.oldest, own.lock_waits, own.longest,
  (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
  current_setting('max_connections')::int AS connections_limit,
  pg_database_size(current_database()) AS size,
  extract(epoch FROM clock_timestamp()) AS clock,
  {_SHOWN}
FROM
  (SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(told_at)), 0) AS oldest
    FROM outbox WHERE published_at IS NULL) AS outbox,
  (SELECT count(*) FILTER (WHERE wait_event_type = 'Lock') AS lock_waits,
      coalesce(max(extract(epoch FROM now() - xact_start)), 0) AS longest
    FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()) AS own""")


class Watch:
    """Keeps the gauges of one schema fresh; any number may run."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._log = get_logger()

    async def loop(self, stopping: asyncio.Event) -> None:
        """Look every few seconds until told to stop; an outage leaves the last numbers."""
        while not stopping.is_set():
            try:
                await self.look()
            except errors.Refusal as outage:
                self._log.warning("database_watch_paused", schema=self._database.schema, reason=outage.reason)
            try:
                async with asyncio.timeout(EVERY):
                    await stopping.wait()
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Look once."""
        async with self._database.transaction() as session:
            asked = time.time()
            row = (await session.execute(_LOOK)).one()
        self._note(row, clock=(asked + time.time()) / 2)

    def _note(self, row: Row[Any], *, clock: float) -> None:
        values = {
            _WAITING: row.waiting,
            _OLDEST: row.oldest,
            _LOCK_WAITS: row.lock_waits,
            _LONGEST: row.longest,
            _CONNECTIONS: row.connections,
            _LIMIT: row.connections_limit,
            _SIZE: row.size,
            _SKEW: float(row.clock) - clock,
        }
        for gauge, value in values.items():
            gauge.labels(self._database.schema).set(float(value))
        for name in _LIMITED:
            _LIMITS.labels(self._database.schema, name).set(float(getattr(row, name)))
