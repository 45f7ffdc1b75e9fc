"""From the upload to the release over a real broker; the rasterizer and grading are told for."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest_asyncio
from google.protobuf.message import Message
from ingest.__main__ import WORK
from ingest.app import results, roster, staging
from ingest.consumers import consumer, files_consumer
from ingest.domain.copy import Copy
from ingest.domain.copy import State as CopyState
from ingest.domain.export import State as ExportState
from ingest.domain.results import Exam
from ingest.domain.scan import Scan, State
from kit.blobs import Blobs
from kit.events import Broker, Durable, Relay, declare
from kit.runtime import Loop
from korrigo.grading.v1.grading_events_pb2 import ResultsReleased
from korrigo.ingest.v1.ingest_events_pb2 import ResultsAnnounced, ScanChanged, ScanReceived
from korrigo.rasterizer.v1 import rasterizer_events_pb2 as rasterizer
from korrigo.rasterizer.v1 import rasterizer_work_pb2 as work
from prometheus_client import REGISTRY

from services.ingest.tests import paper
from services.ingest.tests.desk import Desk
from services.ingest.tests.marks import Marks

CONTENT = b"%PDF-1.7 a pile of paper"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
ROSTER = "Nom;Prénom\nDUPONT;Jean\nDURAND;Léa\nPETIT;Zoé\n".encode()


class Hearing(Desk):
    """A desk whose facts travel."""

    broker: Broker
    blobs: Blobs
    marks: Marks

    async def tell(self, fact: Message) -> None:
        """Tell a fact under an id of its own, as its service would."""
        headers = {"Nats-Msg-Id": str(uuid4())}
        subject = fact.DESCRIPTOR.full_name
        await self.broker.jetstream.publish(subject, fact.SerializeToString(), headers=headers)

    async def uploaded(self, content: bytes = CONTENT) -> Scan:
        """Put a chunk and hand it over."""
        prefix = f"uploads/{uuid4()}"
        await self.blobs.put(f"{prefix}/0", content)
        return await self.upload(size=len(content), prefix=prefix)

    async def rendered(self, scan: Scan, first: int, last: int) -> None:
        """Tell that a slice was rendered."""
        about = {"scan_id": scan.id, "exam_id": self.exam}
        sides = [_side(number) for number in range(first, last + 1)]
        await self.tell(rasterizer.SidesRendered(**about, sides=sides))

    async def is_in(self, scan: Scan, state: State) -> bool:
        """Tell whether a scan is in a state."""
        return (await self.scan(scan.id)).state is state


@pytest_asyncio.fixture
async def hearing(desk: Desk, broker: Broker, blobs: Blobs) -> AsyncIterator[Hearing]:
    """Give a desk that hears and tells."""
    on = Hearing(desk.database)
    on.broker, on.blobs = broker, blobs
    on.marks = Marks(Exam(on.exam, "Maths", "2026-06-01", is_released=True))
    rows = consumer(desk.database, broker, lambda: paper.NOON)
    files = files_consumer(desk.database, broker, blobs, on.marks)
    await declare(broker, consumers=[rows, files], workers=[Durable.work(verb.__name__) for verb in WORK])
    relay = Relay(desk.database.dsn, "ingest", broker)
    async with _running(rows.loop, files.loop, relay.loop):
        yield on


@asynccontextmanager
async def _running(*loops: Loop) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    tasks = [asyncio.ensure_future(loop(stopping)) for loop in loops]
    try:
        yield
    finally:
        stopping.set()
        async with asyncio.timeout(20):
            await asyncio.gather(*tasks)


async def _until(condition: Callable[[], Awaitable[Any]]) -> None:
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110 -- the state is in the database
            await asyncio.sleep(0.02)


def _side(number: int) -> rasterizer.RenderedSide:
    face = rasterizer.Face(
        crop=work.CROP_FULL,
        image_key=f"pages/{number}.jpg",
        thumbnail_key=f"pages/{number}-t.jpg",
        width=1653,
        height=2339,
    )
    return rasterizer.RenderedSide(side=number, faces=[face])


async def _next_work(broker: Broker, kind: Any) -> Any:
    pull = await broker.jetstream.pull_subscribe_bind(kind.DESCRIPTOR.name, stream="WORK")
    (msg,) = await pull.fetch(1, timeout=10)
    await msg.ack()
    return kind.FromString(msg.data)


async def test_an_upload_becomes_staged_copies(hearing: Hearing) -> None:
    scan = await hearing.uploaded()

    inspect = await _next_work(hearing.broker, work.InspectScan)
    await hearing.tell(rasterizer.ScanInspected(scan_id=scan.id, exam_id=hearing.exam, sides=8))
    first = await _next_work(hearing.broker, work.RenderSides)
    await hearing.rendered(scan, 1, 4)
    await hearing.rendered(scan, 5, 8)
    await _until(lambda: hearing.is_in(scan, State.SETTLED))

    assert inspect.scan_key == f"scans/{SHA256}.pdf"
    assert await hearing.blobs.get(inspect.scan_key) == CONTENT
    assert list(first.sides) == [1, 2, 3, 4]
    assert [copy.number for copy in await hearing.copies()] == [1, 2]


async def test_an_upload_that_is_told_again_is_sealed_once(hearing: Hearing) -> None:
    scan = await hearing.uploaded()
    await _until(lambda: hearing.is_in(scan, State.INSPECTING))

    again = ScanReceived(scan_id=scan.id, exam_id=hearing.exam, batch_id=scan.batch_id)
    await hearing.tell(again)
    fresh = await hearing.uploaded(b"%PDF another")
    await _until(lambda: hearing.is_in(fresh, State.INSPECTING))

    assert len(await hearing.told(work.InspectScan, "work.")) == 2
    assert await hearing.is_in(scan, State.INSPECTING)
    await _until(lambda: _is_empty(hearing.blobs, "uploads/"))


async def test_a_lost_upload_is_refused_with_a_reason(hearing: Hearing) -> None:
    scan = await hearing.upload(size=len(CONTENT))

    await _until(lambda: hearing.is_in(scan, State.REFUSED))

    assert (await hearing.scan(scan.id)).reason == "UPLOAD_LOST"


async def test_the_same_file_again_is_a_duplicate(hearing: Hearing) -> None:
    first = await hearing.uploaded()
    await _until(lambda: hearing.is_in(first, State.INSPECTING))

    second = await hearing.uploaded()
    await _until(lambda: hearing.is_in(second, State.DUPLICATE))

    assert (await hearing.scan(second.id)).duplicate_of == first.id


async def test_an_unreadable_scan_is_refused_and_the_others_go_on(hearing: Hearing) -> None:
    bad, good = await hearing.uploaded(b"<html>"), await hearing.uploaded()
    for scan in (bad, good):
        await _until(lambda scan=scan: hearing.is_in(scan, State.INSPECTING))  # type: ignore[misc]  # bound now

    await hearing.tell(rasterizer.ScanUnreadable(scan_id=bad.id, exam_id=hearing.exam, reason="NOT_A_PDF"))
    await hearing.tell(rasterizer.ScanInspected(scan_id=good.id, exam_id=hearing.exam, sides=4))
    await _until(lambda: hearing.is_in(bad, State.REFUSED))
    await _until(lambda: hearing.is_in(good, State.RENDERING))

    assert (await hearing.scan(bad.id)).reason == "NOT_A_PDF"


async def test_facts_told_twice_and_out_of_order_leave_every_page_once(hearing: Hearing) -> None:
    scan = await hearing.rendering(64)

    for first in (33, 1, 49, 17, 33, 1):
        await hearing.rendered(scan, first, first + 15)
    await _until(lambda: hearing.is_in(scan, State.SETTLED))

    ledger = await hearing.ledger()
    assert (ledger.pages_on_copies, ledger.copies, ledger.imbalance) == (64, 16, 0)
    versions = [fact.version for fact in await hearing.told(ScanChanged)]
    assert versions == sorted(set(versions))


async def test_sides_are_counted_by_outcome(hearing: Hearing) -> None:
    scan = await hearing.rendering(4)
    before = _sides("failed"), _sides("rendered")
    failed = rasterizer.RenderedSide(side=4, failure="DAMAGED_IMAGE")

    await hearing.tell(
        rasterizer.SidesRendered(
            scan_id=scan.id, exam_id=hearing.exam, sides=[*map(_side, (1, 2, 3)), failed]
        )
    )
    await _until(lambda: hearing.is_in(scan, State.SETTLED))

    assert (_sides("failed") - before[0], _sides("rendered") - before[1]) == (1, 3)


async def test_extracted_copies_open_and_others_say_why_not(hearing: Hearing) -> None:
    good, bad = await hearing.staged()
    await hearing.validate()
    about: dict[str, Any] = {"exam_id": hearing.exam, "pages_version": 1}
    pages = [
        rasterizer.ExtractedPage(page_id=page.id, image_key="pages/r.png", thumbnail_key="pages/t.jpg")
        for page in good.pages
    ]

    await hearing.tell(
        rasterizer.CopyExtracted(**about, copy_id=good.id, pdf_key="copies/1.pdf", pages=pages)
    )
    await hearing.tell(rasterizer.CopyUnextractable(**about, copy_id=bad.id, reason="DAMAGED"))
    await _until(lambda: _is_copy_in(hearing, good, CopyState.READY))
    await _until(lambda: _is_copy_in(hearing, bad, CopyState.FAILED))

    assert (await hearing.copy(bad.id)).reason == "DAMAGED"


async def test_an_export_names_every_student(hearing: Hearing) -> None:
    copy, _ = await hearing.staged()
    async with hearing.store() as store:
        await roster.import_roster(store, hearing.exam, ROSTER, dry_run=False)
    async with hearing.store() as store:
        jean, *_ = await store.students(hearing.exam)
        await staging.link(store, hearing.exam, copy.id, version=1, student_id=jean.id)
    hearing.marks.mark(copy.id)

    async with hearing.store() as store:
        export = await results.request_export(store, hearing.exam, "fr")
    await _until(lambda: _is_export_in(hearing, export.id, ExportState.READY))

    lines = (await hearing.blobs.get(export.key)).decode("utf-8-sig").split("\r\n")
    assert lines[1:4] == [
        "DUPONT;Jean;;;;K0;Noté;3,5;17,5;20",
        "DURAND;Léa;;;;;Sans copie;;;",
        "PETIT;Zoé;;;;;Sans copie;;;",
    ]


async def test_an_export_of_an_exam_that_grading_does_not_know_fails_with_its_reason(
    hearing: Hearing,
) -> None:
    hearing.marks.exam = Exam("another", "Physics", "2026-06-01", is_released=False)

    async with hearing.store() as store:
        export = await results.request_export(store, hearing.exam, "en")
    await _until(lambda: _is_export_in(hearing, export.id, ExportState.FAILED))

    async with hearing.store() as store:
        assert (await store.export(hearing.exam, export.id)).reason == "RESULT_UNKNOWN"


async def test_a_release_is_told_to_the_accounts_of_students_with_a_copy_once(hearing: Hearing) -> None:
    copies = await hearing.staged()
    async with hearing.store() as store:
        await roster.import_roster(store, hearing.exam, ROSTER, dry_run=False)
    async with hearing.store() as store:
        students = await store.students(hearing.exam)
        accounts = {student.id: f"account-{student.first_name}" for student in students}
        await roster.link_accounts(store, hearing.exam, accounts)
    for copy, student in zip(copies, students, strict=False):
        async with hearing.store() as store:
            await staging.link(store, hearing.exam, copy.id, version=1, student_id=student.id)
    await hearing.validate()
    for copy in copies:
        await hearing.extracted(copy)

    await hearing.tell(ResultsReleased(exam_id=hearing.exam, exam_name="Maths", release=1))
    await _until(lambda: hearing.told(ResultsAnnounced))

    (told,) = await hearing.told(ResultsAnnounced)
    assert list(told.account_ids) == ["account-Jean", "account-Léa"]
    assert (told.exam_name, told.release) == ("Maths", 1)


async def _is_empty(blobs: Blobs, prefix: str) -> bool:
    return [key async for key, _ in blobs.list(prefix)] == []


async def _is_copy_in(hearing: Hearing, copy: Copy, state: CopyState) -> bool:
    return (await hearing.copy(copy.id)).state is state


async def _is_export_in(hearing: Hearing, export_id: str, state: ExportState) -> bool:
    async with hearing.store() as store:
        return (await store.export(hearing.exam, export_id)).state is state


def _sides(outcome: str) -> float:
    return REGISTRY.get_sample_value("korrigo_ingest_sides_total", {"outcome": outcome}) or 0
