"""A schema tells what waits in it, and why its transactions fail."""

import asyncio

import pytest
from kit.db import Conflict, Database, Watch
from prometheus_client import REGISTRY
from sqlalchemy import text
from structlog.testing import capture_logs

from libs.kit.tests.events.desk import add_one, tell_all


def told(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, {"schema": "sample", **labels}) or 0


async def test_what_waits_in_the_outbox_is_counted_and_grows_old(database: Database) -> None:
    await tell_all(database, "one", "two")

    await Watch(database).look()

    assert told("korrigo_outbox_waiting") == 2
    assert told("korrigo_outbox_oldest_seconds") > 0
    assert abs(told("korrigo_clock_skew_seconds")) < 5
    assert 0 < told("korrigo_db_server_connections") < told("korrigo_db_server_connections_limit")


async def test_a_transaction_that_waits_for_a_lock_is_seen_and_its_end_counted(database: Database) -> None:
    before = told("korrigo_db_failures_total", kind="lock_timeout")

    async def also() -> None:
        async with database.transaction() as session:
            await add_one(session)

    async with database.transaction() as session:
        await add_one(session)
        waiting = asyncio.create_task(also())
        async with asyncio.timeout(10):
            while not told("korrigo_db_lock_waits"):
                await Watch(database).look()
        with pytest.raises(Conflict):
            await waiting

    assert told("korrigo_db_failures_total", kind="lock_timeout") == before + 1


async def test_the_servers_limits_for_our_sessions_are_told_as_it_shows_them(database: Database) -> None:
    await Watch(database).look()

    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
    assert [told("korrigo_db_limit_seconds", what=name) for name in names] == [2, 10, 10]


async def test_a_slow_statement_is_logged_without_its_values(database: Database) -> None:
    with capture_logs() as logs:
        async with database.transaction() as session:
            await session.execute(text("SELECT pg_sleep(0.6), :name"), {"name": "Ada"})

    [line] = [line for line in logs if line["event"] == "statement_slow"]
    assert line["seconds"] >= 0.6
    assert "pg_sleep" in line["statement"]
    assert "Ada" not in str(line)
