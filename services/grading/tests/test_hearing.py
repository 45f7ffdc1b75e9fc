"""Facts over a real broker: each has its effect once, in whatever order it comes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from google.protobuf.message import Message
from grading.consumers import consumer
from grading.store import STAMP
from kit.events import Broker, Durable, Relay, declare
from kit.runtime import Loop
from korrigo.grading.v1.grading_events_pb2 import CopyChanged
from korrigo.ingest.v1 import ingest_events_pb2 as ingest
from korrigo.ingest.v1 import ingest_pb2
from korrigo.rasterizer.v1 import rasterizer_events_pb2 as rasterizer
from korrigo.rasterizer.v1 import rasterizer_work_pb2 as work

from services.grading.tests.desk import FINALIZE_FAILED, FINALIZED, OPEN, Grading
from services.grading.tests.journal import Browser


@pytest_asyncio.fixture
async def hearing(grading: Grading, broker: Broker) -> AsyncIterator[Grading]:
    """Give a grading service that hears and tells."""
    listener = consumer(grading.database, broker, Random(7))
    await declare(broker, consumers=[listener], workers=[Durable.work(STAMP)])
    relay = Relay(grading.database.dsn, "grading", broker)
    async with running(listener.loop, relay.loop):
        yield grading


@asynccontextmanager
async def running(*loops: Loop) -> AsyncIterator[None]:
    """Run loops for the time of a context."""
    stopping = asyncio.Event()
    tasks = [asyncio.ensure_future(loop(stopping)) for loop in loops]
    try:
        yield
    finally:
        stopping.set()
        async with asyncio.timeout(20):
            await asyncio.gather(*tasks)


async def until(condition: Callable[[], Awaitable[Any]]) -> None:
    """Poll until a condition holds."""
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110 -- the state is in the database
            await asyncio.sleep(0.02)


async def tell(broker: Broker, fact: Message) -> None:
    """Tell a fact under an id of its own, as its service would."""
    headers = {"Nats-Msg-Id": str(uuid4())}
    await broker.jetstream.publish(fact.DESCRIPTOR.full_name, fact.SerializeToString(), headers=headers)


def ready(grading: Grading, copy_id: str) -> ingest.CopyReady:
    """Give the fact that a copy is prepared."""
    page = ingest.ReadyPage(page_id="p1", image="i1", thumbnail="t1", width=1240, height=1754)
    return ingest.CopyReady(
        copy_id=copy_id, exam_id=grading.exam_id, pages_version=1, pdf_key="copies/c/1.pdf", pages=[page]
    )


async def test_a_ready_copy_opens_once_however_often_it_is_told(hearing: Grading, broker: Broker) -> None:
    await hearing.make_exam()

    for _ in range(3):
        await tell(broker, ready(hearing, "copy-1"))
    await tell(broker, ready(hearing, "copy-2"))
    await until(lambda: has_copies(hearing, 2))

    assert await hearing.told("CopyChanged") == 2
    assert all(copy.state == OPEN and copy.pages == 1 for copy in await hearing.copies())


async def test_the_ledger_blocks_until_it_settles(hearing: Grading, broker: Broker) -> None:
    await hearing.begin()
    await hearing.mark_and_finalize("copy-1")
    waiting = ingest_pb2.Open(reason="PAGES_WAITING", count=2)

    await tell(broker, ingest.LedgerChanged(exam_id=hearing.exam_id, version=3))
    await tell(broker, ingest.LedgerChanged(exam_id=hearing.exam_id, version=2, open=[waiting]))
    await until(lambda: ledger_is(hearing, 3))

    assert (await hearing.release(3)).release == 1


@pytest.mark.parametrize("is_stampable", [True, False])
async def test_what_became_of_a_pdf_is_heard(hearing: Grading, broker: Broker, is_stampable: bool) -> None:
    await hearing.begin()
    await hearing.record("copy-1", Browser().all_marks())
    await hearing.finalize("copy-1")
    about: dict[str, Any] = {"copy_id": "copy-1", "exam_id": hearing.exam_id, "content_version": 1}
    if is_stampable:
        fact: Message = rasterizer.ResultStamped(**about, result_key="results/copy-1/1.pdf", sha256="ab" * 32)
    else:
        fact = rasterizer.ResultUnstampable(**about, reason="FONT_MISSING")

    await tell(broker, fact)
    await tell(broker, fact)
    expected = FINALIZED if is_stampable else FINALIZE_FAILED
    await until(lambda: is_in(hearing, "copy-1", expected))

    assert (await hearing.copy("copy-1")).attempts == (0 if is_stampable else 1)


async def test_a_finalize_reaches_the_rasterizer_with_a_file_that_exists(
    hearing: Grading, broker: Broker
) -> None:
    await hearing.begin()
    await hearing.record("copy-1", Browser().all_marks())
    await hearing.finalize("copy-1")

    pull = await broker.jetstream.pull_subscribe_bind(STAMP, stream="WORK")
    (msg,) = await pull.fetch(1, timeout=10)
    order = work.StampCopy.FromString(msg.data)

    assert (order.copy_id, order.content_version) == ("copy-1", 1)
    assert order.copy_pdf_key == "copies/copy-1/1.pdf"
    assert order.result_key == "results/copy-1/1.pdf"
    assert await hearing.blobs.exists(order.frozen_key)


async def test_progress_is_told_to_the_others(hearing: Grading, broker: Broker) -> None:
    heard = await broker.jetstream.subscribe(CopyChanged.DESCRIPTOR.full_name)
    await hearing.begin()
    await hearing.record("copy-1", Browser().all_marks())

    facts = [CopyChanged.FromString((await heard.next_msg(timeout=10)).data) for _ in range(3)]

    assert [fact.version for fact in facts] == [1, 2, 3]
    assert (facts[-1].marker_id, facts[-1].questions, facts[-1].questions_marked) == ("ada", 3, 3)


async def has_copies(grading: Grading, count: int) -> bool:
    """Tell whether that many copies are open."""
    return len(await grading.copies()) == count


async def is_in(grading: Grading, copy_id: str, state: int) -> bool:
    """Tell whether a copy is in a state."""
    return (await grading.copy(copy_id)).state == state


async def ledger_is(grading: Grading, version: int) -> bool:
    """Tell whether the ledger of that version was heard."""
    async with grading.store() as store:
        ledger = await store.exams.ledger(grading.exam_id)
    return ledger is not None and ledger.version == version
