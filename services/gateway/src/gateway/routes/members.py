"""Who works on an exam."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from korrigo.grading.v1 import grading_service_pb2 as grading
from pydantic import Field

from gateway import answers
from gateway.access import Office
from gateway.context import Context, context
from gateway.journal import note
from gateway.routes.accounts import Email
from gateway.routes.body import API, Mutation
from gateway.shape import reply
from gateway.store import Accounts, Errands, Member, Members

router = APIRouter(prefix=f"{API}/exams/{{exam_id}}/members", tags=["members"])
On = Annotated[Context, Depends(context)]


class NewMember(Mutation):
    email: Email
    name: str = Field(min_length=1, max_length=200)
    role: Literal["office", "marker"]
    language: Literal["fr", "en"] = "fr"


@router.get("", response_model=answers.MemberList)
async def list_members(exam_id: UUID, person: Office, on: On) -> Response:
    """Office and markers of an exam."""
    async with on.database.transaction() as session:
        found = await Members(session).of_exam(exam_id)
    return reply(answers.MemberList.model_validate({"items": found}))


@router.post("", status_code=201, response_model=answers.Member)
async def add_member(exam_id: UUID, body: NewMember, person: Office, on: On) -> Response:
    """Make somebody office or marker of an exam; invites whoever has no account yet."""
    exam = await on.peers.grading.GetExam(grading.GetExamRequest(exam_id=str(exam_id)))
    async with on.database.transaction() as session:
        account = await Accounts(session).ensure(body.email, body.name, body.language)
        if await Members(session).add(account.id, exam_id, body.role):
            await note(session, "member_added", account.id, exam_id=exam_id, role=body.role)
        await Errands(session).invite([account.id], exam_name=exam.exam.name)
    on.live.review(account.id)
    member = Member(account.id, exam_id, body.role, account.email, account.name, account.state)
    return reply(answers.Member.model_validate(member), 201)


@router.delete("/{account_id}", status_code=204)
async def remove_member(exam_id: UUID, account_id: UUID, person: Office, on: On) -> Response:
    """End a membership."""
    async with on.database.transaction() as session:
        if await Members(session).remove(account_id, exam_id):
            await note(session, "member_removed", account_id, exam_id=exam_id)
    on.live.review(account_id)
    return Response(status_code=204)
