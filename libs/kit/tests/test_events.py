"""Facts and work over a real PostgreSQL and a real NATS: nothing lost, nothing done twice."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from kit import errors, events
from kit.db import Conflict, Database
from kit.events import Broker, Consumer, Durable, Job, Relay, Worker, declare, listen, order, tell
from kit.events.streams import FACTS, WORK
from kit.testing import DatabaseFor
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from libs.kit.tests.sample.messages import Emptied, FillBox, Filled
from libs.kit.tests.waiting import running, until

PACKAGE = "libs.kit.tests.sample.migrations"


@pytest.fixture
def database(database_for: DatabaseFor) -> Database:
    return database_for(PACKAGE, "sample")


@pytest.fixture(autouse=True)
def _short_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kit.events.pull._DELAYS", (0.02, 0.02, 0.02, 0.02))
    monkeypatch.setattr("kit.events.pull.FETCH", 0.2)
    monkeypatch.setattr("kit.events.pull.LONGEST_PAUSE", 0.1)


async def tell_all(database: Database, *texts: str) -> None:
    async with database.transaction() as session:
        await tell(session, *(Filled(text=each) for each in texts))


async def stored(broker: Broker, stream: str = FACTS) -> int:
    return (await broker.jetstream.stream_info(stream)).state.messages


async def texts_of(broker: Broker, count: int) -> list[str]:
    """Read what the stream of facts holds."""
    found = []
    async for _, _, payload in listen(broker, ["korrigo.>"], start_after=0):
        found.append(Filled.FromString(payload).text)
        if len(found) == count:
            break
    return found


async def dead(broker: Broker) -> list[events.Letter]:
    return [letter async for letter in events.letters(broker)]


async def content(database: Database, name: str = "box") -> int:
    async with database.transaction() as session:
        found = await session.scalar(text("SELECT content FROM boxes WHERE name = :n"), {"n": name})
        return int(found or 0)


async def add_one(session: AsyncSession, name: str = "box") -> None:
    await session.execute(
        text("INSERT INTO boxes VALUES (:n, 1) ON CONFLICT (name) DO UPDATE SET content = boxes.content + 1"),
        {"n": name},
    )


def adding_consumer(database: Database, broker: Broker, name: str = "sample") -> Consumer:
    consumer = Consumer(name, database, broker)

    @consumer.on(Filled)
    async def add(_fact: Any, session: AsyncSession) -> None:
        await add_one(session)

    return consumer


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


async def test_a_fact_arrives_within_a_fraction_of_the_poll(database: Database, broker: Broker) -> None:
    async with running(Relay(database.dsn, "sample", broker).loop):
        await tell_all(database, "first")
        await until(lambda: _has(broker, 1))
        start = asyncio.get_running_loop().time()
        await tell_all(database, "second")
        await until(lambda: _has(broker, 2))

    assert asyncio.get_running_loop().time() - start < 0.7 + 1


async def _has(broker: Broker, count: int, stream: str = FACTS) -> bool:
    return await stored(broker, stream) >= count


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
        await until(lambda: _has(broker, 2))
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


async def test_a_consumer_has_its_effect_once_per_fact(database: Database, broker: Broker) -> None:
    consumer = adding_consumer(database, broker)
    await declare(broker, consumers=[consumer])
    await tell_all(database, *map(str, range(50)))

    async with running(Relay(database.dsn, "sample", broker).loop, consumer.loop):
        await until(lambda: _contains(database, 50))
        info = await broker.jetstream.consumer_info(FACTS, "sample")
        await until(lambda: _is_idle(broker, "sample"))
        assert info.config.max_deliver == -1
        assert not info.config.backoff
    assert await content(database) == 50


async def _contains(database: Database, count: int) -> bool:
    return await content(database) >= count


async def _is_idle(broker: Broker, durable: str, stream: str = FACTS) -> bool:
    info = await broker.jetstream.consumer_info(stream, durable)
    return not info.num_pending and not info.num_ack_pending


async def test_a_fact_heard_again_changes_nothing(database: Database, broker: Broker) -> None:
    consumer = adding_consumer(database, broker)
    await declare(broker, consumers=[consumer])
    headers = {"Nats-Msg-Id": "e1"}
    await broker.publish("korrigo.sample.v1.Filled", b"", headers)
    async with running(consumer.loop):
        await until(lambda: _contains(database, 1))
        await until(lambda: _is_idle(broker, "sample"))
    await broker.jetstream.delete_consumer(FACTS, "sample")
    await declare(broker, consumers=[consumer])

    async with running(consumer.loop):
        await until(lambda: _is_idle(broker, "sample"))
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
        await until(lambda: _is_idle(broker, "sample"))

    [letter] = await dead(broker)
    assert len(tries) == 5
    assert letter.reason == "ZeroDivisionError"
    assert "raise ZeroDivisionError" in letter.stack
    assert letter.subject == "korrigo.sample.v1.Filled"
    assert Filled.FromString(letter.payload).text == "poison"
    assert await content(database) == 1


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
        await until(lambda: _equals(database, "mended", 1))
        await until(lambda: _is_idle(broker, "other"))

    assert await dead(broker) == []
    assert await content(database) == 1


async def _equals(database: Database, name: str, count: int) -> bool:
    return await content(database, name) == count


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
        await until(lambda: _is(is_over))
        await until(lambda: _is_idle(broker, "sample"))
        info = await broker.jetstream.consumer_info(FACTS, "sample")

    assert info.num_redelivered == 0
    assert await dead(broker) == []


async def _is(event: asyncio.Event) -> bool:
    return event.is_set()


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
        await until(lambda: _contains(database, 1))

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
            await until(lambda: _is(was_tried))
    is_over.set()
    async with running(consumer.loop):
        await until(lambda: _contains(database, 1))

    assert await dead(broker) == []


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
        await until(lambda: _is_idle(broker, "FillBox", WORK))

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
        await until(lambda: _is_idle(broker, "FillBox", WORK))

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
        await until(lambda: _is(holds))

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
            await until(lambda drains=drains: _is_long(holders, drains))  # type: ignore[misc]

    assert await dead(broker) == []
    assert await stored(broker, WORK) == 1


async def _is_long(found: list[Any], length: int) -> bool:
    return len(found) >= length


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
        await until(lambda: _is_idle(broker, "counted"))

    labels = {"consumer": "counted", "kind": "korrigo.sample.v1.Filled"}
    ends = {
        end: REGISTRY.get_sample_value("korrigo_event_heard_total", {**labels, "outcome": end})
        for end in ("done", "failed", "dead")
    }
    assert ends == {"done": 1, "failed": 4, "dead": 1}
    assert REGISTRY.get_sample_value("korrigo_event_dead_total", labels) == 1


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
        await until(lambda: _is_idle(broker, "FillBox", WORK))

    assert checks == [0, 0]
    assert len(done) == 1


async def test_an_unknown_subject_waits_for_a_newer_pod_and_counts_nothing(
    database: Database, broker: Broker
) -> None:
    consumer = adding_consumer(database, broker)
    kinds = ("korrigo.sample.v1.Emptied", "korrigo.sample.v1.Filled")
    await declare(broker, consumers=[Durable("sample", kinds)])
    await broker.publish("korrigo.sample.v1.Emptied", Emptied().SerializeToString(), {"Nats-Msg-Id": "e1"})
    await broker.publish("korrigo.sample.v1.Filled", b"", {"Nats-Msg-Id": "e2"})
    async with running(consumer.loop):
        await until(lambda: _contains(database, 1))
    info = await broker.jetstream.consumer_info(FACTS, "sample")

    assert info.num_ack_pending == 1
    assert await dead(broker) == []


async def test_declaring_again_changes_nothing(database: Database, broker: Broker) -> None:
    consumer = adding_consumer(database, broker)
    await declare(broker, consumers=[consumer], workers=[Durable.work("FillBox")])
    before = await broker.jetstream.consumer_info(FACTS, "sample")
    await declare(broker, consumers=[consumer], workers=[Durable.work("FillBox")])
    after = await broker.jetstream.consumer_info(FACTS, "sample")

    assert before.created == after.created


async def test_a_listener_starts_where_it_was_and_goes_on(broker: Broker) -> None:
    for number in range(4):
        await broker.publish("korrigo.sample.v1.Filled", Filled(text=str(number)).SerializeToString(), {})
    await broker.publish("korrigo.sample.v1.Emptied", b"", {})

    heard = []
    async for sequence, _, payload in listen(broker, ["korrigo.sample.v1.Filled"], start_after=2):
        heard.append((sequence, Filled.FromString(payload).text))
        if len(heard) == 2:
            await broker.publish("korrigo.sample.v1.Filled", Filled(text="5").SerializeToString(), {})
        if len(heard) == 3:
            break

    assert heard == [(3, "2"), (4, "3"), (6, "5")]


@pytest.mark.parametrize("start_after", [0, 9])
async def test_a_listener_that_is_too_far_away_is_told_so(broker: Broker, start_after: int) -> None:
    for number in range(3):
        await broker.publish("korrigo.sample.v1.Filled", Filled(text=str(number)).SerializeToString(), {})
    await broker.jetstream.purge_stream(FACTS, keep=1)

    with pytest.raises(events.TooOld):
        await anext(listen(broker, ["korrigo.>"], start_after=start_after))


async def test_an_order_reaches_one_worker(database: Database, broker: Broker) -> None:
    heard = []

    async def fill(work: Any, job: Job) -> None:
        heard.append((work.text, job.id))

    workers = [Worker("FillBox", FillBox, broker, fill) for _ in range(2)]
    await declare(broker, workers=workers)
    async with database.transaction() as session:
        await order(session, "FillBox", *(FillBox(text=str(number)) for number in range(20)))
    async with running(Relay(database.dsn, "sample", broker).loop, *(worker.loop for worker in workers)):
        await until(lambda: _is_long(heard, 20))

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
        await until(lambda: _is_idle(broker, "FillBox", WORK))
        await until(lambda: _is_long(traces, 2))

    assert traces == [0xABCDEF, 0xABCDEF]
