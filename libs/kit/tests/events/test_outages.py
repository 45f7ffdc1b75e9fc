"""Servers killed in the middle of everything: in the end each fact had its effect, once, and nothing died."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from kit import events, migrate
from kit.db import Database
from kit.events import Broker, Consumer, Job, Relay, Worker, declare, listen, tell
from kit.events.streams import FACTS, WORK
from local.broker import Nats
from local.postgres import Postgres
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.kit.tests.sample.messages import FillBox, Filled
from libs.kit.tests.waiting import running, until

PACKAGE = "libs.kit.tests.sample.migrations"
COUNT = 200


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path / "postgres", durable=False)
    server.start()
    server.create_database("korrigo")
    migrate.upgrade(server.dsn(), PACKAGE, "sample")
    yield server
    server.stop()


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[Nats]:
    server = Nats(tmp_path / "nats")
    server.start()
    yield server
    server.stop()


class Desk:
    """A consumer and a relay that count every fact of a few hundred."""

    def __init__(self, postgres: Postgres, broker: Broker) -> None:
        self.database = Database(postgres.dsn(), schema="sample")
        self.broker = broker
        self.consumer = Consumer("desk", self.database, broker)
        self.consumer.on(Filled)(self.count)
        self.loops = Relay(postgres.dsn(), "sample", broker).loop, self.consumer.loop

    async def count(self, fact: Any, session: AsyncSession) -> None:
        await session.execute(text("INSERT INTO boxes VALUES (:name, 1)"), {"name": fact.text})

    async def tell_all(self) -> None:
        async with self.database.transaction() as session:
            await tell(session, *(Filled(text=str(number)) for number in range(COUNT)))

    async def has(self, count: int) -> bool:
        async with self.database.transaction() as session:
            return int(await session.scalar(text("SELECT count(*) FROM boxes")) or 0) >= count

    async def is_idle(self) -> bool:
        info = await self.broker.jetstream.consumer_info(FACTS, "desk")
        return not info.num_pending and not info.num_ack_pending

    async def close(self) -> None:
        assert [letter async for letter in events.letters(self.broker)] == []
        await self.database.close()


async def test_nats_killed_in_the_middle_loses_nothing(postgres: Postgres, nats: Nats) -> None:
    async with Broker(nats.url()) as broker:
        desk = Desk(postgres, broker)
        await declare(broker, consumers=[desk.consumer])
        await desk.tell_all()
        async with running(*desk.loops):
            await until(lambda: desk.has(COUNT // 4))
            nats.kill()
            await asyncio.to_thread(nats.start)
            await until(lambda: desk.has(COUNT), within=60)
        await desk.close()


async def test_postgres_killed_in_the_middle_loses_nothing(postgres: Postgres, nats: Nats) -> None:
    async with Broker(nats.url()) as broker:
        desk = Desk(postgres, broker)
        await declare(broker, consumers=[desk.consumer])
        await desk.tell_all()
        async with running(*desk.loops):
            await until(lambda: desk.has(COUNT // 4))
            postgres.kill()
            await asyncio.to_thread(postgres.start)
            await until(lambda: desk.has(COUNT), within=60)
            await until(desk.is_idle, within=60)
            info = await broker.jetstream.consumer_info(FACTS, "desk")
        await desk.close()

    assert info.num_redelivered == 0


async def test_facts_told_while_nats_is_away_arrive_afterwards(postgres: Postgres, nats: Nats) -> None:
    async with Broker(nats.url()) as broker:
        desk = Desk(postgres, broker)
        await declare(broker, consumers=[desk.consumer])
        nats.stop()
        async with running(*desk.loops):
            await desk.tell_all()
            await asyncio.to_thread(nats.start)
            await until(lambda: desk.has(COUNT), within=60)
        await desk.close()


async def test_a_process_starts_without_nats_and_finds_it_later(postgres: Postgres, nats: Nats) -> None:
    async with Broker(nats.url()) as broker:
        await declare(broker, consumers=[Desk(postgres, broker).consumer])
    nats.stop()

    async with Broker(nats.url()) as broker:
        assert not broker.connected
        desk = Desk(postgres, broker)
        async with running(*desk.loops):
            await desk.tell_all()
            await asyncio.to_thread(nats.start)
            await until(lambda: desk.has(COUNT), within=60)
        await desk.close()


async def test_work_in_hand_when_nats_dies_is_answered_once(nats: Nats) -> None:
    is_held, may_end = asyncio.Event(), asyncio.Event()

    async def fill(work: Any, job: Job) -> None:
        is_held.set()
        await may_end.wait()
        await job.tell(Filled(text=work.text))

    async with Broker(nats.url()) as broker:
        worker = Worker("FillBox", FillBox, broker, fill, ack_wait=timedelta(seconds=3))
        await declare(broker, workers=[worker])
        await broker.publish("work.FillBox", FillBox(text="a").SerializeToString(), {"Nats-Msg-Id": "w1"})
        async with running(worker.loop):
            await is_held.wait()
            nats.kill()
            may_end.set()
            await asyncio.to_thread(nats.start)
            await until(lambda: _is_done(broker), within=60)
        facts = (await broker.jetstream.stream_info(FACTS)).state.messages

    assert facts == 1


async def _is_done(broker: Broker) -> bool:
    return not (await broker.jetstream.stream_info(WORK)).state.messages


async def test_a_listener_goes_on_without_a_gap_after_nats_died(nats: Nats) -> None:
    async with Broker(nats.url()) as broker:
        await declare(broker)
        heard = []
        await _publish(broker, "0")
        async for _, _, payload in listen(broker, ["korrigo.>"], start_after=0):
            heard.append(Filled.FromString(payload).text)
            if len(heard) == 1:
                nats.kill()
                await asyncio.to_thread(nats.start)
                await _publish(broker, "1")
                await _publish(broker, "2")
            if len(heard) == 3:
                break

    assert heard == ["0", "1", "2"]


async def _publish(broker: Broker, name: str) -> None:
    await broker.publish("korrigo.sample.v1.Filled", Filled(text=name).SerializeToString(), {}, patience=30)
