"""Who may see which page image."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kit.db import Database
from kit.errors import NotFound
from kit.identity import Caller, acting_as
from korrigo.grading.v1 import grading_service_pb2 as grading
from korrigo.ingest.v1 import ingest_service_pb2 as ingest

from gateway.peers import Peers
from gateway.recent import Recent
from gateway.refusals import NothingHere
from gateway.store import Members

#: How long a decision about a session and a copy is believed.
DECISION_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Rendition:
    """Where an image lies and whose it is. Never changes for a key, but its copy may."""

    exam_id: UUID
    copy_id: str
    is_redacted: bool
    blob_key: str
    media_type: str


class Images:
    """
    Finds an image for a session, or nothing.

    Office sees all of its exams; a marker the redacted pages of copies assigned to them; a student the pages
    of their own released copy.
    """

    def __init__(self, database: Database, peers: Peers, *, seconds: float = DECISION_SECONDS) -> None:
        self._database = database
        self._peers = peers
        self._renditions: Recent[str, Rendition] = Recent(seconds)
        #: Only who may see what: a copy that is not theirs yet may be so in a moment.
        self._seen: Recent[tuple[UUID, UUID, str, bool], bool] = Recent(seconds)

    async def find(self, key: str, *, account_id: UUID, session_id: UUID) -> Rendition:
        """The rendition under a key; refused when it is not for this session."""
        rendition = self._renditions.get(key) or await self._resolve(key)
        subject = (session_id, rendition.exam_id, rendition.copy_id, rendition.is_redacted)
        if not self._seen.get(subject):
            if not await self._may_see(account_id, rendition):
                raise NothingHere
            self._seen.put(subject, True)
        return rendition

    async def _resolve(self, key: str) -> Rendition:
        with acting_as(None):
            found = await self._peers.ingest.ResolveRendition(ingest.ResolveRenditionRequest(key=key))
        exam_id = UUID(found.exam_id)
        rendition = Rendition(exam_id, found.copy_id, found.is_redacted, found.blob_key, found.media_type)
        self._renditions.put(key, rendition)
        return rendition

    async def _may_see(self, account_id: UUID, rendition: Rendition) -> bool:
        async with self._database.transaction() as session:
            role = await Members(session).role(account_id, rendition.exam_id)
        if role == "office":
            return True
        if not rendition.copy_id:
            return False
        if role == "marker":
            return rendition.is_redacted and await self._is_assigned(account_id, rendition)
        return await self._is_own_result(account_id, rendition)

    async def _is_assigned(self, account_id: UUID, rendition: Rendition) -> bool:
        exam_id = str(rendition.exam_id)
        request = grading.CheckCopyAccessRequest(exam_id=exam_id, copy_id=rendition.copy_id)
        with acting_as(Caller("gateway", str(account_id), "marker", exam_id)):
            try:
                await self._peers.grading.CheckCopyAccess(request)
            except NotFound:
                return False
        return True

    async def _is_own_result(self, account_id: UUID, rendition: Rendition) -> bool:
        request = ingest.GetMyResultRequest(copy_id=rendition.copy_id)
        with acting_as(Caller("gateway", str(account_id), "student", None)):
            try:
                await self._peers.ingest.GetMyResult(request)
            except NotFound:
                return False
        return True
