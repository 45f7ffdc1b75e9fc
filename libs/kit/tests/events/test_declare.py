"""Streams and durables are declared by every release, again and again."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from ctl.rights import Rights
from kit.events import Broker, Durable, NotDeclared, declare
from local.broker import Nats
from nats.js.api import ConsumerConfig

SAMPLE = Durable("sample", ("korrigo.sample.v1.>",))


async def known(broker: Broker) -> ConsumerConfig:
    """Read what the server knows of the durable."""
    found: ConsumerConfig = (await broker.jetstream.consumer_info("FACTS", "sample")).config
    return found


async def test_a_repeat_changes_nothing(broker: Broker) -> None:
    await declare(broker, consumers=[SAMPLE])
    before = await known(broker)

    await declare(broker, consumers=[SAMPLE])

    assert await known(broker) == before


async def test_a_durable_takes_what_the_next_release_says_and_keeps_its_place(broker: Broker) -> None:
    await declare(broker, consumers=[SAMPLE])
    await broker.publish("korrigo.sample.v1.Filled", b"", {})
    await broker.publish("korrigo.other.v1.Emptied", b"", {})
    subscription = await broker.jetstream.pull_subscribe_bind("sample", "FACTS")
    (message,) = await subscription.fetch(1, timeout=5)
    await message.ack_sync()

    more = replace(SAMPLE, subjects=("korrigo.other.v1.>", *SAMPLE.subjects), ack_wait=timedelta(minutes=2))
    await declare(broker, consumers=[more])

    assert (await known(broker)).ack_wait == 120
    assert (await known(broker)).filter_subjects == ["korrigo.other.v1.>", "korrigo.sample.v1.>"]
    info = await broker.jetstream.consumer_info("FACTS", "sample")
    assert info.ack_floor is not None
    assert info.ack_floor.stream_seq == 1


async def test_what_the_server_never_changes_stays_as_it_was_made(broker: Broker) -> None:
    await broker.jetstream.add_consumer("FACTS", SAMPLE.config().evolve(max_waiting=7))

    await declare(broker, consumers=[SAMPLE])

    assert (await known(broker)).max_waiting == 7


async def test_what_the_server_refuses_is_told_in_its_words(broker: Broker) -> None:
    with pytest.raises(NotDeclared, match=r"NATS at .* refuses: .*replicas"):
        await declare(broker, replicas=3)


async def test_a_server_that_comes_late_is_waited_for(tmp_path: Path) -> None:
    late = Nats(tmp_path / "nats")
    async with Broker(late.url()) as broker:
        declaring = asyncio.create_task(declare(broker))
        await asyncio.to_thread(late.start)
        try:
            await declaring
            assert (await broker.jetstream.stream_info("FACTS")).config.name == "FACTS"
        finally:
            await asyncio.to_thread(late.stop)


async def test_a_wrong_password_is_told_as_such(tmp_path: Path) -> None:
    server = Nats(tmp_path / "nats", users={"migrate": Rights("right")})
    await asyncio.to_thread(server.start)
    try:
        async with Broker(server.url("migrate").replace("right", "wrong")) as broker:
            with pytest.raises(NotDeclared, match=r"NATS at 127.0.0.1:\d+ does not answer .*Authorization"):
                await declare(broker, within=1)
    finally:
        await asyncio.to_thread(server.stop)
