"""A thing breaks, and its operators read of it within a minute."""

import asyncio
import time
from email.message import EmailMessage

import pytest
from ctl import rights
from kit.events import Broker, drop, letters
from local.broker import Nats
from local.keys import Secrets
from local.ports import Ports
from local.system import System

from tests.waiting import until

SUBJECT = "korrigo.rasterizer.v1.SidesRendered"
OPERATORS = "operators@localhost"


def mail(system: System, about: str) -> EmailMessage | None:
    return next((one for one in system.mails() if OPERATORS in one["To"] and about in one["Subject"]), None)


def broker(system: System, user: str) -> Broker:
    users = rights.users(Secrets(system.home.secrets))
    return Broker(Nats(system.home.nats, port=Ports(system.home.ports)["nats"], users=users).url(user))


async def poison(system: System) -> None:
    """Tell ingest something that nobody can read."""
    async with broker(system, "rasterizer") as connection:
        await connection.publish(SUBJECT, b"\xff no message", {"Nats-Msg-Id": "poison"}, patience=10)


async def clean(system: System) -> None:
    """Drop the letters that this story left behind, as an operator would."""
    async with broker(system, "operator") as connection:
        for letter in [one async for one in letters(connection) if one.subject == SUBJECT]:
            await drop(connection, letter.sequence)


@pytest.fixture(scope="module")
def told(system: System) -> tuple[EmailMessage, float]:
    """The mail about a message that nobody could read, and the seconds that it took."""
    began = time.monotonic()
    asyncio.run(poison(system))
    found = until(lambda: mail(system, "MessageDead"), "a mail to the operators", seconds=60)
    seconds = time.monotonic() - began
    asyncio.run(clean(system))
    return found, seconds


def test_operators_read_of_a_dead_letter_within_a_minute(told: tuple[EmailMessage, float]) -> None:
    assert told[1] < 60


def test_the_mail_says_what_died_where_and_what_to_do(told: tuple[EmailMessage, float]) -> None:
    text = told[0].get_content()

    assert f"ingest {SUBJECT} UNREADABLE" in text
    assert "docs/runbooks/MessageDead.md" in text
