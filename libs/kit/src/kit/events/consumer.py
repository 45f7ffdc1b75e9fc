"""Hear facts: each has its effect at most once, in the handler's own transaction."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar, cast

from google.protobuf.message import Message
from nats.aio.msg import Msg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kit.db import Database
from kit.events.broker import Broker
from kit.events.messages import original_id
from kit.events.pull import Puller, Terms, UnknownSubject
from kit.events.streams import Durable

Handler = TypeVar("Handler", bound=Callable[..., Awaitable[None]])

_HEAR = text("INSERT INTO inbox (consumer, event_id) VALUES (:consumer, :id) ON CONFLICT DO NOTHING")


class Consumer:
    """
    A durable listener to facts.

    The inbox is an optimisation: facts come at least once and in any order, so a handler takes an already
    reached state as success.
    """

    def __init__(self, name: str, database: Database, broker: Broker, *, concurrency: int = 4) -> None:
        self.name = name
        self._database = database
        self._broker = broker
        self._terms = Terms(slots=concurrency, longest=timedelta(minutes=10))
        self._handlers: dict[str, Callable[[bytes, str], Awaitable[None]]] = {}

    @property
    def subjects(self) -> tuple[str, ...]:
        """List what it listens to."""
        return tuple(self._handlers)

    @property
    def durable(self) -> Durable:
        """Name the durable that it reads from."""
        return Durable(self.name, self.subjects)

    def on(self, kind: type[Message], *, transaction: bool = True) -> Callable[[Handler], Handler]:
        """
        Register the handler of a fact.

        It is called with the fact and the session of its transaction; with `transaction=False` with the fact
        alone, for handlers that use the network and open transactions of their own.
        """

        def register(handler: Handler) -> Handler:
            async def in_transaction(payload: bytes, event_id: str) -> None:
                fact = kind.FromString(payload)
                async with self._database.transaction() as session:
                    if await self._is_new(session, event_id):
                        await handler(fact, session)

            async def alone(payload: bytes, _event_id: str) -> None:
                await handler(kind.FromString(payload))

            self._handlers[kind.DESCRIPTOR.full_name] = in_transaction if transaction else alone
            return handler

        return register

    async def loop(self, stopping: asyncio.Event) -> None:
        """Listen until told to stop."""
        puller = Puller(self._broker, self.durable, self._hear, self._terms, needs=[self._database.ping])
        await puller.loop(stopping)

    async def _hear(self, msg: Msg) -> None:
        handler = self._handlers.get(msg.subject)
        if handler is None:
            raise UnknownSubject(msg.subject)
        await handler(msg.data, original_id(msg))

    async def _is_new(self, session: AsyncSession, event_id: str) -> bool:
        result = await session.execute(_HEAR, {"consumer": self.name, "id": event_id})
        return bool(cast(Any, result).rowcount)
