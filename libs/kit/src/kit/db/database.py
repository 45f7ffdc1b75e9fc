"""A service's own schema behind a bounded pool, and the only two ways to change it."""

import select
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from google.protobuf.message import Message
from prometheus_client import Gauge, Histogram
from pydantic import SecretStr
from sqlalchemy import event, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext import asyncio as sqlalchemy_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.pool import QueuePool

from kit import errors
from kit.db.failures import translated
from kit.db.slow import log_slow

M = TypeVar("M", bound=Message)

_IN_USE = Gauge("korrigo_db_connections_in_use", "Connections that a transaction holds.", ["schema"])
_POOL = Gauge("korrigo_db_pool_connections", "Connections that the pool may have.", ["schema"])
_SECONDS = Histogram("korrigo_db_transaction_seconds", "How long transactions last.", ["schema"])

_CLAIM = text("INSERT INTO requests (id, kind) VALUES (:id, :kind) ON CONFLICT DO NOTHING")
_KEEP = text("UPDATE requests SET response = :response WHERE id = :id")
_RECALL = text("SELECT kind, response FROM requests WHERE id = :id")


class RequestIdMissing(errors.InvalidArgument):
    """A change needs a request id, so that it can be repeated safely."""


class RequestIdReused(errors.InvalidArgument):
    """This request id belongs to another request."""


@dataclass(frozen=True)
class Limits:
    """How long a connection may wait or work before the server ends it, in milliseconds."""

    lock_timeout: int = 2_000
    statement_timeout: int = 10_000
    idle_in_transaction_session_timeout: int = 10_000

    def options(self, schema: str) -> str:
        """Write them as start-up options of a connection: RESET returns to them."""
        limits = " ".join(f"-c {name}={value}" for name, value in vars(self).items())
        return f"{limits} -c search_path={schema}"


def connection_arguments(schema: str, application_name: str, limits: Limits) -> dict[str, Any]:
    """Give libpq's parameters for every connection of a service."""
    return {
        "application_name": application_name[:63],
        "options": limits.options(schema),
        "connect_timeout": 5,
        "tcp_user_timeout": 10_000,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    }


class Database:
    """
    The schema of one service.

    Everything that a transaction did is there after it, or nothing is. An unreachable server raises
    `DatabaseUnavailable`, a lost race `Conflict`.
    """

    def __init__(
        self,
        dsn: str | SecretStr,
        *,
        schema: str,
        pool_size: int = 10,
        application_name: str = "",
        limits: Limits | None = None,
    ) -> None:
        self.dsn = dsn.get_secret_value() if isinstance(dsn, SecretStr) else dsn
        self.schema = schema
        arguments = connection_arguments(schema, application_name or schema, limits or Limits())
        self.engine = sqlalchemy_asyncio.create_async_engine(
            make_url(self.dsn).set(drivername="postgresql+psycopg"),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=5,
            pool_use_lifo=True,
            connect_args=arguments,
            hide_parameters=True,
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        _watch(self.engine, schema)
        log_slow(self.engine, schema)
        event.listen(self.engine.sync_engine, "handle_error", _hide_values)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Open a session whose changes commit together at the end, or not at all."""
        start = time.perf_counter()
        with translated(self.schema):
            async with self._sessions() as session, session.begin():
                yield session
        _SECONDS.labels(self.schema).observe(time.perf_counter() - start)

    async def once(
        self, request_id: str, kind: str, response: type[M], act: Callable[[AsyncSession], Awaitable[M]]
    ) -> M:
        """
        Act in a transaction the first time a request is heard; answer a repeat as before.

        A refusal rolls back and stores nothing, so that the same request may succeed later.
        """
        if not request_id:
            raise RequestIdMissing
        async with self.transaction() as session:
            claimed = await session.execute(_CLAIM, {"id": request_id, "kind": kind})
            if not claimed.rowcount:  # type: ignore[attr-defined]  # an INSERT's result is a cursor
                return await _recall(session, request_id, kind, response)
            answer = await act(session)
            await session.execute(_KEEP, {"id": request_id, "response": answer.SerializeToString()})
            return answer

    async def ping(self) -> None:
        """Refuse with `DatabaseUnavailable` unless the server answers."""
        async with self.transaction() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


async def _recall(session: AsyncSession, request_id: str, kind: str, response: type[M]) -> M:
    row = (await session.execute(_RECALL, {"id": request_id})).one()
    if row.kind != kind:
        raise RequestIdReused(request_id=request_id)
    return response.FromString(row.response)


def _hide_values(failure: ExceptionContext) -> None:
    """Keep the rows that PostgreSQL quotes out of logs: they hold names, addresses and links."""
    diagnosis = getattr(failure.original_exception, "diag", None)
    if diagnosis is not None and diagnosis.message_primary:
        for error in filter(None, (failure.original_exception, failure.sqlalchemy_exception)):
            error.args = (diagnosis.message_primary,)


def _watch(engine: AsyncEngine, schema: str) -> None:
    """Count connections in use; replace, before use, one that the server has closed meanwhile."""
    pool = cast(QueuePool, engine.sync_engine.pool)
    _IN_USE.labels(schema).set_function(pool.checkedout)
    _POOL.labels(schema).set(pool.size())

    @event.listens_for(engine.sync_engine, "checkout")
    def checkout(connection: Any, _record: object, _proxy: object) -> None:
        # An idle connection has nothing to say: readable means closed, and looking costs no round trip.
        poll = select.poll()
        poll.register(connection.driver_connection, select.POLLIN)
        if poll.poll(0):
            raise DisconnectionError
