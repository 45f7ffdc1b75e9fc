"""A notification service on a real database, with a real mail server beside it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest_asyncio
from kit.db import Database
from kit.testing import DatabaseFor
from notification.domain import Contact, Delivery, Kind
from notification.sender import Sender
from notification.settings import NotificationSettings
from notification.store import Store
from sqlalchemy import text

from services.notification.tests.post_office import PostOffice, post_office

LINK = "https://korrigo.example/link/the-secret-token"


@dataclass(frozen=True)
class Desk:
    """Messages in, deliveries out."""

    database: Database
    post: PostOffice

    def sender(self) -> Sender:
        """One of the loops that send, to be turned by hand."""
        settings = NotificationSettings.model_construct(
            smtp_url=_Shown(self.post.url),
            mail_from="Korrigo <no-reply@korrigo.example>",
            public_url="https://korrigo.example",
        )
        return Sender(self.database, settings)

    async def contact(
        self, email: str = "ada@school.example", name: str = "Ada", language: str = "fr"
    ) -> UUID:
        """Somebody who can be reached."""
        account = uuid4()
        async with self.database.transaction() as session:
            await Store(session).put_contact(Contact(account, email, name, language))
        return account

    async def notify(
        self, *accounts: UUID, kind: Kind = Kind.INVITATION, exam_name: str = "", occasion: str = ""
    ) -> list[UUID]:
        """Tell somebody something."""
        link = "" if kind is Kind.RESULTS_RELEASED else LINK
        async with self.database.transaction() as session:
            return await Store(session).notify(
                accounts, kind, occasion=occasion or str(uuid4()), exam_name=exam_name, link=link
            )

    async def deliveries(self) -> list[Delivery]:
        """Every delivery, oldest first."""
        async with self.database.transaction() as session:
            found = await Store(session).deliveries(most=200)
        return [delivery for _, delivery in reversed(found)]

    async def one(self) -> Delivery:
        """The only delivery."""
        [delivery] = await self.deliveries()
        return delivery

    async def let_time_pass(self) -> None:
        """Make everything due that waits."""
        async with self.database.transaction() as session:
            await session.execute(text("UPDATE deliveries SET due_at = now()"))

    async def pause(self) -> float:
        """Seconds until the only delivery is tried again."""
        query = text("SELECT extract(epoch FROM due_at - now()) FROM deliveries")
        async with self.database.transaction() as session:
            return float(await session.scalar(query))


class _Shown(str):
    """A setting that is no secret here."""

    def get_secret_value(self) -> str:
        return str(self)


@pytest_asyncio.fixture
async def desk(database_for: DatabaseFor) -> Desk:
    """Give a notification service whose mail server is away."""
    return Desk(database_for("notification.migrations", "notification"), post_office())


@pytest_asyncio.fixture
async def open_desk(desk: Desk) -> AsyncIterator[Desk]:
    """Give a notification service whose mail server answers."""
    async with desk.post.open():
        yield desk
