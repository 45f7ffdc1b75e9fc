"""OP-04: lock_timeout, statement_timeout and idle_in_transaction_session_timeout, as SHOW and as tried."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql

from ctl.gate.place import Seen
from ctl.gate.verdict import Evidence, failed, judged, not_shown, shown
from ctl.roles import STATEFUL
from ctl.settings import OperationsSettings

SHOWN, ROLES, TRIED = "OP-04 shown", "OP-04 roles", "OP-04 tried"
LIMITS = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
METRIC = "korrigo_db_limit_seconds"
#: Whoever waits longer than this for the database waits without a limit.
_LONGEST_SECONDS = 60.0

_ROLES = "SELECT rolname, coalesce(rolconfig, '{}') FROM pg_roles WHERE rolname = ANY(%s)"
_DEADLOCK, _LOCK, _STATEMENT, _IDLE = "40P01", "55P03", "57014", "25P03"

Connection = psycopg.AsyncConnection[Any]


def observed(seen: list[Seen]) -> Iterator[Evidence]:
    """Read what SHOW answers in the services' own sessions, which each of them exports."""
    found = {
        (sample.labels["schema"], sample.labels["what"]): sample.value
        for process in seen
        for sample in process.samples
        if sample.name == METRIC
    }
    if not found:
        yield not_shown(SHOWN, f"no process exports {METRIC} yet")
        return
    missing = [f"{schema} {name}" for schema in STATEFUL for name in LIMITS if not found.get((schema, name))]
    said = f"SHOW in the sessions of {', '.join(STATEFUL)}: {_listed(found)}"
    yield judged(SHOWN, holds=not missing, said=f"no limit: {', '.join(missing)}" if missing else said)


async def of_roles(settings: OperationsSettings) -> AsyncIterator[Evidence]:
    """Read what the server keeps for each role, so that no client can forget it."""
    kept = await _kept(settings)
    missing = [f"{role} {name}" for role in STATEFUL for name in LIMITS if name not in kept.get(role, {})]
    said = (
        f"no limit of role: {', '.join(missing)}"
        if missing
        else f"the server keeps them for {len(kept)} roles"
    )
    yield judged(ROLES, holds=not missing, said=said)


async def tried(settings: OperationsSettings) -> AsyncIterator[Evidence]:
    """Provoke a deadlock, a long wait, a long statement and an idle transaction, under a service's limits."""
    limits = (await _kept(settings))[STATEFUL[0]]
    acts: dict[str, tuple[Callable[..., Awaitable[None]], str]] = {
        "a deadlock": (_deadlock, _DEADLOCK),
        "a lock": (_wait_for_lock, _LOCK),
        "a statement": (_sleep, _STATEMENT),
        "an idle transaction": (_idle, _IDLE),
    }
    ended = await asyncio.gather(*(_ended(settings, limits, act) for act, _ in acts.values()))
    wrong = [
        f"{name} ended with {state}"
        for (name, (_, wanted)), (state, _) in zip(acts.items(), ended, strict=True)
        if state != wanted
    ]
    if wrong:
        yield failed(TRIED, ", ".join(wrong))
        return
    said = (f"{name} after {seconds:.1f} s" for name, (_, seconds) in zip(acts, ended, strict=True))
    yield shown(TRIED, f"the server ended {', '.join(said)}")


async def _kept(settings: OperationsSettings) -> dict[str, dict[str, str]]:
    async with _connected(settings, {}) as connection:
        rows = await (await connection.execute(_ROLES, [list(STATEFUL)])).fetchall()
    configured = {role: dict(setting.split("=", 1) for setting in config) for role, config in rows}
    return {
        role: {name: value for name, value in config.items() if name in LIMITS}
        for role, config in configured.items()
    }


async def _ended(
    settings: OperationsSettings, limits: Mapping[str, str], act: Callable[..., Awaitable[None]]
) -> tuple[str, float]:
    """Tell with which state of SQL an act ended, and after how long."""
    began = time.monotonic()
    async with _connected(settings, limits) as one, _connected(settings, limits) as other:
        try:
            await asyncio.wait_for(act(one, other), _LONGEST_SECONDS)
            state = "nothing"
        except TimeoutError:
            state = f"no answer within {_LONGEST_SECONDS:.0f} s"
        except psycopg.Error as error:
            state = error.sqlstate or type(error).__name__
    return state, time.monotonic() - began


async def _deadlock(one: Connection, other: Connection) -> None:
    first, second = uuid4().hex, uuid4().hex
    await _lock(one, first)
    await _lock(other, second)
    crossed = await asyncio.gather(_lock(one, second), _lock(other, first), return_exceptions=True)
    if failure := next((each for each in crossed if isinstance(each, BaseException)), None):
        raise failure


async def _wait_for_lock(one: Connection, other: Connection) -> None:
    name = uuid4().hex
    await _lock(one, name)
    await _lock(other, name)


async def _sleep(one: Connection, _other: Connection) -> None:
    await one.execute("SELECT pg_sleep(%s)", [2 * _LONGEST_SECONDS])


async def _idle(one: Connection, _other: Connection) -> None:
    """Begin and do nothing; the server says why it hung up when it is asked next."""
    await one.execute("SELECT 1")
    limit = await (await one.execute("SHOW idle_in_transaction_session_timeout")).fetchone()
    assert limit is not None
    row = await (await one.execute("SELECT extract(epoch FROM %s::interval)::float", limit)).fetchone()
    await asyncio.sleep((row[0] if row else 0.0) + 0.5)
    await one.execute("SELECT 1")


async def _lock(connection: Connection, name: str) -> None:
    """Lock a name that nobody else knows, no row of anybody."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


@asynccontextmanager
async def _connected(settings: OperationsSettings, limits: Mapping[str, str]) -> AsyncIterator[Connection]:
    connection: Connection = await psycopg.AsyncConnection.connect(
        settings.dsn.get_secret_value(), connect_timeout=5
    )
    try:
        for name, value in limits.items():
            setting = sql.SQL("SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
            await connection.execute(setting)
        await connection.commit()
        yield connection
    finally:
        await connection.close()


def _listed(found: Mapping[tuple[str, str], float]) -> str:
    by_name = {name: sorted({value for (_, one), value in found.items() if one == name}) for name in LIMITS}
    return ", ".join(f"{name} {'/'.join(f'{value:g} s' for value in by_name[name])}" for name in LIMITS)
