"""What every method shares: its transaction, and whether the caller may reach the object."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from random import Random
from typing import Protocol, TypeAlias, TypeVar
from uuid import uuid4

import grpc
from google.protobuf.message import Message
from kit import rpc
from kit.blobs import Blobs
from kit.db import Database
from kit.errors import InvalidArgument
from kit.identity import Caller
from sqlalchemy.ext.asyncio import AsyncSession

from grading.app.marking import Desk
from grading.domain.exam import ExamUnknown
from grading.store import Store

M = TypeVar("M", bound=Message)
Context: TypeAlias = "grpc.aio.ServicerContext[Message, Message]"


class TextInvalid(InvalidArgument):
    """A text holds a character that cannot be stored."""


class OfExam(Protocol):
    """A request about one exam."""

    @property
    def exam_id(self) -> str: ...


class OfCopy(OfExam, Protocol):
    """A request about one copy."""

    @property
    def copy_id(self) -> str: ...


class Edge:
    """Opens the transactions of the methods, one each."""

    def __init__(self, database: Database, blobs: Blobs, *, lease_length: timedelta, random: Random) -> None:
        self._database = database
        self._blobs = blobs
        self._lease_length = lease_length
        self._random = random

    @asynccontextmanager
    async def _transaction(self, request: Message) -> AsyncIterator[Store]:
        _refuse_unstorable(request)
        async with self._database.transaction() as session:
            yield Store(session)

    async def _once(
        self, request: Message, request_id: str, answer: type[M], act: Callable[[Store], Awaitable[M]]
    ) -> M:
        """Act once for this request of this caller, however often it is sent."""
        _refuse_unstorable(request)

        async def in_session(session: AsyncSession) -> M:
            return await act(Store(session))

        caller = rpc.caller()
        kind = f"{type(request).__name__} by {caller.subject} in {caller.exam_id}"
        return await self._database.once(request_id, kind, answer, in_session)


def new_id() -> str:
    """Make an id that says nothing."""
    return str(uuid4())


def member(request: OfExam) -> Caller:
    """Give the caller, if that exam is theirs; services reach every exam."""
    caller = rpc.caller()
    if not caller.is_service and caller.exam_id != request.exam_id:
        raise ExamUnknown(exam=request.exam_id)
    return caller


def desk(request: OfCopy) -> Desk:
    """Place the calling marker before a copy of their exam."""
    return Desk(member(request).subject, request.exam_id, request.copy_id)


def _refuse_unstorable(request: Message) -> None:
    """Refuse the one character that PostgreSQL cannot hold, in any id or text of the request itself."""
    for field, value in request.ListFields():
        if field.type == field.TYPE_STRING and "\0" in "".join(value):
            raise TextInvalid(field=field.name)
