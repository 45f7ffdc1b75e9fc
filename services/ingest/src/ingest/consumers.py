"""What ingest hears: its own uploads and exports, what the rasterizer made, and releases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from kit.blobs import Blobs
from kit.db import Database
from kit.errors import Refusal, Unavailable
from kit.events import Broker, Consumer
from korrigo.grading.v1.grading_events_pb2 import ResultsReleased
from korrigo.ingest.v1.ingest_events_pb2 import ExportRequested, ScanReceived
from korrigo.rasterizer.v1.rasterizer_events_pb2 import (
    CopyExtracted,
    CopyUnextractable,
    RenderedSide,
    ScanInspected,
    ScanUnreadable,
    SidesRendered,
)

from ingest import metrics
from ingest.app import intake, preparing, rendering, results
from ingest.app.results import Grading
from ingest.domain.preparation import ExtractedPage
from ingest.domain.scan import Scan, State
from ingest.domain.side import Face, Outcome
from ingest.store import Session, Store
from ingest.wire.names import crop_of

NAME = "ingest"
#: Joining and writing files is slower than rows, and must not hold them up.
FILES = "ingest-files"


def consumer(database: Database, broker: Broker, now: Callable[[], datetime]) -> Consumer:
    """Make the listener whose handlers are one transaction each."""
    hearing = Consumer(NAME, database, broker)

    @hearing.on(ScanInspected)
    async def open_scan(fact: ScanInspected, session: Session) -> None:
        await rendering.open_scan(Store(session), fact.exam_id, fact.scan_id, fact.sides)

    @hearing.on(ScanUnreadable)
    async def refuse_scan(fact: ScanUnreadable, session: Session) -> None:
        await intake.refuse(
            Store(session), fact.exam_id, fact.scan_id, fact.reason, while_in=State.INSPECTING
        )

    @hearing.on(SidesRendered)
    async def settle_slice(fact: SidesRendered, session: Session) -> None:
        outcomes = [_outcome(side) for side in fact.sides]
        settled = await rendering.settle_slice(Store(session), fact.exam_id, fact.scan_id, outcomes)
        if settled:
            _count(settled, outcomes, now())

    @hearing.on(CopyExtracted)
    async def open_copy(fact: CopyExtracted, session: Session) -> None:
        pages = [
            ExtractedPage(page.page_id, page.image_key, page.thumbnail_key, page.width, page.height)
            for page in fact.pages
        ]
        seconds = await preparing.open_copy(
            Store(session),
            fact.exam_id,
            fact.copy_id,
            pages_version=fact.pages_version,
            pdf_key=fact.pdf_key,
            pages=pages,
        )
        if seconds is not None:
            metrics.PREPARATIONS.labels("ready").inc()
            metrics.PREPARATION_SECONDS.observe(seconds)

    @hearing.on(CopyUnextractable)
    async def fail_copy(fact: CopyUnextractable, session: Session) -> None:
        await preparing.fail_copy(
            Store(session),
            fact.exam_id,
            fact.copy_id,
            pages_version=fact.pages_version,
            reason=fact.reason,
        )
        metrics.PREPARATIONS.labels("failed").inc()

    @hearing.on(ResultsReleased)
    async def announce(fact: ResultsReleased, session: Session) -> None:
        await results.announce(Store(session), fact.exam_id, fact.exam_name, fact.release)

    return hearing


def files_consumer(database: Database, broker: Broker, blobs: Blobs, grading: Grading) -> Consumer:
    """Make the listener whose handlers move files, each with transactions of its own."""
    hearing = Consumer(FILES, database, broker, concurrency=2)

    @hearing.on(ScanReceived, transaction=False)
    async def seal(fact: ScanReceived) -> None:
        async with database.transaction() as session:
            scan = await Store(session).scan(fact.exam_id, fact.scan_id)
        if scan.state is State.SEALING:
            await _seal(database, blobs, scan)
        await intake.clear(blobs, scan)

    @hearing.on(ExportRequested, transaction=False)
    async def make_export(fact: ExportRequested) -> None:
        async with database.transaction() as session:
            found = await results.students_of_export(Store(session), fact.exam_id, fact.export_id)
        if found is None:
            return
        export, students = found
        try:
            name, content = await results.export_content(grading, export, students)
        except Unavailable:
            raise
        except Refusal as refusal:
            async with database.transaction() as session:
                await results.fail_export(Store(session), export, refusal.reason)
            return
        await blobs.put(export.key, content)
        async with database.transaction() as session:
            await results.deliver_export(Store(session), export, name)

    return hearing


async def _seal(database: Database, blobs: Blobs, scan: Scan) -> None:
    """Join the chunks; only when the row says so are they no longer needed."""
    try:
        sealed = await intake.join(blobs, scan)
    except intake.UploadLost:
        async with database.transaction() as session:
            await intake.refuse(
                Store(session), scan.exam_id, scan.id, intake.UPLOAD_LOST, while_in=State.SEALING
            )
        return
    async with database.transaction() as session:
        await intake.claim(Store(session), scan, sealed)
    await intake.keep(blobs, scan, sealed)
    async with database.transaction() as session:
        await intake.seal(Store(session), scan, sealed)
    metrics.SEALED_BYTES.inc(sealed.bytes)


def _outcome(side: RenderedSide) -> Outcome:
    faces = tuple(
        Face(
            crop_of(face),
            face.image_key,
            face.thumbnail_key,
            face.preview_key,
            face.width,
            face.height,
            face.is_blank,
        )
        for face in side.faces
    )
    return Outcome(side.side, side.failure, faces)


def _count(scan: Scan, outcomes: list[Outcome], now: datetime) -> None:
    failed = sum(bool(outcome.problem) for outcome in outcomes)
    metrics.SIDES.labels("failed").inc(failed)
    metrics.SIDES.labels("rendered").inc(len(outcomes) - failed)
    if scan.rendered == len(outcomes) - failed > 0:
        metrics.FIRST_PAGE_SECONDS.observe((now - scan.received_at).total_seconds())
