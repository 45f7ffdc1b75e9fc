"""How long a durable's queue is, and how old its oldest message: what autoscalers and alerts look at."""

import asyncio
import contextlib
import time

import nats.errors
import nats.js.errors
from nats.aio.msg import Msg
from nats.js.api import ConsumerInfo

from kit.events import metrics
from kit.events.broker import Broker
from kit.events.streams import Durable
from kit.events.waiting import pause

EVERY = 10.0


class QueueWatch:
    """
    Measures the queue of one durable.

    A reader may not look into the stream, so the age of the oldest message is the time since the queue was
    last seen empty, or since the message that was taken last was told, whichever is later: never less than
    the true age of what waits, and at most one look more.
    """

    def __init__(self, broker: Broker, durable: Durable) -> None:
        self._broker = broker
        self._durable = durable
        self._waiting_since = time.time()

    def taken(self, msg: Msg) -> None:
        """Note how long a message waited; those behind it were told later."""
        told = msg.metadata.timestamp.timestamp()
        waited = max(0.0, time.time() - told)
        metrics.WAITED_SECONDS.labels(self._durable.name).observe(waited)
        if msg.metadata.num_delivered == 1:
            self._waiting_since = max(self._waiting_since, told)
        else:
            metrics.REDELIVERED.labels(self._durable.name).inc()

    async def loop(self, stopping: asyncio.Event) -> None:
        """Look every few seconds until told to stop; an outage leaves the last numbers."""
        while not stopping.is_set():
            with contextlib.suppress(nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError):
                await self.look()
            await pause(stopping, EVERY)

    async def look(self) -> None:
        """Look once."""
        if self._broker.connected:
            self._note(await self._broker.jetstream.consumer_info(self._durable.stream, self._durable.name))

    def _note(self, info: ConsumerInfo) -> None:
        waiting, name = info.num_pending or 0, self._durable.name
        if not waiting:
            self._waiting_since = time.time()
        metrics.WAITING.labels(name).set(waiting)
        metrics.OUT.labels(name).set(info.num_ack_pending or 0)
        metrics.OLDEST_WAITING.labels(name).set(time.time() - self._waiting_since if waiting else 0)
