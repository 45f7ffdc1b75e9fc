"""Letters that nobody could handle: kept with their reason, listed, replayed or dropped by an operator."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from urllib.parse import quote, unquote

from nats.aio.msg import Msg
from nats.js.api import RawStreamMsg
from nats.js.errors import NotFoundError

from kit import errors
from kit.events.broker import Broker
from kit.events.messages import MESSAGE_ID, message_id, original_id, replay_id
from kit.events.streams import DEAD

_STACK_LIMIT = 16_000
_OURS = ("Dead-Subject", "Dead-Id", "Dead-Consumer", "Dead-Reason", "Dead-Stack", "Dead-At")


class LetterNotFound(errors.NotFound):
    """There is no such dead letter."""


@dataclass(frozen=True)
class Letter:
    """One message given up: what it was, who gave it up, and why."""

    sequence: int
    #: The service that gave it up.
    teller: str
    subject: str
    id: str
    consumer: str
    reason: str
    stack: str
    at: datetime
    headers: dict[str, str]
    payload: bytes

    @property
    def about(self) -> str:
        """Say what its fault is about."""
        return about(self.consumer, self.subject, self.reason)

    @classmethod
    def read(cls, raw: RawStreamMsg) -> Self:
        """Read a message of the stream `DEAD`."""
        headers = dict(raw.headers or {})
        return cls(
            sequence=raw.seq or 0,
            teller=(raw.subject or "").split(".")[1],
            subject=headers["Dead-Subject"],
            id=headers["Dead-Id"],
            consumer=headers["Dead-Consumer"],
            reason=headers["Dead-Reason"],
            stack=unquote(headers["Dead-Stack"]),
            at=datetime.fromisoformat(headers["Dead-At"]),
            headers={
                name: value
                for name, value in headers.items()
                if name not in _OURS and not name.startswith("Nats-")
            },
            payload=raw.data or b"",
        )


def about(consumer: str, subject: str, reason: str) -> str:
    """Say what letters have in common that operators are told of together."""
    return f"{consumer} {subject} {reason}"


async def bury(broker: Broker, consumer: str, msg: Msg, *, reason: str, stack: str) -> None:
    """Copy a message to `DEAD`, once however often this is repeated."""
    ours = {
        MESSAGE_ID: f"{consumer}-{message_id(msg)}",
        "Dead-Subject": msg.subject,
        "Dead-Id": original_id(msg),
        "Dead-Consumer": consumer,
        "Dead-Reason": reason,
        "Dead-Stack": quote(stack[-_STACK_LIMIT:]),
        "Dead-At": datetime.now(UTC).isoformat(),
    }
    subject = f"dead.{broker.service}.{msg.subject}"
    await broker.publish(subject, msg.data, {**(msg.headers or {}), **ours}, patience=60)


async def letters(broker: Broker) -> AsyncIterator[Letter]:
    """Go through all letters, oldest first."""
    sequence = 0
    while True:
        try:
            raw = await broker.jetstream.get_msg(
                DEAD, seq=sequence + 1, subject="dead.>", next=True, direct=True
            )
        except NotFoundError:
            return
        letter = Letter.read(raw)
        sequence = letter.sequence
        yield letter


async def show(broker: Broker, sequence: int) -> Letter:
    """Read one letter."""
    try:
        return Letter.read(await broker.jetstream.get_msg(DEAD, seq=sequence, direct=True))
    except NotFoundError as error:
        raise LetterNotFound(sequence=str(sequence)) from error


async def replay(broker: Broker, sequence: int) -> None:
    """Send a letter's message again, then drop the letter; who has heard it already stays unmoved."""
    letter = await show(broker, sequence)
    headers = {**letter.headers, MESSAGE_ID: replay_id(letter.id, sequence)}
    await broker.publish(letter.subject, letter.payload, headers)
    await drop(broker, sequence)


async def drop(broker: Broker, sequence: int) -> None:
    """Forget a letter."""
    await broker.jetstream.delete_msg(DEAD, sequence)
