"""Release and exports for the office, released results for students."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse
from korrigo.grading.v1 import grading_pb2
from korrigo.grading.v1 import grading_service_pb2 as grading
from korrigo.ingest.v1 import ingest_pb2
from korrigo.ingest.v1 import ingest_service_pb2 as ingest

from gateway import answers
from gateway.access import Office, Student
from gateway.context import Context, context
from gateway.refusals import NothingHere
from gateway.routes.body import API, JustOnce, Mutation, Paged
from gateway.shape import as_json, items, listing, model, reply

router = APIRouter(prefix=API, tags=["results"])
On = Annotated[Context, Depends(context)]


class ExportWish(Mutation):
    language: Literal["fr", "en"] = "fr"


@router.get("/exams/{exam_id}/release", response_model=answers.Release)
async def check_release(exam_id: UUID, person: Office, on: On) -> Response:
    """What keeps the results from being released."""
    exam, ledger = await asyncio.gather(
        on.peers.grading.GetExam(grading.GetExamRequest(exam_id=str(exam_id))),
        on.peers.ingest.GetLedger(ingest.GetLedgerRequest(exam_id=str(exam_id))),
    )
    asked = grading.CheckReleaseRequest(exam_id=str(exam_id), copies=ledger.ledger.copies_ready)
    checked = await on.peers.grading.CheckRelease(asked)
    body = {
        "state": as_json(exam.exam)["state"],
        "release": exam.exam.release,
        "blockers": [as_json(one) for one in checked.blockers],
        "ledger_version": ledger.ledger.version,
    }
    return reply(body)


@router.post("/exams/{exam_id}/release", status_code=202, response_model=model(grading_pb2.Exam))
async def release_results(exam_id: UUID, body: JustOnce, person: Office, on: On) -> Response:
    """Show students their results; refused with every reason while anything is undecided."""
    ledger = (await on.peers.ingest.GetLedger(ingest.GetLedgerRequest(exam_id=str(exam_id)))).ledger
    known = {"ledger_version": ledger.version, "copies": ledger.copies_ready}
    request = body.to(grading.ReleaseResultsRequest, exam_id=exam_id, **known)
    return reply((await on.peers.grading.ReleaseResults(request)).exam, 202)


@router.post("/exams/{exam_id}/exports", status_code=202, response_model=model(ingest_pb2.Export))
async def request_export(exam_id: UUID, body: ExportWish, person: Office, on: On) -> Response:
    """Start making the table of results."""
    return reply(
        (await on.peers.ingest.RequestExport(body.to(ingest.RequestExportRequest, exam_id=exam_id))).export,
        202,
    )


@router.get("/exams/{exam_id}/exports/{export_id}", response_model=model(ingest_pb2.Export))
async def read_export(exam_id: UUID, export_id: UUID, person: Office, on: On) -> Response:
    """The state of an export, for who polls."""
    return reply(await _export(on, exam_id, export_id))


@router.get("/exams/{exam_id}/exports/{export_id}/file")
async def download_export(exam_id: UUID, export_id: UUID, person: Office, on: On) -> Response:
    """The table of results."""
    export = await _export(on, exam_id, export_id)
    return await _file(on, export.key, export.file_name, "text/csv; charset=utf-8")


@router.get("/exams/{exam_id}/copies/{copy_id}/result.pdf")
async def download_result(exam_id: UUID, copy_id: UUID, person: Office, on: On) -> Response:
    """The annotated PDF of a finalized copy."""
    request = grading.GetResultFileRequest(exam_id=str(exam_id), copy_id=str(copy_id))
    found = await on.peers.grading.GetResultFile(request)
    return await _file(on, found.pdf_key, found.file_name, "application/pdf")


@router.get("/results", response_model=listing(ingest_pb2.StudentResult))
async def list_my_results(person: Student, on: On, page: Paged) -> Response:
    """A student's released results, newest first."""
    request = ingest.ListMyResultsRequest(page_size=page.size, page_token=page.token)
    found = await on.peers.ingest.ListMyResults(request)
    return items(found.results, found.next_page_token)


@router.get("/results/{copy_id}", response_model=model(ingest_pb2.StudentResult))
async def read_my_result(copy_id: UUID, person: Student, on: On) -> Response:
    """One released result, with its pages and annotations."""
    result = (await on.peers.ingest.GetMyResult(ingest.GetMyResultRequest(copy_id=str(copy_id)))).result
    return reply(_with_annotations(as_json(result)))


@router.get("/results/{copy_id}/pdf")
async def download_my_result(copy_id: UUID, person: Student, on: On) -> Response:
    """The annotated PDF of one's own copy."""
    result = (await on.peers.ingest.GetMyResult(ingest.GetMyResultRequest(copy_id=str(copy_id)))).result
    return await _file(on, result.pdf_key, f"{result.exam_name} {result.code}.pdf", "application/pdf")


async def _export(on: Context, exam_id: UUID, export_id: UUID) -> ingest_pb2.Export:
    request = ingest.GetExportRequest(exam_id=str(exam_id), export_id=str(export_id))
    return (await on.peers.ingest.GetExport(request)).export


async def _file(on: Context, key: str, name: str, media_type: str) -> Response:
    if not key:
        raise NothingHere
    size = await on.blobs.size(key)
    headers = {
        "Content-Length": str(size),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(on.blobs.stream(key), headers=headers, media_type=media_type)


def _with_annotations(result: dict[str, Any]) -> dict[str, Any]:
    pages = [page | {"annotations": orjson.loads(page["annotations"] or "[]")} for page in result["pages"]]
    return result | {"pages": pages}
