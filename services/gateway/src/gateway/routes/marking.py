"""Marking: dispatch and watch for the office; lots, leases, acts and finalize for markers."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from korrigo.grading.v1 import grading_pb2
from korrigo.grading.v1 import grading_service_pb2 as grading
from pydantic import Field, model_validator

from gateway.access import AnyMarker, Marker, Office
from gateway.context import Context, context
from gateway.routes.body import API, Body, JustOnce, Mutation, Paged
from gateway.shape import as_message, items, listing, model, reply
from gateway.store import Members

router = APIRouter(prefix=API, tags=["marking"])
On = Annotated[Context, Depends(context)]
#: Of drawings in one request: with them it is half of what a message may be.
POINTS_AT_ONCE = 100_000


class Dispatch(Mutation):
    marker_ids: list[UUID] = Field(min_length=1)


class Reassignment(Mutation):
    from_marker_id: UUID
    to_marker_id: UUID


class Reason(Mutation):
    reason: str = Field(min_length=1, max_length=500)


class Point(Body):
    x: float
    y: float


class AnnotationBody(Body):
    id: UUID
    page_id: UUID
    kind: Literal["pen", "highlighter", "rectangle", "tick", "cross", "text"]
    points: list[Point] = Field(min_length=1, max_length=5000)
    color: str = Field(pattern=r"^#[0-9a-fA-F]{6}$")
    width: float = 0
    size: float = 0
    text: str = ""
    box_width: float = 0
    question_id: str = ""
    version: int = 0


class MarkBody(Body):
    question_id: UUID
    points: int | None
    scheme_version: int


class RemarkBody(Body):
    question_id: UUID
    text: str


class AppreciationBody(Body):
    text: str


class AnnotationGone(Body):
    annotation_id: UUID


class ActBody(Body):
    act_id: UUID
    journal_id: UUID
    sequence: int = Field(ge=1)
    base_version: int = Field(ge=0)
    set_mark: MarkBody | None = None
    set_remark: RemarkBody | None = None
    set_appreciation: AppreciationBody | None = None
    put_annotation: AnnotationBody | None = None
    delete_annotation: AnnotationGone | None = None


class Acts(Body):
    lease_id: str
    acts: list[ActBody] = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _fits_one_message(self) -> Self:
        drawn = (act.put_annotation.points for act in self.acts if act.put_annotation)
        if sum(map(len, drawn)) > POINTS_AT_ONCE:
            raise ValueError(f"must have {POINTS_AT_ONCE} points in all at most")
        return self


class Finalize(Mutation):
    journal_id: str = ""
    last_sequence: int = Field(0, ge=0)


@router.post("/exams/{exam_id}/dispatches", response_model=model(grading.DispatchCopiesResponse))
async def dispatch_copies(exam_id: UUID, body: Dispatch, person: Office, on: On) -> Response:
    """Share the unassigned copies evenly."""
    await _expect_markers(on, exam_id, body.marker_ids)
    return reply(
        await on.peers.grading.DispatchCopies(body.to(grading.DispatchCopiesRequest, exam_id=exam_id))
    )


@router.post("/exams/{exam_id}/reassignments", response_model=model(grading.ReassignCopiesResponse))
async def reassign_copies(exam_id: UUID, body: Reassignment, person: Office, on: On) -> Response:
    """Give one marker's unfinished copies to another."""
    await _expect_markers(on, exam_id, [body.to_marker_id])
    return reply(
        await on.peers.grading.ReassignCopies(body.to(grading.ReassignCopiesRequest, exam_id=exam_id))
    )


@router.get("/exams/{exam_id}/copies", response_model=listing(grading_pb2.Copy))
async def list_copies(exam_id: UUID, person: Office, on: On, page: Paged) -> Response:
    """The copies in marking, by code."""
    request = grading.ListCopiesRequest(exam_id=str(exam_id), page_size=page.size, page_token=page.token)
    found = await on.peers.grading.ListCopies(request)
    return items(found.copies, found.next_page_token)


@router.get("/exams/{exam_id}/progress", response_model=model(grading_pb2.Progress))
async def read_progress(exam_id: UUID, person: Office, on: On) -> Response:
    """Copies by state and by marker."""
    return reply(
        (await on.peers.grading.GetProgress(grading.GetProgressRequest(exam_id=str(exam_id)))).progress
    )


@router.post("/exams/{exam_id}/copies/{copy_id}/reopen", response_model=model(grading_pb2.Copy))
async def reopen_copy(exam_id: UUID, copy_id: UUID, body: Reason, person: Office, on: On) -> Response:
    """Open a finalized copy again."""
    request = body.to(grading.ReopenCopyRequest, exam_id=exam_id, copy_id=copy_id)
    return reply((await on.peers.grading.ReopenCopy(request)).copy)


@router.post(
    "/exams/{exam_id}/copies/{copy_id}/refinalize", status_code=202, response_model=model(grading_pb2.Copy)
)
async def refinalize_copy(exam_id: UUID, copy_id: UUID, body: JustOnce, person: Office, on: On) -> Response:
    """Try again to make the PDF of a copy whose finalize failed."""
    request = body.to(grading.FinalizeCopyRequest, exam_id=exam_id, copy_id=copy_id)
    return reply((await on.peers.grading.FinalizeCopy(request)).copy, 202)


