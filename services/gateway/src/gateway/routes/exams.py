"""Exams: settings, scheme, identity zones, roster."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from kit.errors import Refusal
from kit.identity import Caller, acting_as
from kit.rpc.paging import LARGEST_SIZE, read_all
from korrigo.grading.v1 import grading_pb2
from korrigo.grading.v1 import grading_service_pb2 as grading
from korrigo.ingest.v1 import ingest_pb2
from korrigo.ingest.v1 import ingest_service_pb2 as ingest
from pydantic import Field

from gateway import answers
from gateway.access import Author, Member, Office, SignedIn
from gateway.context import Context, context
from gateway.journal import note
from gateway.refusals import FileTooLarge
from gateway.routes.body import API, Body, JustOnce, Mutation, Paged
from gateway.shape import as_json, items, listing, model, reply
from gateway.store import Accounts, Errands, Members

router = APIRouter(prefix=f"{API}/exams", tags=["exams"])
On = Annotated[Context, Depends(context)]
#: Above what ingest takes, and below what a message can hold.
ROSTER_BYTES = 3 * 1024**2


class NewExam(Mutation):
    name: str = Field(min_length=1, max_length=200)
    date: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    time_zone: str = "Europe/Paris"
    language: Literal["fr", "en"] = "fr"


class ExamSettings(Mutation):
    version: int
    name: str | None = Field(None, min_length=1, max_length=200)
    date: str | None = Field(None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    time_zone: str | None = None
    language: Literal["fr", "en"] | None = None
    result_scale: int | None = Field(None, gt=0)
    rounding: int | None = Field(None, gt=0)
    mark_step: int | None = Field(None, gt=0)


class QuestionBody(Body):
    id: str = ""
    parent_id: str = ""
    label: str
    title: str = ""
    maximum: int = 0


class SchemeBody(Mutation):
    scheme_version: int
    scheme: list[QuestionBody]


class ZoneBody(Body):
    page: int = Field(ge=1)
    every: int = Field(0, ge=0)
    x: float
    y: float
    width: float
    height: float


class ZonesBody(Mutation):
    zones: list[ZoneBody]
    none_confirmed: bool = False


class PresenceBody(Mutation):
    presence: Literal["present", "absent", "excused"]


@router.get("", response_model=answers.ExamRowList)
async def list_exams(person: SignedIn, on: On, page: Paged) -> Response:
    """The exams of this account, newest first, with progress where it is office."""
    async with on.database.transaction() as session:
        roles = {str(one.exam_id): one.role for one in await Members(session).of_account(person.account.id)}
    request = grading.ListExamsRequest(exam_ids=list(roles), page_size=page.size, page_token=page.token)
    with acting_as(None):
        found = await on.peers.grading.ListExams(request)
    rows = await asyncio.gather(*(_row(on, person, exam, roles[exam.id]) for exam in found.exams))
    return reply({"items": rows, "next_page_token": found.next_page_token})


@router.post("", status_code=201, response_model=model(grading_pb2.Exam))
async def create_exam(body: NewExam, person: Author, on: On) -> Response:
    """Create an exam; its creator becomes its office."""
    made = await on.peers.grading.CreateExam(body.to(grading.CreateExamRequest))
    async with on.database.transaction() as session:
        if await Members(session).add(person.account.id, UUID(made.exam.id), "office"):
            await note(session, "member_added", person.account.id, exam_id=UUID(made.exam.id), role="office")
    on.live.review(person.account.id)
    return reply(made.exam, 201)


@router.get("/{exam_id}", response_model=model(grading_pb2.Exam))
async def read_exam(exam_id: UUID, person: Member, on: On) -> Response:
    """One exam."""
    found = await on.peers.grading.GetExam(grading.GetExamRequest(exam_id=str(exam_id)))
    return reply(found.exam, ETag=f'"{found.exam.version}"')


@router.patch("/{exam_id}", response_model=model(grading_pb2.Exam))
async def change_exam(exam_id: UUID, body: ExamSettings, person: Office, on: On) -> Response:
    """Change settings; what is left out stays."""
    now = (await on.peers.grading.GetExam(grading.GetExamRequest(exam_id=str(exam_id)))).exam
    request = grading.UpdateExamRequest(
        exam_id=str(exam_id),
        name=now.name,
        date=now.date,
        time_zone=now.time_zone,
        language=now.language,
        result_scale=now.result_scale,
        rounding=now.rounding,
        mark_step=now.mark_step,
    )
    request.MergeFrom(body.to(grading.UpdateExamRequest))
    return reply((await on.peers.grading.UpdateExam(request)).exam)


@router.put("/{exam_id}/scheme", response_model=model(grading_pb2.Exam))
async def put_scheme(exam_id: UUID, body: SchemeBody, person: Office, on: On) -> Response:
    """Replace the scheme; question ids stay."""
    return reply((await on.peers.grading.PutScheme(body.to(grading.PutSchemeRequest, exam_id=exam_id))).exam)


@router.get("/{exam_id}/zones", response_model=model(ingest.GetZonesResponse))
async def read_zones(exam_id: UUID, person: Office, on: On) -> Response:
    """The identity zones."""
    return reply(await on.peers.ingest.GetZones(ingest.GetZonesRequest(exam_id=str(exam_id))))


@router.put("/{exam_id}/zones", response_model=model(ingest.PutZonesResponse))
async def put_zones(exam_id: UUID, body: ZonesBody, person: Office, on: On) -> Response:
    """Replace the identity zones, or confirm that there are none."""
    return reply(await on.peers.ingest.PutZones(body.to(ingest.PutZonesRequest, exam_id=exam_id)))


@router.post("/{exam_id}/roster", response_model=model(ingest.ImportRosterResponse))
async def import_roster(
    exam_id: UUID,
    request: Request,
    person: Office,
    on: On,
    request_id: Annotated[UUID | None, Query()] = None,
    idempotency_key: Annotated[UUID | None, Header()] = None,
    dry_run: Annotated[bool, Query()] = False,
) -> Response:
    """Read a roster file (the body); all of it is imported or nothing."""
    content = await request.body()
    if len(content) > ROSTER_BYTES:
        raise FileTooLarge
    key = str(request_id or idempotency_key or "")
    asked = ingest.ImportRosterRequest(request_id=key, exam_id=str(exam_id), content=content, dry_run=dry_run)
    return reply(await on.peers.ingest.ImportRoster(asked))


@router.get("/{exam_id}/students", response_model=listing(ingest_pb2.Student))
async def list_students(exam_id: UUID, person: Office, on: On, page: Paged) -> Response:
    """The roster, by name."""
    request = ingest.ListStudentsRequest(exam_id=str(exam_id), page_size=page.size, page_token=page.token)
    found = await on.peers.ingest.ListStudents(request)
    return items(found.students, found.next_page_token)


@router.patch("/{exam_id}/students/{student_id}", response_model=model(ingest_pb2.Student))
async def set_presence(
    exam_id: UUID, student_id: UUID, body: PresenceBody, person: Office, on: On
) -> Response:
    """Say whether a student was there."""
    request = body.to(ingest.SetPresenceRequest, exam_id=exam_id, student_id=student_id)
    return reply((await on.peers.ingest.SetPresence(request)).student)


@router.post("/{exam_id}/students/invite", status_code=202, response_model=answers.StudentsInvited)
async def invite_students(exam_id: UUID, body: JustOnce, person: Office, on: On) -> Response:
    """Make accounts for the roster's addresses and link them; who is new is sent an invitation afterwards."""
    exam = (await on.peers.grading.GetExam(grading.GetExamRequest(exam_id=str(exam_id)))).exam
    asked = ingest.ListStudentsRequest(exam_id=str(exam_id), page_size=LARGEST_SIZE)
    pages = await read_all(on.peers.ingest.ListStudents, asked)
    students = [student for page in pages for student in page.students]
    emails = {student.id: student.email.strip().lower() for student in students if student.email}
    reachable = [student for student in students if student.id in emails]
    names = {emails[one.id]: f"{one.first_name} {one.last_name}" for one in reachable}
    async with on.database.transaction() as session:
        accounts = await Accounts(session).ensure_all(names, exam.language)
    links = [ingest.AccountLink(student_id=one, account_id=str(accounts[emails[one]])) for one in emails]
    request = ingest.LinkAccountsRequest(request_id=str(body.request_id), exam_id=str(exam_id), links=links)
    await on.peers.ingest.LinkAccounts(request)
    async with on.database.transaction() as session:
        invited = await Errands(session).invite(list(accounts.values()), exam_name=exam.name)
        await note(session, "students_invited", exam_id, exam_id=exam_id, invited=str(invited))
    return reply(answers.StudentsInvited(linked=len(links), invited=invited), 202)


async def _row(on: Context, person: SignedIn, exam: grading_pb2.Exam, role: str) -> dict[str, Any]:
    row = as_json(exam) | {"role": role, "progress": None, "ledger": None}
    if role != "office":
        return row
    with acting_as(Caller("gateway", str(person.account.id), role, exam.id)):
        progress, ledger = await asyncio.gather(
            on.peers.grading.GetProgress(grading.GetProgressRequest(exam_id=exam.id)),
            on.peers.ingest.GetLedger(ingest.GetLedgerRequest(exam_id=exam.id)),
            return_exceptions=True,
        )
    return row | {"progress": _shown(progress, "progress"), "ledger": _shown(ledger, "ledger")}


def _shown(answer: Any, name: str) -> dict[str, Any] | None:
    """A part of the page; one service that is away does not take the page with it."""
    if isinstance(answer, Refusal):
        return None
    if isinstance(answer, BaseException):
        raise answer
    return as_json(getattr(answer, name))
