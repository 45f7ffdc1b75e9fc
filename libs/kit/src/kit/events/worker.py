"""Do work: one piece in hand per slot, its facts stored before it is acknowledged."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar
from uuid import NAMESPACE_OID, uuid5

from google.protobuf.message import Message
from nats.aio.msg import Msg

from kit import telemetry
from kit.events import metrics
from kit.events.broker import Broker
from kit.events.messages import MESSAGE_ID, original_id
from kit.events.pull import Ping, Puller, Terms
from kit.events.streams import ACK_WAIT, Durable

Work = TypeVar("Work", bound=Message)


@dataclass(frozen=True)
class Job:
    """The piece of work in hand: its id, and how to answer."""

    id: str
    broker: Broker

    async def tell(self, fact: Message, part: str = "") -> None:
        """
        Publish a fact and wait until it is stored.

        Its id follows from the work's id and the part: doing the work again tells nothing new.
        """
        headers = {MESSAGE_ID: str(uuid5(NAMESPACE_OID, f"{self.id}/{fact.DESCRIPTOR.full_name}/{part}"))}
        telemetry.inject(headers)
        await self.broker.publish(fact.DESCRIPTOR.full_name, fact.SerializeToString(), headers, patience=60)


class Worker(Generic[Work]):
    """The doer of one verb; any number of processes share its queue."""

    def __init__(
        self,
        verb: str,
        kind: type[Work],
        broker: Broker,
        handle: Callable[[Work, Job], Awaitable[None]],
        *,
        slots: int = 2,
        ack_wait: timedelta = ACK_WAIT,
        needs: Iterable[Ping] = (),
    ) -> None:
        self.durable = Durable.work(verb, ack_wait=ack_wait)
        self._kind = kind
        self._broker = broker
        self._handle = handle
        terms = Terms(
            slots=slots,
            longest=timedelta(minutes=10),
            sure_ack=True,
            done=metrics.WORKED,
            seconds=metrics.WORKED_SECONDS,
        )
        self._puller = Puller(broker, self.durable, self._do, terms, needs)

    async def loop(self, stopping: asyncio.Event) -> None:
        """Work until told to stop."""
        await self._puller.loop(stopping)

    async def _do(self, msg: Msg) -> None:
        await self._handle(self._kind.FromString(msg.data), Job(original_id(msg), self._broker))
