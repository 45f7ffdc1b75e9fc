"""Dead letters can be read, replayed and dropped."""

import asyncio
from typing import Any

import pytest
from kit import errors, events
from kit.db import Database
from kit.events import Broker, Consumer, Relay, declare
from sqlalchemy.ext.asyncio import AsyncSession

from libs.kit.tests.events.desk import (
    add_one,
    adding_consumer,
    contains,
    content,
    dead,
    is_idle,
    tell_all,
)
from libs.kit.tests.sample.messages import Filled
from libs.kit.tests.waiting import running, until


async def test_a_replayed_letter_is_heard_by_whom_it_failed_only(database: Database, broker: Broker) -> None:
    failing, other = Consumer("failing", database, broker), adding_consumer(database, broker, "other")
    is_mended = asyncio.Event()

    @failing.on(Filled)
    async def fail(_fact: Any, session: AsyncSession) -> None:
        if not is_mended.is_set():
            raise errors.NotFound
        await add_one(session, "mended")

    await declare(broker, consumers=[failing, other])
    await tell_all(database, "poison")
    async with running(Relay(database.dsn, "sample", broker).loop, failing.loop, other.loop):
        await until(lambda: dead(broker))
        is_mended.set()
        [letter] = await dead(broker)
        await events.replay(broker, letter.sequence)
        await until(lambda: contains(database, 1, "mended"))
        await until(lambda: is_idle(broker, "other"))

    assert await dead(broker) == []
    assert await content(database) == 1


async def test_a_letter_can_be_shown_and_dropped(database: Database, broker: Broker) -> None:
    consumer = Consumer("sample", database, broker)

    @consumer.on(Filled, transaction=False)
    async def fail(_fact: Any) -> None:
        raise errors.FailedPrecondition("the box is full")

    await declare(broker, consumers=[consumer])
    await tell_all(database, "poison")
    async with running(Relay(database.dsn, "sample", broker).loop, consumer.loop):
        await until(lambda: dead(broker))

    [letter] = await dead(broker)
    assert await events.show(broker, letter.sequence) == letter
    await events.drop(broker, letter.sequence)
    with pytest.raises(errors.NotFound):
        await events.show(broker, letter.sequence)
