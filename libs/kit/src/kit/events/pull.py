"""Hold a few messages of a durable at a time, and end each in exactly one way."""

import asyncio
import contextlib
import random
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import nats.errors
import nats.js.errors
from google.protobuf.message import DecodeError
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from opentelemetry.trace import SpanKind
from prometheus_client import Counter, Histogram

from kit import errors, telemetry
from kit.db.failures import Conflict
from kit.events import dead, metrics
from kit.events.broker import Broker
from kit.events.messages import original_id
from kit.events.queue import QueueWatch
from kit.events.streams import Durable
from kit.events.strikes import LIMIT, Strikes
from kit.events.waiting import pause

Handle = Callable[[Msg], Awaitable[None]]
Ping = Callable[[], Awaitable[None]]

FETCH = 1.0
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 15.0
GRACE = 25.0
_DELAYS = (1.0, 3.0, 10.0, 30.0)


class UnknownSubject(Exception):  # noqa: N818 -- an answer, not an error
    """A newer release listens to this; one of its pods will take it."""


@dataclass(frozen=True)
class Terms:
    """How a puller works: how many at a time, and the longest time for one message."""

    slots: int
    longest: timedelta
    sure_ack: bool = False
    done: Counter = metrics.HEARD
    seconds: Histogram = metrics.HEARD_SECONDS


