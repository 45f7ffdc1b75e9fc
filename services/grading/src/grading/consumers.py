"""What grading hears: prepared copies, the ledger, and what became of PDFs."""

from random import Random

from kit.db import Database
from kit.events import Broker, Consumer
from korrigo.ingest.v1.ingest_events_pb2 import CopyReady, LedgerChanged
from korrigo.rasterizer.v1.rasterizer_events_pb2 import ResultStamped, ResultUnstampable
from sqlalchemy.ext.asyncio import AsyncSession

from grading import app
from grading.app.copies import ReadyCopy
from grading.domain.copy import CopyPage
from grading.domain.release import Blocker, Ledger
from grading.store import Store

NAME = "grading"


def consumer(database: Database, broker: Broker, random: Random) -> Consumer:
    """Make the listener; its handlers take an already reached state as success."""
    hearing = Consumer(NAME, database, broker)

    @hearing.on(CopyReady)
    async def open_copy(fact: CopyReady, session: AsyncSession) -> None:
        pages = tuple(
            CopyPage(page.page_id, page.image, page.thumbnail, page.width, page.height) for page in fact.pages
        )
        ready = ReadyCopy(fact.copy_id, fact.exam_id, fact.pages_version, fact.pdf_key, pages)
        await app.copies.open_copy(Store(session), ready, random)

    @hearing.on(LedgerChanged)
    async def hear_ledger(fact: LedgerChanged, session: AsyncSession) -> None:
        found = tuple(Blocker(item.reason, item.count) for item in fact.open)
        await app.exams.hear_ledger(Store(session), fact.exam_id, Ledger(fact.version, found))

    @hearing.on(ResultStamped)
    async def hear_stamped(fact: ResultStamped, session: AsyncSession) -> None:
        await app.results.hear_stamped(Store(session), fact.copy_id, fact.content_version, fact.sha256)

    @hearing.on(ResultUnstampable)
    async def hear_unstampable(fact: ResultUnstampable, session: AsyncSession) -> None:
        await app.results.hear_unstampable(Store(session), fact.copy_id, fact.content_version, fact.reason)

    return hearing
