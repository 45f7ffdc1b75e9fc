"""The service behind a real socket, and people who call it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self
from uuid import uuid4

from ingest.domain.results import Exam
from ingest.rpc import SERVICE, IngestService
from kit.db import Database
from kit.identity import Caller, acting_as
from kit.testing import ServeRpc
from korrigo.ingest.v1 import ingest_service_pb2_grpc as pb_grpc

from services.ingest.tests import paper
from services.ingest.tests.desk import Desk
from services.ingest.tests.marks import Marks

CLAIRE = "account-claire"


class Counter:
    """An exam whose office and students call over gRPC."""

    def __init__(self, desk: Desk, marks: Marks, stubs: dict[str, Any]) -> None:
        self.desk = desk
        self.marks = marks
        self.stub = stubs["gateway"]
        self.stubs = stubs

    @classmethod
    async def serve(cls, database: Database, serve_rpc: ServeRpc) -> Self:
        """Start the service on an empty exam."""
        desk = Desk(database)
        marks = Marks(Exam(desk.exam, "Maths", "2026-06-01", is_released=False))
        service = IngestService(database, marks, lambda: paper.NOON)
        stubs: dict[str, Any] = {}
        for workload in ("gateway", "grading", "rasterizer"):
            added = (pb_grpc.add_IngestServiceServicer_to_server, service, SERVICE)
            peer = await serve_rpc("ingest", added, caller=workload)
            stubs[workload] = peer.stub(pb_grpc.IngestServiceStub)
        return cls(desk, marks, stubs)

    @contextmanager
    def acting(self, role: str, subject: str = CLAIRE, exam_id: str | None = None) -> Iterator[None]:
        """Let the gateway speak for a person."""
        exam = (exam_id or self.desk.exam) if role in ("office", "marker") else None
        with acting_as(Caller("gateway", subject, role, exam)):
            yield


def once() -> str:
    """Make a request id."""
    return str(uuid4())
