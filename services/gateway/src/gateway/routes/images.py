"""Page images by random key; what the session may not see does not exist."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from kit.errors import NotFound
from kit.identity import Caller, acting_as
from korrigo.grading.v1 import grading_service_pb2 as grading
from korrigo.ingest.v1 import ingest_service_pb2 as ingest

from gateway.access import SignedIn
from gateway.context import Context, context
from gateway.refusals import NothingHere
from gateway.store import Members

router = APIRouter(tags=["images"])
On = Annotated[Context, Depends(context)]
CACHE_CONTROL = "private, max-age=31536000, immutable"
#: How long a decision about a session and a copy is believed.
DECISION_SECONDS = 60.0
KEPT = 50_000


K = TypeVar("K")
V = TypeVar("V")


@dataclass(slots=True)
class Recent(Generic[K, V]):
    """The newest values by key, each for a limited time."""

    seconds: float
    _kept: OrderedDict[K, tuple[float, V]] = field(default_factory=OrderedDict)

    def get(self, key: K) -> V | None:
        found = self._kept.get(key)
        return found[1] if found and found[0] > time.monotonic() else None

    def put(self, key: K, value: V) -> None:
        self._kept[key] = (time.monotonic() + self.seconds, value)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Rendition:
    """Where an image lies and whose it is. Never changes for a key, but its copy may."""

    exam_id: UUID
    copy_id: str
    is_redacted: bool
    blob_key: str
    media_type: str


RENDITIONS: Recent[str, Rendition] = Recent(DECISION_SECONDS)
DECISIONS: Recent[tuple[UUID, UUID, str, bool], bool] = Recent(DECISION_SECONDS)


@router.get("/i/{key}")
async def read_image(key: str, request: Request, person: SignedIn, on: On) -> Response:
    """One image. The address never changes its content."""
    rendition = await _rendition(on, key)
    if not await _may_see(on, person, rendition):
        raise NothingHere
    headers = {"Cache-Control": CACHE_CONTROL, "ETag": f'"{key}"'}
    if request.headers.get("If-None-Match") == f'"{key}"':
        return Response(status_code=304, headers=headers)
    size = await on.blobs.size(rendition.blob_key)
    content = on.blobs.stream(rendition.blob_key)
    return StreamingResponse(
        content, headers=headers | {"Content-Length": str(size)}, media_type=rendition.media_type
    )


async def _rendition(on: Context, key: str) -> Rendition:
    known = RENDITIONS.get(key)
    if known is not None:
        return known
    with acting_as(None):
        found = await on.peers.ingest.ResolveRendition(ingest.ResolveRenditionRequest(key=key))
    known = Rendition(UUID(found.exam_id), found.copy_id, found.is_redacted, found.blob_key, found.media_type)
    RENDITIONS.put(key, known)
    return known


async def _may_see(on: Context, person: SignedIn, rendition: Rendition) -> bool:
    subject = (person.session.id, rendition.exam_id, rendition.copy_id, rendition.is_redacted)
    known = DECISIONS.get(subject)
    if known is None:
        known = await _decide(on, person.account.id, rendition)
        DECISIONS.put(subject, known)
    return known


async def _decide(on: Context, account_id: UUID, rendition: Rendition) -> bool:
    async with on.database.transaction() as session:
        role = await Members(session).role(account_id, rendition.exam_id)
    if role == "office":
        return True
    if not rendition.copy_id:
        return False
    if role == "marker":
        return rendition.is_redacted and await _is_assigned(on, account_id, rendition)
    return await _is_own_result(on, account_id, rendition)


async def _is_assigned(on: Context, account_id: UUID, rendition: Rendition) -> bool:
    exam_id = str(rendition.exam_id)
    request = grading.CheckCopyAccessRequest(exam_id=exam_id, copy_id=rendition.copy_id)
    with acting_as(Caller("gateway", str(account_id), "marker", exam_id)):
        try:
            await on.peers.grading.CheckCopyAccess(request)
        except NotFound:
            return False
    return True


async def _is_own_result(on: Context, account_id: UUID, rendition: Rendition) -> bool:
    with acting_as(Caller("gateway", str(account_id), "student", None)):
        try:
            await on.peers.ingest.GetMyResult(ingest.GetMyResultRequest(copy_id=rendition.copy_id))
        except NotFound:
            return False
    return True
