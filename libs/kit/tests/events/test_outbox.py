"""The outbox and its relay: told with the transaction, moved in order, never lost."""

from typing import Any

import pytest
from kit.db import Database
from kit.events import Broker, Consumer, Job, Relay, Worker, declare, order, tell
from kit.events.streams import WORK
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from libs.kit.tests.events.desk import (
    has,
    is_idle,
    stored,
    tell_all,
    texts_of,
)
from libs.kit.tests.sample.messages import FillBox, Filled
from libs.kit.tests.waiting import running, until


async def test_a_fact_of_a_failed_transaction_is_never_told(database: Database, broker: Broker) -> None:
    async def fail() -> None:
        async with database.transaction() as session:
            await tell(session, Filled(text="never"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    await tell_all(database, "told")
    async with running(Relay(database.dsn, "sample", broker).loop):
        assert await texts_of(broker, 1) == ["told"]


async def test_a_fact_is_published_at_once_not_at_the_next_poll(
    database: Database, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(Relay(database.dsn, "sample", broker).loop):
        await tell_all(database, "first")
        await until(lambda: has(broker, 1))
        monkeypatch.setattr("kit.events.relay.POLL", 10.0)
        await tell_all(database, "second")  # may still be met by a short poll
        await until(lambda: has(broker, 2))
        await tell_all(database, "third")
        await until(lambda: has(broker, 3), within=5)
        monkeypatch.setattr("kit.events.relay.POLL", 0.2)
        await tell_all(database, "last")


async def test_a_fact_above_the_limit_is_refused_by_the_schema(database: Database) -> None:
    with pytest.raises(IntegrityError, match="payload_size"):
        await tell_all(database, "x" * 300_000)


async def test_two_relays_lose_nothing_and_keep_the_order(database: Database, broker: Broker) -> None:
    texts = [str(number) for number in range(1500)]
    relays = [Relay(database.dsn, "sample", broker) for _ in range(2)]

    async with running(*(relay.loop for relay in relays)):
        for start in range(0, 1500, 100):
            await tell_all(database, *texts[start : start + 100])
        assert await texts_of(broker, 1500) == texts
    assert await stored(broker) == 1500


async def test_a_relay_killed_before_it_marked_sends_nothing_twice(
    database: Database, broker: Broker
) -> None:
    await tell_all(database, "a", "b")
    async with running(Relay(database.dsn, "sample", broker).loop):
        await until(lambda: has(broker, 2))
    async with database.transaction() as session:
        await session.execute(text("UPDATE outbox SET published_at = NULL"))

    async with running(Relay(database.dsn, "sample", broker).loop):
        await tell_all(database, "c")
        assert await texts_of(broker, 3) == ["a", "b", "c"]


async def test_a_row_that_the_broker_refuses_holds_up_no_other(database: Database, broker: Broker) -> None:
    async with database.transaction() as session:
        row = "gen_random_uuid(), 'nowhere', '', '{}'"
        await session.execute(text(f"INSERT INTO outbox (id, subject, payload, headers) VALUES ({row})"))
    await tell_all(database, "told")

    async with running(Relay(database.dsn, "sample", broker).loop):
        assert await texts_of(broker, 1) == ["told"]


async def test_an_order_reaches_one_worker(database: Database, broker: Broker) -> None:
    heard = []

    async def fill(work: Any, job: Job) -> None:
        heard.append((work.text, job.id))

    workers = [Worker("FillBox", FillBox, broker, fill) for _ in range(2)]
    await declare(broker, workers=workers)
    async with database.transaction() as session:
        await order(session, "FillBox", *(FillBox(text=str(number)) for number in range(20)))
    async with running(Relay(database.dsn, "sample", broker).loop, *(worker.loop for worker in workers)):
        await until(lambda: len(heard) >= 20)

    assert sorted(int(each) for each, _ in heard) == list(range(20))
    assert len({job for _, job in heard}) == 20


def current_trace() -> int:
    return trace.get_current_span().get_span_context().trace_id


async def test_a_trace_goes_through_the_outbox_to_the_work_and_on_to_its_answer(
    database: Database, broker: Broker
) -> None:
    traces: list[int] = []
    consumer = Consumer("sample", database, broker)

    async def fill(work: Any, job: Job) -> None:
        traces.append(current_trace())
        await job.tell(Filled(text=work.text))

    @consumer.on(Filled)
    async def hear(_fact: Any, _session: AsyncSession) -> None:
        traces.append(current_trace())

    worker = Worker("FillBox", FillBox, broker, fill)
    await declare(broker, consumers=[consumer], workers=[worker])
    span = SpanContext(trace_id=0xABCDEF, span_id=1, is_remote=False, trace_flags=TraceFlags(1))
    with trace.use_span(NonRecordingSpan(span)):
        async with database.transaction() as session:
            await order(session, "FillBox", FillBox(text="a"))
    async with running(Relay(database.dsn, "sample", broker).loop, worker.loop, consumer.loop):
        await until(lambda: is_idle(broker, "FillBox", WORK))
        await until(lambda: len(traces) >= 2)

    assert traces == [0xABCDEF, 0xABCDEF]
