"""Transactions, requests answered once, limits and outages, on a real server."""

import asyncio
import secrets
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.wrappers_pb2 import Int64Value, StringValue
from kit import errors
from kit.db import Conflict, Database, DatabaseUnavailable
from kit.testing import DatabaseFor
from local.postgres import Postgres
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

PACKAGE = "libs.kit.tests.sample.migrations"


@pytest.fixture
def database(database_for: DatabaseFor) -> Database:
    return database_for(PACKAGE, "sample")


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Postgres]:
    """Give a server that a test may kill."""
    server = Postgres(tmp_path / "postgres", durable=False)
    server.start()
    yield server
    server.stop()


async def fill(session: AsyncSession, name: str = "shoes") -> StringValue:
    await session.execute(text("INSERT INTO boxes VALUES (:name, 1)"), {"name": name})
    return StringValue(value=f"filled {name}")


async def count(database: Database, table: str = "boxes") -> int:
    async with database.transaction() as session:
        return int(await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


async def test_a_failure_leaves_nothing_of_its_transaction(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as session:
            await fill(session)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()

    assert await count(database) == 0


async def test_a_repeated_request_is_answered_as_before_without_acting(database: Database) -> None:
    first = await database.once("r1", "FillBox", StringValue, fill)
    second = await database.once("r1", "FillBox", StringValue, fill)

    assert first == second == StringValue(value="filled shoes")
    assert await count(database) == 1


async def test_of_many_requests_with_one_id_at_a_time_one_acts(database: Database) -> None:
    answers = await asyncio.gather(*(database.once("r1", "FillBox", StringValue, fill) for _ in range(8)))

    assert {answer.value for answer in answers} == {"filled shoes"}
    assert await count(database) == 1


async def test_a_request_id_of_another_kind_is_refused(database: Database) -> None:
    await database.once("r1", "FillBox", StringValue, fill)

    with pytest.raises(errors.InvalidArgument) as refusal:
        await database.once("r1", "CountBoxes", Int64Value, fill)  # type: ignore[arg-type]
    assert refusal.value.reason == "REQUEST_ID_REUSED"


async def test_a_request_without_id_is_refused(database: Database) -> None:
    with pytest.raises(errors.InvalidArgument) as refusal:
        await database.once("", "FillBox", StringValue, fill)
    assert refusal.value.reason == "REQUEST_ID_MISSING"


async def test_a_refused_request_stores_nothing_and_may_succeed_later(database: Database) -> None:
    async def refuse(session: AsyncSession) -> StringValue:
        await fill(session)
        raise errors.FailedPrecondition

    with pytest.raises(errors.FailedPrecondition):
        await database.once("r1", "FillBox", StringValue, refuse)
    answer = await database.once("r1", "FillBox", StringValue, fill)

    assert answer.value == "filled shoes"
    assert await count(database) == 1


async def test_every_connection_has_its_limits(database: Database) -> None:
    async with database.transaction() as session:
        shown = [
            await session.scalar(text(f"SHOW {name}"))
            for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
        ]

    assert shown == ["2s", "10s", "10s"]


async def test_waiting_for_a_lock_too_long_is_a_conflict(database: Database) -> None:
    async with database.transaction() as holder:
        await holder.execute(text("LOCK TABLE boxes"))
        with pytest.raises(Conflict) as refusal:
            async with database.transaction() as session:
                await fill(session)

    assert refusal.value.code == "ABORTED"
    assert refusal.value.reason == "CONFLICT"


async def test_a_deadlock_is_a_conflict_for_one_of_the_two(database: Database) -> None:
    async with database.transaction() as session:
        await fill(session, "a")
        await fill(session, "b")
    both_hold_one = asyncio.Barrier(2)

    async def touch(first: str, second: str) -> None:
        async with database.transaction() as session:
            await session.execute(text("UPDATE boxes SET content = 2 WHERE name = :n"), {"n": first})
            await both_hold_one.wait()
            await session.execute(text("UPDATE boxes SET content = 2 WHERE name = :n"), {"n": second})

    results = await asyncio.gather(touch("a", "b"), touch("b", "a"), return_exceptions=True)

    assert sorted(type(result).__name__ for result in results) == ["Conflict", "NoneType"]


async def test_a_broken_rule_of_the_schema_is_not_an_outage(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.transaction() as session:
            await session.execute(text("INSERT INTO boxes VALUES ('shoes', -1)"))


async def test_no_value_of_a_failed_statement_reaches_a_log(database: Database) -> None:
    secret = secrets.token_hex()
    with pytest.raises(IntegrityError) as failure:
        async with database.transaction() as session:
            await session.execute(text("INSERT INTO boxes VALUES (:name, -1)"), {"name": secret})

    assert secret not in "".join(traceback.format_exception(failure.value))
    assert "violates check constraint" in str(failure.value)


async def test_a_statement_that_is_too_slow_is_not_an_outage(database: Database) -> None:
    async def dawdle() -> None:
        async with database.transaction() as session:
            await session.execute(text("SET LOCAL statement_timeout = 50"))
            await session.execute(text("SELECT pg_sleep(5)"))

    with pytest.raises(DBAPIError, match="statement timeout"):
        await dawdle()


async def test_a_server_that_is_not_there_is_unavailable(mortal: Postgres) -> None:
    mortal.kill()
    database = Database(mortal.dsn("postgres"), schema="public")

    with pytest.raises(DatabaseUnavailable) as refusal:
        await database.ping()
    assert refusal.value.reason == "DATABASE_UNAVAILABLE"
    assert refusal.value.metadata["retry_after"]


async def test_a_restarted_server_costs_the_next_transaction_nothing(mortal: Postgres) -> None:
    database = Database(mortal.dsn("postgres"), schema="public")
    await asyncio.gather(*(database.ping() for _ in range(5)))
    mortal.kill()
    mortal.start()

    await asyncio.gather(*(database.ping() for _ in range(5)))
    await database.close()


async def test_a_server_killed_inside_a_transaction_is_unavailable(mortal: Postgres) -> None:
    database = Database(mortal.dsn("postgres"), schema="public")

    async def lose_it() -> None:
        async with database.transaction() as session:
            await session.execute(text("SELECT 1"))
            mortal.kill()
            await session.execute(text("SELECT 1"))

    with pytest.raises(DatabaseUnavailable):
        await lose_it()
    await database.close()


async def test_an_exhausted_pool_is_unavailable(database: Database) -> None:
    small = Database(database.dsn, schema="sample", pool_size=1)
    small.engine.sync_engine.pool._timeout = 0.1  # type: ignore[attr-defined]  # five seconds in earnest
    start = time.monotonic()
    async with small.transaction() as session:
        await session.execute(text("SELECT 1"))
        with pytest.raises(DatabaseUnavailable):
            await small.ping()
    await small.close()

    assert time.monotonic() - start < 5
