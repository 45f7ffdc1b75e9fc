"""What every method shares: its transaction, its caller, and ids that are none."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Protocol, TypeAlias, TypeVar

import grpc
from google.protobuf.message import Message
from kit import audit, rpc
from kit.db import Database
from kit.errors import NotFound
from kit.identity import Caller
from pydantic import JsonValue

from ingest.app.results import Grading
from ingest.domain import refusals
from ingest.store import Session, Store

M = TypeVar("M", bound=Message)
Context: TypeAlias = "grpc.aio.ServicerContext[Message, Message]"

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: What is unknown when a field holds no id; the first that a request has is what its act is about.
_NAMES: Mapping[str, type[NotFound]] = {
    "copy_id": refusals.CopyUnknown,
    "copy_ids": refusals.CopyUnknown,
    "target_id": refusals.CopyUnknown,
    "source_id": refusals.CopyUnknown,
    "before_page_id": refusals.PageUnknown,
    "page_id": refusals.PageUnknown,
    "scan_id": refusals.ScanUnknown,
    "batch_id": refusals.BatchUnknown,
    "student_id": refusals.StudentUnknown,
    "export_id": refusals.ExportUnknown,
    "exam_id": refusals.ExamUnknown,
    "replaces": refusals.ScanUnknown,
}


class OfExam(Protocol):
    """A request about one exam."""

    @property
    def exam_id(self) -> str: ...


class Mutation(OfExam, Protocol):
    """A request that changes something, at most once."""

    @property
    def request_id(self) -> str: ...


class Edge:
    """Opens the transactions of the methods, one each."""

    def __init__(self, database: Database, grading: Grading, now: Callable[[], datetime]) -> None:
        self._database = database
        self._grading = grading
        self._now = now

    @asynccontextmanager
    async def _read(self, request: Message) -> AsyncIterator[Store]:
        """Open a transaction to look at something."""
        check(request)
        async with self._database.transaction() as session:
            yield Store(session)

    async def _once(self, request: Mutation, answer: type[M], act: Callable[[Store], Awaitable[M]]) -> M:
        """Act once for this request of this caller, however often it is sent, and write down who did."""
        caller = of_exam(request)
        assert isinstance(request, Message)
        check(request)
        verb = type(request).__name__.removesuffix("Request")

        async def in_session(session: Session) -> M:
            answered = await act(Store(session))
            await audit.append(
                session,
                actor=caller,
                action=verb,
                subject=_subject(request),
                exam_id=request.exam_id,
                payload=_payload(request),
            )
            return answered

        kind = f"{verb} by {caller.subject} in {request.exam_id}"
        return await self._database.once(request.request_id, kind, answer, in_session)


def of_exam(request: OfExam) -> Caller:
    """Give the caller, if that exam is theirs; the workloads that may call reach every exam."""
    caller = rpc.caller()
    if not caller.is_service and caller.exam_id != request.exam_id:
        raise refusals.ExamUnknown
    return caller


def check(request: Message) -> None:
    """Refuse ids that are none, and the one character that the database cannot hold."""
    for name, text in _texts(request):
        if "\0" in text:
            raise refusals.TextInvalid(field=name)
        if name in _NAMES and text and not _ID.fullmatch(text):
            raise _NAMES[name]


def _texts(message: Message) -> Iterator[tuple[str, str]]:
    for field, value in message.ListFields():
        for item in value if field.is_repeated else [value]:
            if isinstance(item, str):
                yield field.name, item
            elif isinstance(item, Message):
                yield from _texts(item)


def _subject(request: Message) -> str:
    present = {field.name: value for field, value in request.ListFields()}
    return next(str(present[name]) for name in _NAMES if isinstance(present.get(name), str))


def _payload(request: Message) -> dict[str, JsonValue]:
    """Keep why somebody did it, which may name a person."""
    reason = getattr(request, "reason", "")
    return {"reason": reason} if reason else {}