class Puller:
    """
    Fetch while a slot is free and every dependency answers; keep what is in hand alive meanwhile.

    An outage (`Unavailable`) keeps the message in hand and tries again, with no further fetching, until it
    is over: it costs no delivery and counts nothing. A failure goes back with a delay, the fifth to `DEAD`.
    """

    def __init__(
        self, broker: Broker, durable: Durable, handle: Handle, terms: Terms, needs: Iterable[Ping] = ()
    ) -> None:
        self._broker = broker
        self._durable = durable
        self._handle = handle
        self._terms = terms
        self._needs = tuple(needs)
        self._strikes = Strikes(broker, durable)
        self._queue = QueueWatch(broker, durable)
        self._log = telemetry.get_logger()
        self._subscription: JetStreamContext.PullSubscription | None = None
        self._outage = False

    async def loop(self, stopping: asyncio.Event) -> None:
        """Work until told to stop, then finish what is in hand; watch the queue meanwhile."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._queue.loop(stopping))
            await self._work(stopping)

    async def _work(self, stopping: asyncio.Event) -> None:
        await self._until_well(stopping)
        stop = asyncio.create_task(stopping.wait())
        hands: set[asyncio.Task[None]] = set()
        while not stopping.is_set():
            if len(hands) == self._terms.slots:
                await asyncio.wait({*hands, stop}, return_when=asyncio.FIRST_COMPLETED)
            elif msg := await self._next(stopping):
                hands.add(asyncio.create_task(self._hold(msg, stopping)))
            for hand in [hand for hand in hands if hand.done()]:
                hands.remove(hand)
                hand.result()  # a failure of ours ends the process; handlers' failures never get here
        await self._drain(hands)

    async def _drain(self, hands: set[asyncio.Task[None]]) -> None:
        """Let every hand finish; take the message from those that take too long, and give it back."""
        if hands:
            _, late = await asyncio.wait(hands, timeout=GRACE)
            for hand in late:
                hand.cancel()
            await asyncio.gather(*hands, return_exceptions=True)
        if self._subscription:
            await _quietly(self._subscription.unsubscribe())
            self._subscription = None

    async def _until_well(self, stopping: asyncio.Event) -> None:
        """Fetch nothing before every dependency answers."""
        while not stopping.is_set():
            try:
                for ping in self._needs:
                    await ping()
            except errors.Unavailable as outage:
                self._log.warning("consumer_waiting", consumer=self._durable.name, reason=outage.reason)
                await pause(stopping, 1)
            else:
                return

    async def _next(self, stopping: asyncio.Event) -> Msg | None:
        if self._outage or not self._broker.connected:
            await pause(stopping, 0.2)
            return None
        start = time.monotonic()
        try:
            subscription = self._subscription or await self._bind()
            return (await subscription.fetch(1, timeout=FETCH))[0]
        except (TimeoutError, nats.errors.Error, nats.js.errors.Error, OSError) as error:
            if time.monotonic() - start < FETCH / 2:  # not an empty queue: no durable, or no server
                self._log.warning("fetch_failed", consumer=self._durable.name, error=repr(error))
                await pause(stopping, FETCH)
            return None

    async def _bind(self) -> JetStreamContext.PullSubscription:
        bound = await self._broker.jetstream.pull_subscribe_bind(self._durable.name, self._durable.stream)
        self._subscription = bound
        return bound

    async def _hold(self, msg: Msg, stopping: asyncio.Event) -> None:
        name, start = self._durable.name, time.perf_counter()
        self._queue.taken(msg)
        with metrics.IN_HAND.labels(name).track_inprogress(), _traced(msg, name):
            try:
                outcome = await self._end(msg, stopping)
            except errors.Unavailable:
                outcome = "lost"  # the broker went away: it will deliver the message again
            self._note(msg, outcome, time.perf_counter() - start)

    def _note(self, msg: Msg, outcome: str, seconds: float) -> None:
        self._terms.done.labels(self._durable.name, msg.subject, outcome).inc()
        self._terms.seconds.labels(self._durable.name, msg.subject).observe(seconds, telemetry.exemplar())
        self._log.info("message_ended", outcome=outcome, seconds=round(seconds, 4), chatty=outcome == "done")

    async def _end(self, msg: Msg, stopping: asyncio.Event) -> str:
        """Bring a message to its end: done, failed, dead or given back."""
        strikes = 0
        async with self._kept_alive(msg):
            try:
                if (strikes := await self._strikes.so_far(msg)) >= LIMIT:
                    return await self._bury(msg, "HOLDERS_DIED", "")
                if await self._try(msg, stopping):
                    return await self._acknowledge(msg)
                return await self._give_back(msg, strikes, delay=0)
            except errors.Unavailable:
                raise
            except UnknownSubject:
                return await self._give_back(msg, strikes, delay=30)
            except asyncio.CancelledError:
                await self._give_back(msg, strikes, delay=0)
                raise
            except DecodeError as failure:  # what cannot be read will never be
                return await self._bury(msg, "UNREADABLE", "".join(traceback.format_exception(failure)))
            except Exception as failure:
                return await self._fail(msg, strikes + 1, failure)

    async def _try(self, msg: Msg, stopping: asyncio.Event) -> bool:
        """Run the handler through outages and lost races; tell False when told to stop."""
        wait = FIRST_PAUSE
        while True:
            try:
                async with asyncio.timeout(self._terms.longest.total_seconds()):
                    await self._handle(msg)
            except (errors.Unavailable, Conflict) as outage:
                self._pause(outage)
                if await pause(stopping, wait * random.uniform(0.5, 1.5)):
                    return False
                wait = min(2 * wait, LONGEST_PAUSE)
            else:
                self._resume()
                return True

    def _pause(self, outage: errors.Refusal) -> None:
        if isinstance(outage, errors.Unavailable) and not self._outage:
            self._outage = True
            metrics.PAUSED.labels(self._durable.name).set(1)
            self._log.warning("consumer_paused", consumer=self._durable.name, reason=outage.reason)

    def _resume(self) -> None:
        if self._outage:
            self._outage = False
            metrics.PAUSED.labels(self._durable.name).set(0)
            self._log.info("consumer_resumed", consumer=self._durable.name)

    async def _acknowledge(self, msg: Msg) -> str:
        # A lost acknowledgement brings the message again, which is then a no-op.
        await _quietly(msg.ack_sync(timeout=5) if self._terms.sure_ack else msg.ack())
        return "done"

    async def _give_back(self, msg: Msg, strikes: int, *, delay: float) -> str:
        """Return a message that did nothing wrong."""
        await self._strikes.write(msg, strikes, patience=2)
        await _quietly(msg.nak(delay=delay or None))
        return "given_back"

    async def _fail(self, msg: Msg, strikes: int, failure: Exception) -> str:
        reason = failure.reason if isinstance(failure, errors.Refusal) else type(failure).__name__
        self._log.warning("handler_failed", strikes=strikes, reason=reason, exc_info=failure)
        if strikes >= LIMIT:
            return await self._bury(msg, reason, "".join(traceback.format_exception(failure)))
        await self._strikes.write(msg, strikes)
        await _quietly(msg.nak(delay=_DELAYS[strikes - 1]))
        return "failed"

    async def _bury(self, msg: Msg, reason: str, stack: str) -> str:
        await dead.bury(self._broker, self._durable.name, msg, reason=reason, stack=stack)
        await _quietly(msg.term())
        metrics.DEAD.labels(self._durable.name, msg.subject).inc()
        self._log.error("message_dead", reason=reason)
        about = dead.about(self._durable.name, msg.subject, reason)
        detail = f"Message {original_id(msg)} was given up and is kept among the dead letters."
        await self._broker.raise_fault("MessageDead", about=about, detail=detail)
        return "dead"

    @contextlib.asynccontextmanager
    async def _kept_alive(self, msg: Msg) -> AsyncIterator[None]:
        """Tell the server every third of `ack_wait` that the message is in good hands."""
        every = self._durable.ack_wait.total_seconds() / 3

        async def beat() -> None:
            while True:
                await asyncio.sleep(every)
                await _quietly(msg.in_progress())

        heart = asyncio.create_task(beat())
        try:
            yield
        finally:
            heart.cancel()


async def _quietly(answer: Awaitable[object]) -> None:
    """Send an answer that the broker may miss: it then delivers the message again."""
    with contextlib.suppress(nats.errors.Error, asyncio.TimeoutError):
        await answer


@contextlib.contextmanager
def _traced(msg: Msg, consumer: str) -> Iterator[None]:
    """Go on with the trace in which the message was told, and log its id with every line."""
    headers = dict(msg.headers or {})
    context = telemetry.extract(headers)
    span = telemetry.tracer().start_as_current_span(
        f"{consumer} {msg.subject}", context, SpanKind.CONSUMER, links=telemetry.links(context)
    )
    ids = {"event_id": original_id(msg), "request_id": headers.get(telemetry.REQUEST_ID, "")}
    with span, telemetry.bind(consumer=consumer, kind=msg.subject, **ids):
        yield
