"""A queue tells how long it is and how old its oldest message."""

from typing import Any

from kit.db import Database
from kit.events import Broker, declare
from kit.events.queue import QueueWatch
from prometheus_client import REGISTRY

from libs.kit.tests.events.desk import adding_consumer, is_idle
from libs.kit.tests.waiting import running, until

TELL: dict[str, Any] = {"subject": "korrigo.sample.v1.Filled", "payload": b"", "headers": {}}


def told(name: str, durable: str = "sample") -> float:
    return REGISTRY.get_sample_value(name, {"consumer": durable}) or 0


async def test_what_nobody_takes_waits_and_grows_old(database: Database, broker: Broker) -> None:
    consumer = adding_consumer(database, broker)
    await declare(broker, consumers=[consumer])
    watch = QueueWatch(broker, consumer.durable)
    await watch.look()
    assert (told("korrigo_queue_waiting"), told("korrigo_queue_oldest_seconds")) == (0, 0)

    for _ in range(3):
        await broker.publish(**TELL)
    await watch.look()

    assert told("korrigo_queue_waiting") == 3
    assert 0 < told("korrigo_queue_oldest_seconds") < 10


async def test_the_message_taken_last_tells_the_age_of_the_next(database: Database, broker: Broker) -> None:
    consumer = adding_consumer(database, broker)
    await declare(broker, consumers=[consumer])
    watch = QueueWatch(broker, consumer.durable)
    watch._waiting_since -= 3600
    subscription = await broker.jetstream.pull_subscribe_bind("sample", "FACTS")
    for _ in range(2):
        await broker.publish(**TELL)

    [taken] = await subscription.fetch(1)
    watch.taken(taken)
    await watch.look()

    assert (told("korrigo_queue_waiting"), told("korrigo_queue_out")) == (1, 1)
    assert told("korrigo_queue_oldest_seconds") < 10


async def test_a_consumer_measures_its_queue_by_itself(database: Database, broker: Broker) -> None:
    consumer = adding_consumer(database, broker)
    await declare(broker, consumers=[consumer])
    await broker.publish(**TELL)
    before = told("korrigo_queue_wait_seconds_count")

    async with running(consumer.loop):
        await until(lambda: is_idle(broker, "sample"))

    assert told("korrigo_queue_wait_seconds_count") == before + 1
