"""The journal: whole, chained, unchangeable, and erasable where it names people."""

import asyncio
from typing import Any

import pytest
from kit import audit
from kit.db import Database
from kit.identity import Caller
from kit.testing import DatabaseFor
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

OFFICE = Caller("gateway", "account-1", "office", "exam-1")


@pytest.fixture
def database(database_for: DatabaseFor) -> Database:
    return database_for("libs.kit.tests.sample.migrations", "sample")


async def write(database: Database, count: int = 1, **payload: str) -> None:
    async with database.transaction() as session:
        for _ in range(count):
            await audit.append(
                session,
                actor=OFFICE,
                action="copy_linked",
                subject="copy-1",
                exam_id="exam-1",
                payload={**payload},
            )


async def execute(database: Database, statement: str, **values: Any) -> Any:
    async with database.transaction() as session:
        return (await session.execute(text(statement), values)).all()


async def verdict(database: Database) -> audit.Verdict:
    async with database.transaction() as session:
        return await audit.verify(session)


async def test_entries_are_chained_once_however_many_sealers_run(database: Database) -> None:
    await asyncio.gather(*(write(database, 30, name="Ada") for _ in range(4)))
    await asyncio.gather(*(audit.Sealer(database).seal() for _ in range(4)))
    await write(database, 10)
    await audit.Sealer(database).seal()
    await audit.Sealer(database).seal()

    assert await verdict(database) == audit.Verdict(sealed=130)


async def test_erasing_a_payload_keeps_the_chain(database: Database) -> None:
    await write(database, 3, name="Ada")
    await audit.Sealer(database).seal()
    await execute(database, "DELETE FROM audit_payload WHERE audit_id = 2 RETURNING 1")

    assert await verdict(database) == audit.Verdict(sealed=3)
    assert not [row for row in await execute(database, "SELECT audit::text FROM audit") if "Ada" in str(row)]


async def test_a_changed_payload_breaks_the_chain(database: Database) -> None:
    await write(database, 3, name="Ada")
    await audit.Sealer(database).seal()
    change = """UPDATE audit_payload SET payload = '{"name": "Eve"}' WHERE audit_id = 2 RETURNING 1"""
    await execute(database, change)

    assert await verdict(database) == audit.Verdict(sealed=1, broken_at=2)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET action = 'x' RETURNING 1", "DELETE FROM audit RETURNING 1"],
)
async def test_an_entry_can_be_neither_changed_nor_removed(database: Database, statement: str) -> None:
    await execute(database, "DELETE FROM audit_payload RETURNING 1")
    await write(database)
    await audit.Sealer(database).seal()

    with pytest.raises(DBAPIError, match="append-only"):
        await execute(database, statement)


async def test_an_entry_removed_by_force_breaks_the_chain(database: Database) -> None:
    await write(database, 4)
    await audit.Sealer(database).seal()
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_append_only"))
        await session.execute(text("DELETE FROM audit WHERE seal = 3"))

    assert await verdict(database) == audit.Verdict(sealed=2, broken_at=4)


async def test_the_loop_seals_and_stops_when_told(database: Database) -> None:
    await write(database, 3)
    stopping = asyncio.Event()
    loop = asyncio.ensure_future(audit.Sealer(database).loop(stopping))
    async with asyncio.timeout(10):
        while (await verdict(database)).sealed < 3:  # noqa: ASYNC110 -- the state is in the database
            await asyncio.sleep(0.02)
        stopping.set()
        await loop

    assert await verdict(database) == audit.Verdict(sealed=3)
