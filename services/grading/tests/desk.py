"""Drive a grading service as its office and its markers do."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from uuid import uuid4

from grading import app
from grading.app.copies import ReadyCopy
from grading.domain.copy import CopyPage
from grading.domain.release import Blocker, Ledger
from grading.rpc import SERVICE, GradingService
from grading.store import Store
from kit import identity
from kit.blobs import Blobs
from kit.db import Database
from kit.identity import Caller
from kit.testing import ServeRpc
from korrigo.grading.v1 import grading_pb2 as nouns
from korrigo.grading.v1 import grading_service_pb2 as pb
from korrigo.grading.v1 import grading_service_pb2_grpc as pb_grpc
from sqlalchemy import event, text

from services.grading.tests.journal import Browser

ADA = "ada"
BOB = "bob"
OPEN = nouns.Copy.STATE_OPEN
FINALIZING = nouns.Copy.STATE_FINALIZING
FINALIZED = nouns.Copy.STATE_FINALIZED
FINALIZE_FAILED = nouns.Copy.STATE_FINALIZE_FAILED
ACCEPTED = nouns.ActOutcome.STATE_ACCEPTED
SET_ASIDE = nouns.ActOutcome.STATE_SET_ASIDE
REFUSED = nouns.ActOutcome.STATE_REFUSED


def once() -> str:
    """Give a new request id."""
    return str(uuid4())


@dataclass
class Grading:
    """A served schema, and one exam in it once it was made."""

    database: Database
    blobs: Blobs
    stub: "pb_grpc.GradingServiceAsyncStub"
    as_ingest: "pb_grpc.GradingServiceAsyncStub"
    exam_id: str = ""

    @classmethod
    async def serve(cls, database: Database, blobs: Blobs, serve_rpc: ServeRpc) -> "Grading":
        """Serve a schema to the gateway and to ingest."""
        service = GradingService(database, blobs, lease_length=timedelta(minutes=30), random=Random(7))
        served = (pb_grpc.add_GradingServiceServicer_to_server, service, SERVICE)
        gateway, ingest = [await serve_rpc("grading", served, caller=who) for who in ("gateway", "ingest")]
        return cls(
            database, blobs, gateway.stub(pb_grpc.GradingServiceStub), ingest.stub(pb_grpc.GradingServiceStub)
        )

    @contextmanager
    def acting(self, role: str, subject: str, exam_id: str | None = None) -> Iterator[None]:
        """Call as a person, by default in the exam."""
        exam = self.exam_id if exam_id is None else exam_id
        with identity.acting_as(Caller("gateway", subject, role, exam or None)):
            yield

    @asynccontextmanager
    async def store(self) -> AsyncIterator[Store]:
        """Reach past the service into its schema."""
        async with self.database.transaction() as session:
            yield Store(session)

    async def sql(self, statement: str, **values: object) -> None:
        """Change the schema behind the service's back."""
        async with self.database.transaction() as session:
            await session.execute(text(statement), values)

    async def told(self, kind: str) -> int:
        """Count the news of one kind in the outbox."""
        async with self.database.transaction() as session:
            query = text("SELECT count(*) FROM outbox WHERE subject LIKE '%.' || :kind")
            return int(await session.scalar(query, {"kind": kind}) or 0)

    async def until_waiting(self) -> None:
        """Wait until somebody waits for a lock."""
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        async with asyncio.timeout(10), self.database.transaction() as session:
            while not await session.scalar(waiting):  # noqa: ASYNC110 -- the lock is in the database
                await asyncio.sleep(0.01)

    @contextmanager
    def counting(self) -> Iterator[Callable[[], int]]:
        """Count the statements that the service sends."""
        statements: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        event.listen(self.database.engine.sync_engine, "before_cursor_execute", note)
        yield lambda: len(statements)
        event.remove(self.database.engine.sync_engine, "before_cursor_execute", note)

    async def make_exam(self) -> nouns.Exam:
        """Create the exam with a scheme of three questions and 8 points."""
        request = pb.CreateExamRequest(
            request_id=once(), name="Bac blanc", date="2026-03-12", time_zone="Europe/Paris", language="fr"
        )
        with self.acting("office", "claire"):
            exam = (await self.stub.CreateExam(request)).exam
            self.exam_id = exam.id
        return await self.put_scheme(1)

    async def put_scheme(self, version: int, q2: int = 300, title: str = "Limites") -> nouns.Exam:
        """Put the scheme."""
        scheme = [
            nouns.Question(id="q1", label="1", title="Suites"),
            nouns.Question(id="q1a", parent_id="q1", label="1a", maximum=200),
            nouns.Question(id="q1b", parent_id="q1", label="1b", maximum=300),
            nouns.Question(id="q2", label="2", title=title, maximum=q2),
        ]
        request = pb.PutSchemeRequest(
            request_id=once(), exam_id=self.exam_id, scheme_version=version, scheme=scheme
        )
        with self.acting("office", "claire"):
            return (await self.stub.PutScheme(request)).exam

    async def open_copies(self, *copy_ids: str) -> None:
        """Open copies as ingest's facts do."""
        for copy_id in copy_ids:
            pages = tuple(
                CopyPage(f"{copy_id}-{n}", f"image-{copy_id}-{n}", f"thumb-{copy_id}-{n}", 1240, 1754)
                for n in (1, 2)
            )
            ready = ReadyCopy(copy_id, self.exam_id, 1, f"copies/{copy_id}/1.pdf", pages)
            async with self.store() as store:
                await app.copies.open_copy(store, ready, Random(copy_id))

    async def dispatch(self, *markers: str) -> int:
        """Share the unassigned copies."""
        request = pb.DispatchCopiesRequest(
            request_id=once(), exam_id=self.exam_id, marker_ids=markers or [ADA]
        )
        with self.acting("office", "claire"):
            return (await self.stub.DispatchCopies(request)).dispatched

    async def begin(self, *copy_ids: str) -> None:
        """Make the exam with copies, all of them Ada's."""
        await self.make_exam()
        await self.open_copies(*copy_ids or ("copy-1",))
        await self.dispatch(ADA)

    async def reassign(self, giver: str, taker: str) -> None:
        """Give one marker's copies to another."""
        request = pb.ReassignCopiesRequest(
            request_id=once(), exam_id=self.exam_id, from_marker_id=giver, to_marker_id=taker
        )
        with self.acting("office", "claire"):
            await self.stub.ReassignCopies(request)

    async def set_aside(self, marker: str = ADA) -> list[nouns.SetAsideAct]:
        """List what was set aside for a marker."""
        with self.acting("marker", marker):
            return list((await self.stub.ListSetAsideActs(pb.ListSetAsideActsRequest())).acts)

    async def dismiss(self, copy_id: str, act_id: str, marker: str = ADA) -> None:
        """Have seen enough of an act that was set aside."""
        request = pb.DismissActRequest(exam_id=self.exam_id, copy_id=copy_id, act_id=act_id)
        with self.acting("marker", marker):
            await self.stub.DismissAct(request)

    async def copies(self) -> list[nouns.Copy]:
        """List the exam's copies as the office."""
        with self.acting("office", "claire"):
            return list((await self.stub.ListCopies(pb.ListCopiesRequest(exam_id=self.exam_id))).copies)

    async def copy(self, copy_id: str) -> nouns.Copy:
        """Read one copy as the office."""
        return next(copy for copy in await self.copies() if copy.id == copy_id)

    async def lease(self, copy_id: str, marker: str = ADA) -> nouns.Lease:
        """Acquire the lease of a copy."""
        request = pb.AcquireLeaseRequest(request_id=once(), exam_id=self.exam_id, copy_id=copy_id)
        with self.acting("marker", marker):
            return (await self.stub.AcquireLease(request)).lease

    async def record(
        self, copy_id: str, acts: Sequence[nouns.Act], marker: str = ADA
    ) -> pb.RecordActsResponse:
        """Send acts."""
        request = pb.RecordActsRequest(exam_id=self.exam_id, copy_id=copy_id, acts=acts)
        with self.acting("marker", marker):
            return await self.stub.RecordActs(request)

    async def marking(self, copy_id: str, marker: str = ADA) -> nouns.Marking:
        """Read what the desk shows."""
        request = pb.GetMarkingRequest(exam_id=self.exam_id, copy_id=copy_id)
        with self.acting("marker", marker):
            return (await self.stub.GetMarking(request)).marking

    async def finalize(
        self, copy_id: str, journal: Browser | None = None, *, role: str = "marker", request_id: str = ""
    ) -> nouns.Copy:
        """Finalize a copy."""
        request = pb.FinalizeCopyRequest(
            request_id=request_id or once(),
            exam_id=self.exam_id,
            copy_id=copy_id,
            journal_id=journal.id if journal else "",
            last_sequence=journal.last if journal else 0,
        )
        with self.acting(role, ADA):
            return (await self.stub.FinalizeCopy(request)).copy

    async def stamp(self, copy_id: str, version: int = 1) -> None:
        """Let the rasterizer tell that a PDF exists."""
        async with self.store() as store:
            await app.results.hear_stamped(store, copy_id, version, "ab" * 32)

    async def mark_and_finalize(self, copy_id: str, points: int = 100) -> None:
        """Bring a copy to its stamped result."""
        await self.record(copy_id, Browser().all_marks(points))
        copy = await self.finalize(copy_id)
        await self.stamp(copy_id, copy.content_version)

    async def settle_ledger(self, version: int = 1, *open_: Blocker) -> None:
        """Let ingest tell how its ledger stands."""
        async with self.store() as store:
            await app.exams.hear_ledger(store, self.exam_id, Ledger(version, open_))

    async def reopen(self, copy_id: str, reason: str = "a page was overlooked") -> nouns.Copy:
        """Reopen a copy."""
        request = pb.ReopenCopyRequest(
            request_id=once(), exam_id=self.exam_id, copy_id=copy_id, reason=reason
        )
        with self.acting("office", "claire"):
            return (await self.stub.ReopenCopy(request)).copy

    async def release(self, ledger_version: int = 1, *, copies: int = 0) -> nouns.Exam:
        """Release the results."""
        request = pb.ReleaseResultsRequest(
            request_id=once(), exam_id=self.exam_id, ledger_version=ledger_version, copies=copies
        )
        with self.acting("office", "claire"):
            return (await self.stub.ReleaseResults(request)).exam

    async def results(self) -> pb.ListResultsResponse:
        """Read the results as ingest."""
        return await self.as_ingest.ListResults(pb.ListResultsRequest(exam_id=self.exam_id))
