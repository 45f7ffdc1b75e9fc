"""What notification hears."""

from __future__ import annotations

from uuid import UUID

from kit.db import Database
from kit.events import Broker, Consumer
from korrigo.ingest.v1.ingest_events_pb2 import ResultsAnnounced
from sqlalchemy.ext.asyncio import AsyncSession

from notification import app
from notification.store import Store

NAME = "notification"


def consumer(database: Database, broker: Broker) -> Consumer:
    """The reader of facts that somebody must be told."""
    hearing = Consumer(NAME, database, broker)

    @hearing.on(ResultsAnnounced)
    async def announce(fact: ResultsAnnounced, session: AsyncSession) -> None:
        accounts = [UUID(one) for one in fact.account_ids]
        await app.announce_results(Store(session), fact.exam_id, fact.exam_name, fact.release, accounts)

    return hearing
