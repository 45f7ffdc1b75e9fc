"""What the tests of events share: a table that counts, and looks at the streams."""

from typing import Any

from kit import events
from kit.db import Database
from kit.events import Broker, Consumer, listen, tell
from kit.events.streams import FACTS
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.kit.tests.sample.messages import Filled


async def tell_all(database: Database, *texts: str) -> None:
    async with database.transaction() as session:
        await tell(session, *(Filled(text=each) for each in texts))


async def stored(broker: Broker, stream: str = FACTS) -> int:
    return (await broker.jetstream.stream_info(stream)).state.messages


async def texts_of(broker: Broker, count: int) -> list[str]:
    """Read what the stream of facts holds."""
    found = []
    async for _, _, payload in listen(broker, ["korrigo.>"], start_after=0):
        found.append(Filled.FromString(payload).text)
        if len(found) == count:
            break
    return found


async def dead(broker: Broker) -> list[events.Letter]:
    return [letter async for letter in events.letters(broker)]


async def content(database: Database, name: str = "box") -> int:
    async with database.transaction() as session:
        found = await session.scalar(text("SELECT content FROM boxes WHERE name = :n"), {"n": name})
        return int(found or 0)


async def add_one(session: AsyncSession, name: str = "box") -> None:
    await session.execute(
        text("INSERT INTO boxes VALUES (:n, 1) ON CONFLICT (name) DO UPDATE SET content = boxes.content + 1"),
        {"n": name},
    )


def adding_consumer(database: Database, broker: Broker, name: str = "sample") -> Consumer:
    consumer = Consumer(name, database, broker)

    @consumer.on(Filled)
    async def add(_fact: Any, session: AsyncSession) -> None:
        await add_one(session)

    return consumer


async def has(broker: Broker, count: int, stream: str = FACTS) -> bool:
    """Tell whether a stream holds that many messages."""
    return await stored(broker, stream) >= count


async def contains(database: Database, count: int, name: str = "box") -> bool:
    """Tell whether a box holds that much."""
    return await content(database, name) >= count


async def is_idle(broker: Broker, durable: str, stream: str = FACTS) -> bool:
    """Tell whether a durable has nothing more to deliver."""
    info = await broker.jetstream.consumer_info(stream, durable)
    return not info.num_pending and not info.num_ack_pending
