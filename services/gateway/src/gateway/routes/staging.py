"""Staging: the pages of each copy before it is opened for marking."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from korrigo.ingest.v1 import ingest_pb2
from korrigo.ingest.v1 import ingest_service_pb2 as ingest
from pydantic import Field

from gateway.access import Office
from gateway.context import Context, context
from gateway.routes.body import API, Body, Mutation, Paged
from gateway.shape import items, listing, model, reply

router = APIRouter(prefix=f"{API}/exams/{{exam_id}}", tags=["staging"])
On = Annotated[Context, Depends(context)]


class Placement(Body):
    page_id: UUID
    rotation: Literal[0, 90, 180, 270] = 0


class SetAside(Body):
    page_id: UUID
    reason: str = Field(min_length=1, max_length=500)


class Arrangement(Mutation):
    version: int
    pages: list[Placement]
    set_aside: list[SetAside] = Field(default_factory=list)


class Split(Mutation):
    version: int
    before_page_id: UUID


class Merge(Mutation):
    version: int
    source_id: UUID
    source_version: int


class Linked(Mutation):
    version: int
    student_id: UUID | None


class Validation(Mutation):
    copy_ids: list[UUID] = Field(default_factory=list)


@router.get("/staged-copies", response_model=listing(ingest_pb2.StagedCopy))
async def list_staged_copies(exam_id: UUID, person: Office, on: On, page: Paged) -> Response:
    """Copies in arrival order, with their pages."""
    request = ingest.ListStagedCopiesRequest(exam_id=str(exam_id), page_size=page.size, page_token=page.token)
    found = await on.peers.ingest.ListStagedCopies(request)
    return items(found.copies, found.next_page_token)


@router.get("/staged-copies/{copy_id}", response_model=model(ingest_pb2.StagedCopy))
async def read_staged_copy(exam_id: UUID, copy_id: UUID, person: Office, on: On) -> Response:
    """One copy."""
    request = ingest.GetStagedCopyRequest(exam_id=str(exam_id), copy_id=str(copy_id))
    found = (await on.peers.ingest.GetStagedCopy(request)).copy
    return reply(found, ETag=f'"{found.version}"')


@router.put("/staged-copies/{copy_id}/pages", response_model=model(ingest_pb2.StagedCopy))
async def arrange_copy(exam_id: UUID, copy_id: UUID, body: Arrangement, person: Office, on: On) -> Response:
    """Set the pages of a copy: order, rotation, and what is set aside."""
    request = body.to(ingest.ArrangeCopyRequest, exam_id=exam_id, copy_id=copy_id)
    return reply((await on.peers.ingest.ArrangeCopy(request)).copy)


@router.post("/staged-copies/{copy_id}/split", response_model=model(ingest.SplitCopyResponse))
async def split_copy(exam_id: UUID, copy_id: UUID, body: Split, person: Office, on: On) -> Response:
    """Start a new copy at a page."""
    request = body.to(ingest.SplitCopyRequest, exam_id=exam_id, copy_id=copy_id)
    return reply(await on.peers.ingest.SplitCopy(request))


@router.post("/staged-copies/{copy_id}/merge", response_model=model(ingest_pb2.StagedCopy))
async def merge_copies(exam_id: UUID, copy_id: UUID, body: Merge, person: Office, on: On) -> Response:
    """Append another copy's pages to this one."""
    request = ingest.MergeCopiesRequest(
        request_id=str(body.request_id),
        exam_id=str(exam_id),
        target_id=str(copy_id),
        target_version=body.version,
        source_id=str(body.source_id),
        source_version=body.source_version,
    )
    return reply((await on.peers.ingest.MergeCopies(request)).copy)


@router.put("/staged-copies/{copy_id}/student", response_model=model(ingest_pb2.StagedCopy))
async def link_copy(exam_id: UUID, copy_id: UUID, body: Linked, person: Office, on: On) -> Response:
    """Say who wrote a copy."""
    request = body.to(ingest.LinkCopyRequest, exam_id=exam_id, copy_id=copy_id)
    return reply((await on.peers.ingest.LinkCopy(request)).copy)


@router.post("/validations", status_code=202, response_model=model(ingest.ValidateCopiesResponse))
async def validate_copies(exam_id: UUID, body: Validation, person: Office, on: On) -> Response:
    """Prepare copies for marking: named ones, or all that are staged."""
    return reply(
        await on.peers.ingest.ValidateCopies(body.to(ingest.ValidateCopiesRequest, exam_id=exam_id)), 202
    )
