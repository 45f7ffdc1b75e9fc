"""Uploads: files in chunks; any replica takes any chunk, any repeat changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from kit.errors import Refusal, Unavailable
from kit.identity import Caller, acting_as
from korrigo.ingest.v1 import ingest_service_pb2 as ingest
from pydantic import Field

from gateway import access, answers
from gateway.access import SignedIn
from gateway.context import Context, context
from gateway.leftovers import drop
from gateway.refusals import (
    ChunkInvalid,
    ChunksMissing,
    FileTooLarge,
    NothingHere,
    UploadCompleted,
    UploadsBusy,
)
from gateway.routes.body import API, JustOnce, Mutation
from gateway.settings import GatewaySettings
from gateway.shape import as_json, reply
from gateway.store import Upload, Uploads

router = APIRouter(prefix=f"{API}/uploads", tags=["uploads"])
On = Annotated[Context, Depends(context)]
CHUNK = GatewaySettings.CHUNK_BYTES
#: Seconds that a chunk waits for room, and then for its next bytes.
PATIENCE = 20.0
RETRY_AFTER = 5


class NewUpload(Mutation):
    exam_id: UUID
    batch_id: UUID
    file_name: str = Field(min_length=1, max_length=255)
    bytes: int = Field(gt=0)
    #: A refused scan that this file takes the place of.
    replaces: UUID | None = None


@router.post("", status_code=201, response_model=answers.Upload)
async def open_upload(body: NewUpload, person: SignedIn, on: On) -> Response:
    """Announce a file; its chunks follow."""
    if body.bytes > on.settings.max_upload_bytes:
        raise FileTooLarge(most=str(on.settings.max_upload_bytes))
    wanted = Upload(
        id=body.request_id,
        account_id=person.account.id,
        exam_id=body.exam_id,
        batch_id=body.batch_id,
        file_name=body.file_name,
        bytes=body.bytes,
        replaces=body.replaces,
    )
    async with on.database.transaction() as session:
        await access.member(session, person.account, body.exam_id, "office")
        upload = await Uploads(session).ensure(wanted)
        received = await Uploads(session).received(upload.id)
    return reply(_shown(upload, received), 201)


@router.get("/{upload_id}", response_model=answers.Upload)
async def read_upload(upload_id: UUID, person: SignedIn, on: On) -> Response:
    """Which chunks have arrived, so that an interrupted upload goes on."""
    async with on.database.transaction() as session:
        upload = await _own(Uploads(session), upload_id, person)
        received = await Uploads(session).received(upload_id)
    return reply(_shown(upload, received))


@router.put("/{upload_id}/{number}", status_code=204)
async def put_chunk(upload_id: UUID, number: int, request: Request, person: SignedIn, on: On) -> Response:
    """Store one chunk."""
    async with on.database.transaction() as session:
        upload = await _own(Uploads(session), upload_id, person)
    size = upload.chunk_size(number, CHUNK)
    if not size:
        raise ChunkInvalid
    if upload.is_complete:
        return Response(status_code=204)
    async with _room(on):
        await on.blobs.put(f"{upload.prefix}/{number}", await _exactly(request, size))
    async with on.database.transaction() as session:
        is_wanted = await Uploads(session).receive(upload_id, number)
    if not is_wanted:
        await on.blobs.delete(f"{upload.prefix}/{number}")
        raise NothingHere
    return Response(status_code=204)


@router.delete("/{upload_id}", status_code=204)
async def cancel_upload(upload_id: UUID, person: SignedIn, on: On) -> Response:
    """Take back a file that is still on its way; what has arrived of it goes."""
    async with on.database.transaction() as session:
        upload = await _own(Uploads(session), upload_id, person, is_locked=True)
        if upload.is_complete:
            raise UploadCompleted
        await Uploads(session).remove(upload_id)
    await drop(on.blobs, upload)
    return Response(status_code=204)


@router.post("/{upload_id}/complete", status_code=202, response_model=answers.UploadCompleted)
async def complete_upload(upload_id: UUID, body: JustOnce, person: SignedIn, on: On) -> Response:
    """Hand a whole file over; joining, checking and rendering go on without this request."""
    async with on.database.transaction() as session:
        uploads = Uploads(session)
        upload = await _own(uploads, upload_id, person, is_locked=True)
        received = await uploads.received(upload_id)
        await access.member(session, person.account, upload.exam_id, "office")
        missing = sorted(set(range(upload.chunks(CHUNK))) - set(received))
        if missing:
            raise ChunksMissing(missing=",".join(str(number) for number in missing[:100]))
        # From here on it cannot be cancelled: its chunks are wanted.
        await uploads.complete(upload_id)
    with acting_as(Caller("gateway", str(person.account.id), "office", str(upload.exam_id))):
        answer = await _handed_over(on, upload)
    return reply({"scan": as_json(answer.scan)}, 202)


async def _handed_over(on: Context, upload: Upload) -> ingest.AddScanResponse:
    """Give a file to ingest; one that it refuses may be cancelled again."""
    try:
        return await on.peers.ingest.AddScan(_scan(upload))
    except Unavailable:
        raise
    except Refusal:
        async with on.database.transaction() as session:
            await Uploads(session).complete(upload.id, is_complete=False)
        raise


def _scan(upload: Upload) -> ingest.AddScanRequest:
    return ingest.AddScanRequest(
        request_id=str(upload.id),
        exam_id=str(upload.exam_id),
        batch_id=str(upload.batch_id),
        file_name=upload.file_name,
        upload_prefix=upload.prefix,
        chunks=upload.chunks(CHUNK),
        bytes=upload.bytes,
        replaces=str(upload.replaces or ""),
    )


async def _own(uploads: Uploads, upload_id: UUID, person: SignedIn, *, is_locked: bool = False) -> Upload:
    upload = await uploads.get(upload_id, person.account.id, is_locked=is_locked)
    if upload is None:
        raise NothingHere
    return upload


@asynccontextmanager
async def _room(on: Context) -> AsyncIterator[None]:
    """Room for one chunk in memory; the browser waits rather than this process when there is none."""
    try:
        async with asyncio.timeout(PATIENCE):
            await on.chunks.acquire()
    except TimeoutError:
        raise UploadsBusy(retry_after=str(RETRY_AFTER)) from None
    try:
        yield
    finally:
        on.chunks.release()


async def _exactly(request: Request, size: int) -> bytes:
    """The body; refused as soon as it is longer than *size*, given up when nothing comes any more."""
    pieces: list[bytes] = []
    left = size
    try:
        async with asyncio.timeout(PATIENCE) as patience:
            async for piece in request.stream():
                patience.reschedule(asyncio.get_running_loop().time() + PATIENCE)
                pieces.append(piece)
                left -= len(piece)
                if left < 0:
                    raise ChunkInvalid
    except TimeoutError:
        raise UploadsBusy(retry_after=str(RETRY_AFTER)) from None
    if left:
        raise ChunkInvalid
    return b"".join(pieces)


def _shown(upload: Upload, received: Sequence[int]) -> answers.Upload:
    return answers.Upload(
        id=upload.id,
        chunk_bytes=CHUNK,
        chunks=upload.chunks(CHUNK),
        received=list(received),
        is_complete=upload.is_complete,
    )
