"""Batches, scans, the ledger and its exceptions."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from korrigo.ingest.v1 import ingest_pb2
from korrigo.ingest.v1 import ingest_service_pb2 as ingest
from pydantic import Field

from gateway.access import Office
from gateway.context import Context, context
from gateway.routes.body import API, JustOnce, Mutation, Paged
from gateway.shape import items, listing, model, reply

router = APIRouter(prefix=f"{API}/exams/{{exam_id}}", tags=["batches"])
On = Annotated[Context, Depends(context)]


class NewBatch(Mutation):
    name: str = Field(min_length=1, max_length=200)
    mode: Literal["file_per_copy", "every_n_sides", "a3_booklet"]
    sides_per_copy: int = Field(0, ge=0, le=1000)


class Reason(Mutation):
    reason: str = Field(min_length=1, max_length=500)


@router.post("/batches", status_code=201, response_model=model(ingest_pb2.Batch))
async def create_batch(exam_id: UUID, body: NewBatch, person: Office, on: On) -> Response:
    """Open a batch that files can be dropped on."""
    return reply(
        (await on.peers.ingest.CreateBatch(body.to(ingest.CreateBatchRequest, exam_id=exam_id))).batch, 201
    )


@router.get("/batches", response_model=listing(ingest_pb2.Batch))
async def list_batches(exam_id: UUID, person: Office, on: On, page: Paged) -> Response:
    """Batches with their scans, newest first."""
    request = ingest.ListBatchesRequest(exam_id=str(exam_id), page_size=page.size, page_token=page.token)
    found = await on.peers.ingest.ListBatches(request)
    return items(found.batches, found.next_page_token)


@router.get("/scans/{scan_id}", response_model=model(ingest_pb2.Scan))
async def read_scan(exam_id: UUID, scan_id: UUID, person: Office, on: On) -> Response:
    """One scan, for who polls."""
    request = ingest.GetScanRequest(exam_id=str(exam_id), scan_id=str(scan_id))
    return reply((await on.peers.ingest.GetScan(request)).scan)


@router.post("/scans/{scan_id}/dismiss", response_model=model(ingest_pb2.Scan))
async def dismiss_scan(exam_id: UUID, scan_id: UUID, body: Reason, person: Office, on: On) -> Response:
    """Decide that a refused file is not needed."""
    request = body.to(ingest.DismissScanRequest, exam_id=exam_id, scan_id=scan_id)
    return reply((await on.peers.ingest.DismissScan(request)).scan)


@router.post("/scans/{scan_id}/restore", response_model=model(ingest_pb2.Scan))
async def restore_scan(exam_id: UUID, scan_id: UUID, body: JustOnce, person: Office, on: On) -> Response:
    """Let a dismissed file wait for a decision again."""
    request = body.to(ingest.RestoreScanRequest, exam_id=exam_id, scan_id=scan_id)
    return reply((await on.peers.ingest.RestoreScan(request)).scan)


@router.post("/scans/{scan_id}/sides/{side}/retry", status_code=202, response_model=model(ingest_pb2.Scan))
async def retry_side(
    exam_id: UUID, scan_id: UUID, side: int, body: JustOnce, person: Office, on: On
) -> Response:
    """Order a failed side again."""
    request = body.to(ingest.RetrySideRequest, exam_id=exam_id, scan_id=scan_id, side=side)
    return reply((await on.peers.ingest.RetrySide(request)).scan, 202)


@router.post("/scans/{scan_id}/sides/{side}/set-aside", response_model=model(ingest_pb2.Scan))
async def set_aside_side(
    exam_id: UUID, scan_id: UUID, side: int, body: Reason, person: Office, on: On
) -> Response:
    """Decide that a failed side has no page."""
    request = body.to(ingest.SetAsideSideRequest, exam_id=exam_id, scan_id=scan_id, side=side)
    return reply((await on.peers.ingest.SetAsideSide(request)).scan)


@router.get("/ledger", response_model=model(ingest_pb2.Ledger))
async def read_ledger(exam_id: UUID, person: Office, on: On) -> Response:
    """Where every side and page is."""
    return reply((await on.peers.ingest.GetLedger(ingest.GetLedgerRequest(exam_id=str(exam_id)))).ledger)


@router.get("/exceptions", response_model=model(ingest.ListExceptionsResponse))
async def list_exceptions(exam_id: UUID, person: Office, on: On, page: Paged) -> Response:
    """What waits for a decision or was set aside: refused files, then sides, then pages."""
    request = ingest.ListExceptionsRequest(exam_id=str(exam_id), page_size=page.size, page_token=page.token)
    return reply(await on.peers.ingest.ListExceptions(request))
