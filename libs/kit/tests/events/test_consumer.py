"""Facts have their effect once; only failures count, and five are enough."""

import asyncio
from typing import Any

from kit import errors
from kit.db import Conflict, Database
from kit.events import Broker, Consumer, Durable, Relay, declare
from kit.events.streams import FACTS
from prometheus_client import REGISTRY
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
from libs.kit.tests.sample.messages import Emptied, Filled
from libs.kit.tests.waiting import running, until


async def test_a_consumer_has_its_effect_once_per_fact(database: Database, broker: Broker) -> None:
    consumer = adding_consumer(database, broker)
    await declare(broker, consumers=[consumer])
    await tell_all(database, *map(str, range(50)))

    async with running(Relay(database.dsn, "sample", broker).loop, consumer.loop):
        await until(lambda: contains(database, 50))
        info = await broker.jetstream.consumer_info(FACTS, "sample")
        await until(lambda: is_idle(broker, "sample"))
        assert info.config.max_deliver == -1
        assert not info.config.backoff
    assert await content(database) == 50


async def test_a_fact_heard_again_changes_nothing(database: Database, broker: Broker) -> None:
    consumer = adding_consumer(database, broker)
    await declare(broker, consumers=[consumer])
    headers = {"Nats-Msg-Id": "e1"}
    await broker.publish("korrigo.sample.v1.Filled", b"", headers)
    async with running(consumer.loop):
        await until(lambda: contains(database, 1))
        await until(lambda: is_idle(broker, "sample"))
    await broker.jetstream.delete_consumer(FACTS, "sample")
    await declare(broker, consumers=[consumer])

    async with running(consumer.loop):
        await until(lambda: is_idle(broker, "sample"))
    assert await content(database) == 1


async def test_a_poisoned_fact_is_dead_once_after_five_failures(database: Database, broker: Broker) -> None:
    consumer, tries = Consumer("sample", database, broker), []

    @consumer.on(Filled)
    async def fail(fact: Any, session: AsyncSession) -> None:
        await add_one(session)
        if fact.text == "poison":
            tries.append(fact.text)
            raise ZeroDivisionError("no")

    await declare(broker, consumers=[consumer])
    await tell_all(database, "poison", "good")
    async with running(Relay(database.dsn, "sample", broker).loop, consumer.loop):
        await until(lambda: dead(broker))
        await until(lambda: is_idle(broker, "sample"))

    [letter] = await dead(broker)
    assert len(tries) == 5
    assert letter.reason == "ZeroDivisionError"
    assert "raise ZeroDivisionError" in letter.stack
    assert letter.subject == "korrigo.sample.v1.Filled"
    assert Filled.FromString(letter.payload).text == "poison"
    assert await content(database) == 1


async def test_an_outage_keeps_a_fact_in_hand_and_counts_nothing(database: Database, broker: Broker) -> None:
    consumer, tries, is_over = Consumer("sample", database, broker), [], asyncio.Event()

    @consumer.on(Filled, transaction=False)
    async def reach_out(_fact: Any) -> None:
        tries.append(1)
        if len(tries) == 7:
            is_over.set()
        if not is_over.is_set():
            raise errors.Unavailable

    await declare(broker, consumers=[consumer])
    await tell_all(database, "patient")
    async with running(Relay(database.dsn, "sample", broker).loop, consumer.loop):
        await until(is_over.is_set)
        await until(lambda: is_idle(broker, "sample"))
        info = await broker.jetstream.consumer_info(FACTS, "sample")

    assert info.num_redelivered == 0
    assert await dead(broker) == []


async def test_a_lost_race_is_tried_again_and_counts_nothing(database: Database, broker: Broker) -> None:
    consumer, tries = Consumer("sample", database, broker), []

    @consumer.on(Filled)
    async def race(_fact: Any, session: AsyncSession) -> None:
        tries.append(1)
        await add_one(session)
        if len(tries) < 7:
            raise Conflict

    await declare(broker, consumers=[consumer])
    await tell_all(database, "contended")
    async with running(Relay(database.dsn, "sample", broker).loop, consumer.loop):
        await until(lambda: contains(database, 1))

    assert await dead(broker) == []


async def test_six_drains_during_an_outage_count_nothing(database: Database, broker: Broker) -> None:
    consumer, is_over, was_tried = Consumer("sample", database, broker), asyncio.Event(), asyncio.Event()

    @consumer.on(Filled)
    async def reach_out(_fact: Any, session: AsyncSession) -> None:
        was_tried.set()
        if not is_over.is_set():
            raise errors.Unavailable
        await add_one(session)

    await declare(broker, consumers=[consumer])
    await broker.publish("korrigo.sample.v1.Filled", b"", {"Nats-Msg-Id": "e1"})
    for _ in range(6):
        was_tried.clear()
        async with running(consumer.loop):
            await until(was_tried.is_set)
    is_over.set()
    async with running(consumer.loop):
        await until(lambda: contains(database, 1))

    assert await dead(broker) == []


async def test_an_unknown_subject_waits_for_a_newer_pod_and_counts_nothing(
    database: Database, broker: Broker
) -> None:
    consumer = adding_consumer(database, broker)
    kinds = ("korrigo.sample.v1.Emptied", "korrigo.sample.v1.Filled")
    await declare(broker, consumers=[Durable("sample", kinds)])
    await broker.publish("korrigo.sample.v1.Emptied", Emptied().SerializeToString(), {"Nats-Msg-Id": "e1"})
    await broker.publish("korrigo.sample.v1.Filled", b"", {"Nats-Msg-Id": "e2"})
    async with running(consumer.loop):
        await until(lambda: contains(database, 1))
    info = await broker.jetstream.consumer_info(FACTS, "sample")

    assert info.num_ack_pending == 1
    assert await dead(broker) == []


async def test_every_end_of_a_message_is_counted(database: Database, broker: Broker) -> None:
    consumer = Consumer("counted", database, broker)

    @consumer.on(Filled, transaction=False)
    async def fail(fact: Any) -> None:
        if fact.text == "poison":
            raise errors.NotFound

    await declare(broker, consumers=[consumer])
    await tell_all(database, "poison", "good")
    async with running(Relay(database.dsn, "sample", broker).loop, consumer.loop):
        await until(lambda: dead(broker))
        await until(lambda: is_idle(broker, "counted"))

    labels = {"consumer": "counted", "kind": "korrigo.sample.v1.Filled"}
    ends = {
        end: REGISTRY.get_sample_value("korrigo_event_heard_total", {**labels, "outcome": end})
        for end in ("done", "failed", "dead")
    }
    assert ends == {"done": 1, "failed": 4, "dead": 1}
    assert REGISTRY.get_sample_value("korrigo_event_dead_total", labels) == 1


async def test_declaring_again_changes_nothing(database: Database, broker: Broker) -> None:
    consumer = adding_consumer(database, broker)
    await declare(broker, consumers=[consumer], workers=[Durable.work("FillBox")])
    before = await broker.jetstream.consumer_info(FACTS, "sample")
    await declare(broker, consumers=[consumer], workers=[Durable.work("FillBox")])
    after = await broker.jetstream.consumer_info(FACTS, "sample")

    assert before.created == after.created
