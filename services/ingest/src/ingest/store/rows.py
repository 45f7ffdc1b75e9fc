"""What every part of the store shares: the session, its locks, and what is to be told."""

from __future__ import annotations

from collections.abc import Iterable

from kit import events
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from ingest.domain.news import News, Work
from ingest.wire import announce

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


class Rows:
    """The session of one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self._news: list[News] = []

    def keep(self, news: Iterable[News]) -> None:
        """Remember what is to be told with the transaction."""
        self._news.extend(news)

    async def tell(self, *news: News) -> None:
        """Tell and order everything kept so far, and these, if the transaction commits."""
        told, self._news = [*self._news, *news], []
        orders: dict[str, list[Work]] = {}
        facts = []
        for item in told:
            if isinstance(item, Work):
                orders.setdefault(type(item).__name__, []).append(item)
            else:
                facts.append(announce.fact(item))
        await events.tell(self.session, *facts)
        for verb, pieces in orders.items():
            await events.order(self.session, verb, *map(announce.order, pieces))

    async def lock_file(self, name: str) -> None:
        """Let nobody name or remove a file, or the images of a scan, before the transaction ends."""
        await self.lock("file", name)

    async def lock(self, *name: str) -> None:
        """Hold a named lock to the end of the transaction."""
        await self.session.execute(_LOCK, {"name": "/".join(name)})
