"""Tell a fact or order work if, and only if, the caller's transaction commits."""

from uuid import uuid4

from google.protobuf.message import Message
from sqlalchemy import DateTime, LargeBinary, Text, Uuid, column, insert, table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from kit import telemetry

_OUTBOX = table(
    "outbox",
    column("id", Uuid),
    column("subject", Text),
    column("payload", LargeBinary),
    column("headers", JSONB),
    column("published_at", DateTime),
)


async def tell(session: AsyncSession, *facts: Message) -> None:
    """Announce facts, in one statement; each travels under its message's full name."""
    await _write(session, [(fact.DESCRIPTOR.full_name, fact) for fact in facts])


async def order(session: AsyncSession, verb: str, *work: Message) -> None:
    """Order pieces of work, in one statement; exactly one worker of the verb gets each."""
    await _write(session, [(f"work.{verb}", piece) for piece in work])


async def _write(session: AsyncSession, rows: list[tuple[str, Message]]) -> None:
    if not rows:
        return
    headers: dict[str, str] = {}
    telemetry.inject(headers)
    values = [
        {"id": uuid4(), "subject": subject, "payload": message.SerializeToString(), "headers": headers}
        for subject, message in rows
    ]
    await session.execute(insert(_OUTBOX).values(values))
