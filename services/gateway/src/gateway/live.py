"""
Live events: facts of the other services become small notices for browsers.

Each process reads `FACTS` with its own ordered consumer and keeps the newest in memory, so that a browser
that comes back with its last event id misses nothing; one that is too far behind is told to read all again.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from uuid import UUID

from google.protobuf.message import Message
from kit import events, telemetry
from kit.events import Broker
from korrigo.grading.v1 import grading_events_pb2 as grading
from korrigo.ingest.v1 import ingest_events_pb2 as ingest

from gateway import metrics

KEPT = 10_000
#: What a process that starts reads again, for browsers that come from one that has ended.
RECALLED = 1_000
#: How long a browser waits for what it heard elsewhere to be heard here, in seconds.
LAG = 5.0
SUBJECTS = ("korrigo.ingest.v1.>", "korrigo.grading.v1.>")
RETRY = 2.0
#: How long an open stream believes its viewer's session and memberships, in seconds.
REVIEW = 30.0

log = telemetry.get_logger()


@dataclass(frozen=True, slots=True)
class Change:
    """Something that a browser may want to read again."""

    sequence: int
    kind: str
    id: str
    exam_id: str
    version: int = 0
    #: Only for a copy: whose it is.
    marker_id: str = ""
    #: Only for a notice: whose they are.
    account_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose stream it is: an account and its role by exam."""

    account_id: str
    roles: Mapping[str, str]

    def may_see(self, change: Change) -> bool:
        if change.kind == "notice":
            return self.account_id in change.account_ids
        match self.roles.get(change.exam_id):
            case "office":
                return True
            case "marker":
                return change.kind == "exam" or (
                    change.kind == "copy" and change.marker_id == self.account_id
                )
            case _:
                return False


#: Finds out who follows, and None once they may not any more.
Look = Callable[[], Awaitable["Viewer | None"]]


@dataclass(slots=True, eq=False)
class _Follower:
    """One open stream."""

    account_id: str = ""
    is_stale: bool = False
    #: Its sequences are of a stream that is gone.
    is_cut: bool = False
    woken: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Live:
    """The newest changes, and who waits for more."""

    kept: deque[Change] = field(default_factory=lambda: deque(maxlen=KEPT))
    _followers: set[_Follower] = field(default_factory=set)
    _closing: bool = False

    def add(self, change: Change) -> None:
        """Keep a change and wake whoever waits."""
        self.kept.append(change)
        self._wake()

    def close(self) -> None:
        """End every stream; browsers come back elsewhere."""
        self._closing = True
        self._wake()

    def begin_anew(self) -> None:
        """Forget a stream that is gone: who followed it must read all again and come back."""
        self.kept.clear()
        for follower in self._followers:
            follower.is_cut = True
        self._wake()

    def review(self, account_id: UUID) -> None:
        """Look again at what an account may see; streams at other processes do so within `REVIEW`."""
        for follower in self._followers:
            if follower.account_id == str(account_id):
                follower.is_stale = True
                follower.woken.set()

    def is_behind(self, sequence: int) -> bool:
        """Whether changes after *sequence* may be gone, or it is of a stream that began anew since."""
        return not self.kept or not self.kept[0].sequence - 1 <= sequence <= self.kept[-1].sequence

    async def catch_up(self, sequence: int) -> None:
        """Wait a moment until a sequence is heard here too: another process may have been ahead."""
        follower = _Follower()
        self._followers.add(follower)
        try:
            async with asyncio.timeout(LAG):
                while not self._closing and not (self.kept and self.kept[-1].sequence >= sequence):
                    follower.woken.clear()
                    await follower.woken.wait()
        except TimeoutError:
            return
        finally:
            self._followers.discard(follower)

    async def follow(self, look: Look, after: int | None, *, idle: float) -> AsyncIterator[Change | None]:
        """
        Changes that a viewer may see after a sequence; None after *idle* seconds without any news.

        It ends with `TooOld` when the stream of facts began anew, so that its sequences mean something else.
        """
        last = after if after is not None else (self.kept[-1].sequence if self.kept else 0)
        follower = _Follower()
        self._followers.add(follower)
        metrics.STREAMS.set(len(self._followers))
        try:
            viewer, looked = await look(), time.monotonic()
            while viewer is not None and not self._closing:
                follower.account_id = viewer.account_id
                follower.woken.clear()
                if follower.is_cut:
                    raise events.TooOld
                for change in self._since(last):
                    last = change.sequence
                    if viewer.may_see(change):
                        yield change
                if not await _woken(follower.woken, idle):
                    yield None
                if follower.is_stale or time.monotonic() - looked > REVIEW:
                    follower.is_stale = False
                    viewer, looked = await look(), time.monotonic()
        finally:
            self._followers.discard(follower)
            metrics.STREAMS.set(len(self._followers))

    def _since(self, sequence: int) -> list[Change]:
        """The kept changes after a sequence, sought from the newest end: nearly always there are few."""
        newer = list(takewhile(lambda change: change.sequence > sequence, reversed(self.kept)))
        return newer[::-1]

    def _wake(self) -> None:
        for follower in self._followers:
            follower.woken.set()

    async def listen(self, broker: Broker, stopping: asyncio.Event) -> None:
        """Read facts until *stopping*; a lost broker is waited for."""
        reading = asyncio.create_task(self._read(broker))
        stop = asyncio.create_task(stopping.wait())
        await asyncio.wait({reading, stop}, return_when=asyncio.FIRST_COMPLETED)
        for task in (reading, stop):
            task.cancel()
        if not stopping.is_set():
            await reading

    async def _read(self, broker: Broker) -> None:
        while True:
            after = self.kept[-1].sequence if self.kept else None
            try:
                async for heard in events.listen(broker, SUBJECTS, start_after=after, recall=RECALLED):
                    change = change_of(*heard)
                    if change is not None:
                        self.add(change)
            except events.TooOld:
                self.begin_anew()
            except events.BrokerUnavailable as error:
                log.warning("live_events_interrupted", reason=str(error))
                await asyncio.sleep(RETRY)


KINDS: Mapping[str, tuple[str, type[Message], str]] = {
    kind.DESCRIPTOR.full_name: (name, kind, key)
    for name, kind, key in (
        ("scan", ingest.ScanReceived, "scan_id"),
        ("scan", ingest.ScanChanged, "scan_id"),
        ("staged_copy", ingest.StagedCopyChanged, "copy_id"),
        ("ledger", ingest.LedgerChanged, "exam_id"),
        ("export", ingest.ExportChanged, "export_id"),
        ("exam", grading.ExamChanged, "exam_id"),
        ("copy", grading.CopyChanged, "copy_id"),
        ("notice", ingest.ResultsAnnounced, "exam_id"),
    )
}


def change_of(sequence: int, subject: str, payload: bytes) -> Change | None:
    """The change that a fact means to a browser, if any."""
    if subject not in KINDS:
        return None
    name, kind, key = KINDS[subject]
    fact = kind.FromString(payload)
    return Change(
        sequence=sequence,
        kind=name,
        id=getattr(fact, key),
        exam_id=getattr(fact, "exam_id", ""),
        version=getattr(fact, "version", 0),
        marker_id=getattr(fact, "marker_id", ""),
        account_ids=frozenset(getattr(fact, "account_ids", ())),
    )


async def _woken(event: asyncio.Event, idle: float) -> bool:
    try:
        async with asyncio.timeout(idle):
            await event.wait()
    except TimeoutError:
        return False
    return True
