"""
What the gateway answers of its own: people, uploads, and pages put together from several services.

Whatever is a service's follows the contract instead: `shape.model`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from korrigo.grading.v1 import grading_pb2
from korrigo.ingest.v1 import ingest_pb2
from korrigo.notification.v1 import notification_pb2
from pydantic import BaseModel, ConfigDict, create_model

from gateway.shape import model
from gateway.store import AccountState, LinkKind

Language = Literal["fr", "en"]


class Answer(BaseModel):
    """A JSON object, made of a row's fields or of its own."""

    model_config = ConfigDict(from_attributes=True)


class Problem(Answer):
    """A refusal or a failure, told as application/problem+json."""

    type: str
    title: str
    status: int
    #: What went wrong, for programs; the web says it in the reader's language.
    reason: str
    detail: str
    metadata: dict[str, Any]
    trace_id: str


class Account(Answer):
    """Somebody who can sign in; nothing secret."""

    id: UUID
    email: str
    name: str
    language: Language
    roles: list[Literal["admin", "operator", "office"]]
    state: AccountState
    created_at: datetime
    last_seen_at: datetime | None


class AccountList(Answer):
    """Accounts, by address."""

    items: list[Account]
    next_page_token: str


class Membership(Answer):
    """What an account is in one exam."""

    exam_id: UUID
    role: Literal["office", "marker"]


class Session(Answer):
    """Who is signed in, and the value that mutations send back."""

    account: Account | None
    csrf: str
    memberships: list[Membership]


class BrowserSession(Answer):
    """One browser that is signed in to an account."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    user_agent: str
    is_current: bool


class BrowserSessionList(Answer):
    """The browsers that are signed in to an account."""

    items: list[BrowserSession]


class Link(Answer):
    """What a one-time link is for."""

    kind: LinkKind
    email: str
    name: str
    language: Language


class Member(Answer):
    """Somebody who works on an exam."""

    account_id: UUID
    email: str
    name: str
    role: Literal["office", "marker"]
    state: AccountState


class MemberList(Answer):
    """Office and markers of an exam."""

    items: list[Member]


class StudentsInvited(Answer):
    """How many students now have an account, and how many are sent a first link."""

    linked: int
    invited: int


class Upload(Answer):
    """A file on its way, and which of its chunks have arrived."""

    id: UUID
    chunk_bytes: int
    chunks: int
    received: list[int]
    is_complete: bool


class Version(Answer):
    """The running version and where its source is."""

    version: str
    source: str


class Part(Answer):
    """Something that this installation needs, and why it is not ready."""

    name: str
    ready: bool
    reason: str


class Nothing(Answer):
    """An empty object: there is nothing to tell."""


def _many(single: Any) -> Any:
    return list[single]


def _made(name: str, base: type[BaseModel] = BaseModel, **fields: Any) -> type[BaseModel]:
    """A model around messages of the contract, whose models are made at run time."""
    return create_model(name, __base__=base, **fields)


_exam = model(grading_pb2.Exam)
#: An exam in the list of somebody's exams; only its office is shown how far it is.
ExamRow = _made(
    "ExamRow",
    _exam,
    role=Literal["office", "marker"],
    progress=model(grading_pb2.Progress) | None,
    ledger=model(ingest_pb2.Ledger) | None,
)
ExamRowList = _made("ExamRowList", items=_many(ExamRow), next_page_token=str)
#: A scan whose file is whole; reading it goes on.
UploadCompleted = _made("UploadCompleted", scan=model(ingest_pb2.Scan))
#: What keeps the results from being released.
Release = _made(
    "Release",
    state=_exam.model_fields["state"].annotation,
    release=int,
    blockers=_many(model(grading_pb2.Blocker)),
    ledger_version=int,
)
#: What this gateway can reach, and the newest deliveries of e-mail.
Health = _made("Health", services=list[Part], deliveries=_many(model(notification_pb2.Delivery)))
