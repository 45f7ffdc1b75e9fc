"""The four streams and the durables on them: declared by `migrate`, only bound to by pods."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, Self

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from kit.events.broker import Broker

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


async def declare(
    broker: Broker,
    *,
    consumers: Iterable[Declarable] = (),
    workers: Iterable[Declarable] = (),
    replicas: int = 1,
) -> None:
    """Create or update the streams and the given durables; a repeat changes nothing."""
    await broker.ready(within=30)
    for config in _STREAMS:
        await _declare_stream(
            broker.jetstream, config.evolve(storage=StorageType.FILE, num_replicas=replicas)
        )
    for reader in (*consumers, *workers):
        await broker.jetstream.add_consumer(reader.durable.stream, reader.durable.config())


async def _declare_stream(jetstream: JetStreamContext, config: StreamConfig) -> None:
    assert config.name
    try:
        await jetstream.stream_info(config.name)
    except NotFoundError:
        await jetstream.add_stream(config)
    else:
        await jetstream.update_stream(config)
