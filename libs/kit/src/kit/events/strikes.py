"""
Count what a message did to those who held it, across processes.

JetStream's own count of deliveries includes outages and drains, so it cannot judge. Here a strike is
a failure of the handler or the death of its holder. A first delivery leaves no trace; a later one
writes its strike in advance, so that a death needs nobody to report it, and every other end corrects it.
"""

import time
from typing import cast

import nats.errors
import nats.js.errors
from nats.aio.msg import Msg

from kit.events.broker import Broker, BrokerUnavailable
from kit.events.messages import message_id
from kit.events.streams import STRIKES, Durable

LIMIT = 5


class Strikes:
    """The strikes of the messages of one durable, kept in the stream `STRIKES` for seven days."""

    def __init__(self, broker: Broker, durable: Durable) -> None:
        self._broker = broker
        self._prefix = f"strikes.{broker.service}.{durable.name}"
        self._grace = 2 * durable.ack_wait.total_seconds()

    async def so_far(self, msg: Msg) -> int:
        """Tell how often the message has failed or killed, and note one more in case it kills again."""
        if msg.metadata.num_delivered == 1:
            return 0
        count = await self._read(msg)
        if time.monotonic() - self._broker.reconnected_at < self._grace:
            count = max(0, count - 1)  # the broker was away: the last holder may still be well
        await self.write(msg, count + 1)
        return count

    async def write(self, msg: Msg, count: int, *, patience: float = 30) -> None:
        """Set the count that the next holder will find."""
        await self._broker.publish(self._subject(msg), str(count).encode(), {}, patience=patience)

    async def _read(self, msg: Msg) -> int:
        try:
            found = await self._broker.jetstream.get_last_msg(STRIKES, self._subject(msg), direct=True)
        except nats.js.errors.NotFoundError:
            return 1  # redelivered and nobody wrote why: the first holder died
        except (nats.errors.Error, nats.js.errors.Error) as error:
            raise BrokerUnavailable from error
        return int(cast(bytes, found.data))

    def _subject(self, msg: Msg) -> str:
        return f"{self._prefix}.{message_id(msg)}"
