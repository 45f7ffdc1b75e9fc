"""An office at work: each act is a transaction, as at the edge."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar
from uuid import uuid4

from google.protobuf.message import Message
from ingest.app import intake, preparing, rendering
from ingest.app.intake import Sealed
from ingest.domain.batch import Layout, Mode
from ingest.domain.copy import Copy
from ingest.domain.ledger import Ledger
from ingest.domain.page import Page
from ingest.domain.preparation import ExtractedPage
from ingest.domain.scan import Scan
from ingest.domain.side import Outcome, Side
from ingest.store import Store
from kit.db import Database
from sqlalchemy import event, text

from services.ingest.tests import paper

M = TypeVar("M", bound=Message)
E = TypeVar("E", Scan, Side, Page)


class Desk:
    """One exam in a database."""

    def __init__(self, database: Database, exam_id: str = "") -> None:
        self.database = database
        self.exam = exam_id or str(uuid4())

    @asynccontextmanager
    async def store(self) -> AsyncIterator[Store]:
        """Open a transaction."""
        async with self.database.transaction() as session:
            yield Store(session)

    async def upload(
        self, layout: Layout = paper.FOUR_SIDES, *, chunks: int = 1, size: int = 10, prefix: str = ""
    ) -> Scan:
        """Take over an upload."""
        async with self.store() as store:
            sides = layout.sides_per_copy
            batch = await intake.create_batch(
                store, self.exam, "Batch", mode=layout.mode, sides_per_copy=sides, now=paper.NOON
            )
            return await intake.add_scan(
                store,
                self.exam,
                batch.id,
                file_name="scan.pdf",
                upload_prefix=prefix or f"uploads/{uuid4()}",
                chunks=chunks,
                size=size,
                now=paper.NOON,
            )

    async def rendering(self, sides: int, layout: Layout = paper.FOUR_SIDES) -> Scan:
        """Bring a scan to rendering."""
        scan = await self.upload(layout)
        async with self.store() as store:
            await intake.seal(store, scan, Sealed(uuid4().hex * 2, 10))
        async with self.store() as store:
            await rendering.open_scan(store, self.exam, scan.id, sides)
        return await self.scan(scan.id)

    async def settle(self, scan: Scan, outcomes: Sequence[Outcome]) -> None:
        """Take what became of a slice."""
        async with self.store() as store:
            await rendering.settle_slice(store, self.exam, scan.id, outcomes)

    async def staged(self, sides: int = 8, layout: Layout = paper.FOUR_SIDES) -> list[Copy]:
        """Render a scan at once and give the exam's copies."""
        scan = await self.rendering(sides, layout)
        await self.settle(scan, [paper.rendered(side) for side in range(1, sides + 1)])
        return await self.copies()

    async def validate(self) -> int:
        """Confirm that there are no zones, and validate everything."""
        async with self.store() as store:
            await preparing.put_zones(store, self.exam, [], none_confirmed=True)
        async with self.store() as store:
            return await preparing.validate(store, self.exam, [])

    async def extracted(self, copy: Copy) -> None:
        """Take the files of a copy that is being prepared."""
        async with self.store() as store:
            current = await store.copy(self.exam, copy.id)
            pages = [
                ExtractedPage(page.id, f"pages/red-{page.id}.jpg", f"pages/red-{page.id}-t.jpg", 1653, 2339)
                for page in current.pages
            ]
            await preparing.open_copy(
                store,
                self.exam,
                copy.id,
                pages_version=current.pages_version,
                pdf_key=current.pdf_key,
                pages=pages,
            )

    async def opened_without(self, *lost: int) -> tuple[Scan, Copy]:
        """Open a copy of four sides for marking; those lost failed and were set aside."""
        scan = await self.rendering(4)
        read = [paper.rendered(side) for side in range(1, 5) if side not in lost]
        await self.settle(scan, [*read, *(Outcome(side, "SIDE_DAMAGED") for side in lost)])
        for side in lost:
            async with self.store() as store:
                await rendering.set_side_aside(store, self.exam, scan.id, side, "torn")
        await self.validate()
        (copy,) = [copy for copy in await self.copies() if copy.scan_id == scan.id]
        await self.extracted(copy)
        return scan, await self.copy(copy.id)

    async def retry(self, scan: Scan, *sides: int) -> None:
        """Order sides again, and take them when they come, one after the other."""
        for side in sides:
            async with self.store() as store:
                await rendering.retry_side(store, self.exam, scan.id, side)
        for side in sides:
            await self.settle(scan, [paper.rendered(side)])

    async def scan(self, scan_id: str) -> Scan:
        """Read a scan."""
        async with self.store() as store:
            return await store.scan(self.exam, scan_id)

    async def copies(self) -> list[Copy]:
        """List the copies."""
        async with self.store() as store:
            return await store.copies(self.exam)

    async def copy(self, copy_id: str) -> Copy:
        """Read a copy."""
        async with self.store() as store:
            return await store.copy(self.exam, copy_id)

    async def exceptions(self, kind: type[E]) -> list[E]:
        """List what did not go as it should, of one kind."""
        async with self.store() as store:
            return [it for _, it in await store.exceptions(self.exam) if isinstance(it, kind)]

    async def ledger(self) -> Ledger:
        """Count the exam."""
        async with self.store() as store:
            return await store.ledger(self.exam)

    async def told(self, kind: type[M], prefix: str = "") -> list[M]:
        """List what was told or ordered of a kind."""
        subject = f"{prefix}{kind.DESCRIPTOR.name if prefix else kind.DESCRIPTOR.full_name}"
        found = text("SELECT payload FROM outbox WHERE subject = :subject ORDER BY position")
        async with self.database.transaction() as session:
            rows = (await session.execute(found, {"subject": subject})).scalars()
            return [kind.FromString(payload) for payload in rows]


class Statements:
    """Counts the statements of a database."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @contextmanager
    def of(self, database: Database) -> Any:
        """Count from here to the end of the context."""

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            self.seen.append(statement)

        engine = database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        yield self
        event.remove(engine, "before_cursor_execute", note)


A3 = Layout(Mode.A3_BOOKLET, 4)
FILE = Layout(Mode.FILE_PER_COPY, 0)
