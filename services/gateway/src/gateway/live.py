"""
Live events: facts of the other services become small notices for browsers.

Each process reads `FACTS` with its own ordered consumer and keeps the newest in memory, so that a browser
that comes back with its last event id misses nothing; one that is too far behind is told to read all again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from google.protobuf.message import Message
from kit import events, telemetry
from kit.events import Broker
from korrigo.grading.v1 import grading_events_pb2 as grading
from korrigo.ingest.v1 import ingest_events_pb2 as ingest

KEPT = 10_000
SUBJECTS = ("korrigo.ingest.v1.>", "korrigo.grading.v1.>")
RETRY = 2.0

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


@dataclass(slots=True)
class Live:
    """The newest changes, and who waits for more."""

    kept: deque[Change] = field(default_factory=lambda: deque(maxlen=KEPT))
    _waiting: set[asyncio.Event] = field(default_factory=set)
    _closing: bool = False

    def add(self, change: Change) -> None:
        self.kept.append(change)
        for event in self._waiting:
            event.set()

    def close(self) -> None:
        """End every stream; browsers come back elsewhere."""
        self._closing = True
        for event in self._waiting:
            event.set()

    def is_behind(self, sequence: int) -> bool:
        """Whether changes after *sequence* may be gone."""
        if not self.kept:
            return True
        return sequence < self.kept[0].sequence - 1

    async def follow(self, viewer: Viewer, after: int | None, *, idle: float) -> AsyncIterator[Change | None]:
        """Changes for *viewer* after a sequence; None each *idle* seconds without one."""
        last = after if after is not None else (self.kept[-1].sequence if self.kept else 0)
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            while not self._closing:
                event.clear()
                for change in [one for one in self.kept if one.sequence > last]:
                    last = change.sequence
                    if viewer.may_see(change):
                        yield change
                try:
                    await asyncio.wait_for(event.wait(), idle)
                except TimeoutError:
                    yield None
        finally:
            self._waiting.discard(event)

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
                async for heard in events.listen(broker, SUBJECTS, start_after=after):
                    change = change_of(*heard)
                    if change is not None:
                        self.add(change)
            except events.TooOld:
                self.kept.clear()
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


def viewer(account_id: UUID, roles: Mapping[UUID, str]) -> Viewer:
    return Viewer(str(account_id), {str(exam): role for exam, role in roles.items()})
