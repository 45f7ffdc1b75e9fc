"""Listen to facts as they are told, from any point in the stream, without leaving a trace."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from uuid import uuid4

import nats.errors
import nats.js.errors
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, StreamState

from kit import errors
from kit.events.broker import Broker, BrokerUnavailable
from kit.events.streams import FACTS

_FETCH = 5.0
_BATCH = 100
_FAILURES = (nats.errors.Error, nats.js.errors.Error, asyncio.TimeoutError, OSError)


class TooOld(errors.FailedPrecondition):
    """What happened since then is no longer known; read again and listen from now."""


async def listen(
    broker: Broker, subjects: Iterable[str], *, start_after: int | None, recall: int = 0
) -> AsyncIterator[tuple[int, str, bytes]]:
    """
    Yield sequence, subject and payload of each fact, in order and without gaps, for ever.

    It starts after a sequence heard before, or so many facts before now; it goes on where it was after an
    outage, unless that was of a stream which is gone: one that was made anew counts from 1 again.
    """
    last, made_at = await _start(broker, start_after, recall)
    while True:
        await broker.ready()
        try:
            await _expect(broker, last, made_at)
            subscription = await _subscribe(broker, list(subjects), last + 1)
            async for sequence, subject, payload in _read(subscription):
                last = sequence
                yield sequence, subject, payload
        except _FAILURES:
            await asyncio.sleep(0.5)


async def _start(broker: Broker, start_after: int | None, recall: int) -> tuple[int, datetime | None]:
    await broker.ready(within=5)
    try:
        info = await broker.jetstream.stream_info(FACTS)
    except _FAILURES as error:
        raise BrokerUnavailable(retry_after="2") from error
    if start_after is None:
        return max(info.state.last_seq - recall, info.state.first_seq - 1, 0), info.created
    _expect_within(info.state, start_after)
    return start_after, info.created


async def _expect(broker: Broker, last: int, made_at: datetime | None) -> None:
    info = await broker.jetstream.stream_info(FACTS)
    if info.created != made_at:
        raise TooOld
    _expect_within(info.state, last)


def _expect_within(state: StreamState, last: int) -> None:
    if not state.first_seq - 1 <= last <= state.last_seq:
        raise TooOld


async def _subscribe(broker: Broker, subjects: list[str], sequence: int) -> JetStreamContext.PullSubscription:
    """Make a reader that the server forgets by itself, from a sequence on."""
    name = f"live-{uuid4().hex}"
    config = ConsumerConfig(
        name=name,
        ack_policy=AckPolicy.NONE,
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=sequence,
        filter_subjects=subjects,
        inactive_threshold=30.0,
        mem_storage=True,
        num_replicas=1,
    )
    await broker.jetstream.add_consumer(FACTS, config)
    return await broker.jetstream.pull_subscribe_bind(name, FACTS)


async def _read(
    subscription: JetStreamContext.PullSubscription,
) -> AsyncIterator[tuple[int, str, bytes]]:
    loop, waiting = asyncio.get_running_loop(), 0
    while True:
        start = loop.time()
        try:
            # Never more than are there: a fetch waits for the rest of its batch.
            found = await subscription.fetch(min(_BATCH, waiting) or 1, timeout=_FETCH)
        except TimeoutError:
            if loop.time() - start < _FETCH / 2:
                raise  # the reader is gone, not just silent
            continue
        waiting = found[-1].metadata.num_pending
        for msg in found:
            yield msg.metadata.sequence.stream, msg.subject, msg.data
