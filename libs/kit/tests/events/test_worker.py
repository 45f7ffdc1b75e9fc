"""Work is kept in hand while it lasts, answered once, and given back at a drain."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from kit import errors
from kit.events import Broker, Durable, Job, Worker, declare
from kit.events.streams import WORK

from libs.kit.tests.events.desk import (
    dead,
    is_idle,
    stored,
)
from libs.kit.tests.sample.messages import FillBox, Filled
from libs.kit.tests.waiting import running, until


async def test_work_is_answered_once_however_often_it_is_done(broker: Broker) -> None:
    done = []

    async def fill(work: Any, job: Job) -> None:
        done.append(work.text)
        await job.tell(Filled(text=work.text), "1")
        await job.tell(Filled(text=work.text), "2")
        if len(done) == 1:
            raise RuntimeError("after the answer")

    worker = Worker("FillBox", FillBox, broker, fill)
    await declare(broker, workers=[worker])
    await broker.publish("work.FillBox", FillBox(text="a").SerializeToString(), {"Nats-Msg-Id": "w1"})
    async with running(worker.loop):
        await until(lambda: is_idle(broker, "FillBox", WORK))

    assert done == ["a", "a"]
    assert await stored(broker) == 2
    assert await stored(broker, WORK) == 0


async def test_work_longer_than_its_ack_wait_is_not_given_to_another(broker: Broker) -> None:
    done = []

    async def fill(work: Any, _job: Job) -> None:
        await asyncio.sleep(1.2)
        done.append(work.text)

    wait = timedelta(seconds=0.3)
    workers = [Worker("FillBox", FillBox, broker, fill, ack_wait=wait) for _ in range(2)]
    await declare(broker, workers=workers)
    await broker.publish("work.FillBox", FillBox(text="a").SerializeToString(), {"Nats-Msg-Id": "w1"})
    async with running(*(worker.loop for worker in workers)):
        await until(lambda: is_idle(broker, "FillBox", WORK))

    assert done == ["a"]


async def test_a_worker_told_to_stop_finishes_what_it_holds(broker: Broker) -> None:
    holds, done = asyncio.Event(), []

    async def fill(work: Any, job: Job) -> None:
        holds.set()
        await asyncio.sleep(0.3)
        await job.tell(Filled(text=work.text))
        done.append(work.text)

    worker = Worker("FillBox", FillBox, broker, fill, slots=1)
    await declare(broker, workers=[worker])
    for number in range(3):
        await broker.publish("work.FillBox", FillBox(text=str(number)).SerializeToString(), {})
    async with running(worker.loop):
        await until(holds.is_set)

    assert done == ["0"]
    assert await stored(broker, WORK) == 2


async def test_work_that_outlasts_the_drain_is_given_back_and_counts_nothing(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kit.events.pull.GRACE", 0.1)
    holders: list[str] = []

    async def hang(_work: Any, job: Job) -> None:
        holders.append(job.id)
        await asyncio.Event().wait()

    worker = Worker("FillBox", FillBox, broker, hang, slots=1)
    await declare(broker, workers=[worker])
    await broker.publish("work.FillBox", b"", {"Nats-Msg-Id": "w1"})
    for drains in range(1, 8):
        async with running(worker.loop):
            await until(lambda: len(holders) >= drains)  # noqa: B023 -- called at once

    assert await dead(broker) == []
    assert await stored(broker, WORK) == 1


async def test_a_worker_fetches_nothing_before_its_needs_answer(broker: Broker) -> None:
    checks: list[int] = []
    done: list[str] = []

    async def ping() -> None:
        checks.append(len(done))
        if len(checks) < 2:
            raise errors.Unavailable

    async def fill(work: Any, _job: Job) -> None:
        done.append(work.text)

    worker = Worker("FillBox", FillBox, broker, fill, needs=[ping])
    await declare(broker, workers=[worker])
    await broker.publish("work.FillBox", b"", {})
    async with running(worker.loop):
        await until(lambda: is_idle(broker, "FillBox", WORK))

    assert checks == [0, 0]
    assert len(done) == 1


async def test_a_message_that_kills_its_holders_is_dead_after_the_fifth(broker: Broker) -> None:
    durable = Durable.work("FillBox", ack_wait=timedelta(seconds=0.3))
    await declare(broker, workers=[durable])
    await broker.publish("work.FillBox", b"", {"Nats-Msg-Id": "w1"})
    holders = []

    async def die(_work: Any, _job: Job) -> None:
        holders.append(1)
        await asyncio.Event().wait()

    for _ in range(6):
        async with Broker(broker._url) as mortal:
            worker = Worker("FillBox", FillBox, mortal, die, ack_wait=durable.ack_wait)
            task = asyncio.ensure_future(worker.loop(asyncio.Event()))
            seen = len(holders)
            await until(lambda seen=seen: _died_or_dead(broker, holders, seen))  # type: ignore[misc]
            await mortal._client.close()  # as a killed process would: no word to anyone
            task.cancel()
    [letter] = await dead(broker)

    assert len(holders) == 5
    assert letter.reason == "HOLDERS_DIED"


async def _died_or_dead(broker: Broker, holders: list[int], seen: int) -> bool:
    return len(holders) > seen or bool(await dead(broker))