@router.get("/lots", response_model=listing(grading_pb2.Lot))
async def list_lots(person: AnyMarker, on: On, page: Paged) -> Response:
    """A marker's share of each exam."""
    request = grading.ListLotsRequest(page_size=page.size, page_token=page.token)
    found = await on.peers.grading.ListLots(request)
    return items(found.lots, found.next_page_token)


@router.get("/lots/set-aside", response_model=listing(grading_pb2.SetAsideAct))
async def list_set_aside_acts(person: AnyMarker, on: On, page: Paged) -> Response:
    """What a marker wrote and could not be applied, also on copies that another has now."""
    request = grading.ListSetAsideActsRequest(page_size=page.size, page_token=page.token)
    found = await on.peers.grading.ListSetAsideActs(request)
    return items(found.acts, found.next_page_token)


@router.get("/lots/{exam_id}/copies", response_model=listing(grading_pb2.Copy))
async def list_lot_copies(exam_id: UUID, person: Marker, on: On, page: Paged) -> Response:
    """A marker's copies of one exam, in marking order."""
    request = grading.ListLotCopiesRequest(exam_id=str(exam_id), page_size=page.size, page_token=page.token)
    found = await on.peers.grading.ListLotCopies(request)
    return items(found.copies, found.next_page_token)


@router.get("/exams/{exam_id}/copies/{copy_id}/marking", response_model=model(grading_pb2.Marking))
async def read_marking(exam_id: UUID, copy_id: UUID, person: Marker, on: On) -> Response:
    """Everything the desk shows."""
    request = grading.GetMarkingRequest(exam_id=str(exam_id), copy_id=str(copy_id))
    return reply((await on.peers.grading.GetMarking(request)).marking)


@router.post("/exams/{exam_id}/copies/{copy_id}/lease", response_model=model(grading_pb2.Lease))
async def acquire_lease(exam_id: UUID, copy_id: UUID, body: JustOnce, person: Marker, on: On) -> Response:
    """Take the right to write, or take it up again."""
    request = body.to(grading.AcquireLeaseRequest, exam_id=exam_id, copy_id=copy_id)
    return reply((await on.peers.grading.AcquireLease(request)).lease)


@router.put("/exams/{exam_id}/copies/{copy_id}/lease/{lease_id}", response_model=model(grading_pb2.Lease))
async def renew_lease(exam_id: UUID, copy_id: UUID, lease_id: UUID, person: Marker, on: On) -> Response:
    """Heartbeat."""
    request = grading.RenewLeaseRequest(exam_id=str(exam_id), copy_id=str(copy_id), lease_id=str(lease_id))
    return reply((await on.peers.grading.RenewLease(request)).lease)


@router.delete("/exams/{exam_id}/copies/{copy_id}/lease/{lease_id}", status_code=204)
async def release_lease(exam_id: UUID, copy_id: UUID, lease_id: UUID, person: Marker, on: On) -> Response:
    """Give the right to write back."""
    request = grading.ReleaseLeaseRequest(exam_id=str(exam_id), copy_id=str(copy_id), lease_id=str(lease_id))
    await on.peers.grading.ReleaseLease(request)
    return Response(status_code=204)


@router.post("/exams/{exam_id}/copies/{copy_id}/acts", response_model=model(grading.RecordActsResponse))
async def record_acts(exam_id: UUID, copy_id: UUID, body: Acts, person: Marker, on: On) -> Response:
    """Store a marker's acts; the outcome of each is in the answer."""
    request = grading.RecordActsRequest(
        exam_id=str(exam_id),
        copy_id=str(copy_id),
        lease_id=body.lease_id,
        acts=[as_message(grading_pb2.Act, _act(one)) for one in body.acts],
    )
    return reply(await on.peers.grading.RecordActs(request))


@router.delete("/exams/{exam_id}/copies/{copy_id}/set-aside/{act_id}", status_code=204)
async def dismiss_act(exam_id: UUID, copy_id: UUID, act_id: UUID, person: Marker, on: On) -> Response:
    """Show an act that was set aside no more."""
    request = grading.DismissActRequest(exam_id=str(exam_id), copy_id=str(copy_id), act_id=str(act_id))
    await on.peers.grading.DismissAct(request)
    return Response(status_code=204)


@router.post(
    "/exams/{exam_id}/copies/{copy_id}/finalize", status_code=202, response_model=model(grading_pb2.Copy)
)
async def finalize_copy(exam_id: UUID, copy_id: UUID, body: Finalize, person: Marker, on: On) -> Response:
    """Freeze a copy; its PDF is made without this request."""
    request = body.to(grading.FinalizeCopyRequest, exam_id=exam_id, copy_id=copy_id)
    return reply((await on.peers.grading.FinalizeCopy(request)).copy, 202)


async def _expect_markers(on: Context, exam_id: UUID, account_ids: Collection[UUID]) -> None:
    async with on.database.transaction() as session:
        await Members(session).expect_markers(exam_id, account_ids)


def _act(act: ActBody) -> dict[str, Any]:
    return act.model_dump(mode="json", exclude_none=True)
