"""The four streams and the durables on them: declared by `migrate`, only bound to by pods."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, Self

from nats.errors import NoRespondersError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import APIError, NotFoundError, ServiceUnavailableError

from kit import errors
from kit.events.broker import Broker, BrokerUnavailable

FACTS = "FACTS"
WORK = "WORK"
DEAD = "DEAD"
STRIKES = "STRIKES"

ACK_WAIT = timedelta(seconds=30)
_DAY = 24 * 3600.0

_STREAMS = (
    StreamConfig(
        name=FACTS, subjects=["korrigo.>"], max_age=7 * _DAY, duplicate_window=600, allow_direct=True
    ),
    StreamConfig(name=WORK, subjects=["work.>"], retention=RetentionPolicy.WORK_QUEUE, duplicate_window=600),
    StreamConfig(name=DEAD, subjects=["dead.>"], max_age=90 * _DAY, duplicate_window=600, allow_direct=True),
    StreamConfig(
        name=STRIKES, subjects=["strikes.>"], max_age=7 * _DAY, max_msgs_per_subject=1, allow_direct=True
    ),
)


#: What the server never changes in a durable; none of it matters once the durable is there.
_FOR_LIFE = ("deliver_policy", "ack_policy", "replay_policy", "max_waiting")

#: A server that has just started, or a cluster that has not yet chosen who leads.
_NOT_YET = (TimeoutError, NoRespondersError, ServiceUnavailableError)


@dataclass(frozen=True)
class Durable:
    """A named reader that the server remembers: which stream, which subjects, how long a hand may hold."""

    name: str
    subjects: tuple[str, ...]
    stream: str = FACTS
    ack_wait: timedelta = ACK_WAIT

    @property
    def durable(self) -> Self:
        """Stand for itself where a consumer or worker may stand."""
        return self

    @classmethod
    def work(cls, verb: str, *, ack_wait: timedelta = ACK_WAIT) -> Self:
        """Name the queue of a verb."""
        return cls(name=verb, subjects=(f"work.{verb}",), stream=WORK, ack_wait=ack_wait)

    def config(self) -> ConsumerConfig:
        """
        Describe it to the server.

        No backoff, which would override `ack_wait`, and no limit of deliveries, which would count outages.
        """
        return ConsumerConfig(
            durable_name=self.name,
            ack_policy=AckPolicy.EXPLICIT,
            deliver_policy=DeliverPolicy.ALL,
            ack_wait=self.ack_wait.total_seconds(),
            max_deliver=-1,
            max_ack_pending=1000,
            max_waiting=512,
            filter_subjects=sorted(self.subjects),
        )


class Declarable(Protocol):
    """A consumer, a worker, or the durable itself."""

    @property
    def durable(self) -> Durable:
        """Name the durable that it reads from."""
        ...


class NotDeclared(errors.Unavailable):
    """The broker does not take its streams and queues."""


async def declare(
    broker: Broker,
    *,
    consumers: Iterable[Declarable] = (),
    workers: Iterable[Declarable] = (),
    replicas: int = 1,
    within: float = 30,
) -> None:
    """
    Create or update the streams and the given durables; a repeat changes nothing.

    A server that is away, or a cluster without a leader, is waited for; `NotDeclared` says what is wrong.
    """
    readers = [reader.durable for reader in (*consumers, *workers)]
    deadline = time.monotonic() + within
    while True:
        try:
            await broker.ready(within=max(0.0, deadline - time.monotonic()))
            return await _declare(broker.jetstream, readers, replicas)
        except (BrokerUnavailable, ConnectionError) as error:
            raise NotDeclared(_away(broker, within)) from error
        except _NOT_YET as error:
            if time.monotonic() >= deadline:
                raise NotDeclared(f"{_away(broker, within)} {error!r}") from error
            await asyncio.sleep(0.5)
        except APIError as error:
            raise NotDeclared(f"NATS at {broker.address} refuses: {error.description}") from error


def _away(broker: Broker, within: float) -> str:
    return f"NATS at {broker.address} does not answer within {within:g} s: {broker.trouble}".rstrip(": ")


async def _declare(jetstream: JetStreamContext, readers: Iterable[Durable], replicas: int) -> None:
    for config in _STREAMS:
        await _declare_stream(jetstream, config.evolve(storage=StorageType.FILE, num_replicas=replicas))
    for durable in readers:
        await _declare_durable(jetstream, durable)


async def _declare_stream(jetstream: JetStreamContext, config: StreamConfig) -> None:
    assert config.name
    try:
        await jetstream.stream_info(config.name)
    except NotFoundError:
        await jetstream.add_stream(config)
    else:
        await jetstream.update_stream(config)


async def _declare_durable(jetstream: JetStreamContext, durable: Durable) -> None:
    """Create it, or give it what has changed since; a few things stay as the first release made them."""
    config = durable.config()
    try:
        found = (await jetstream.consumer_info(durable.stream, durable.name)).config
    except NotFoundError:
        pass
    else:
        config = config.evolve(**{name: getattr(found, name) for name in _FOR_LIFE})
    await jetstream.add_consumer(durable.stream, config)
