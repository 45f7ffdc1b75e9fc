"""Methods about copies, for the office, and about lots, for markers."""

from kit import rpc
from kit.rpc import allowed, paging
from kit.rpc.paging import Paging
from korrigo.grading.v1 import grading_service_pb2 as pb

from grading import app
from grading.rpc.edge import Context, Edge, desk, member
from grading.store import Store
from grading.wire import nouns


class CopyMethods(Edge):
    """List, share out and follow copies."""

    @allowed("office")
    async def ListCopies(self, request: pb.ListCopiesRequest, context: Context) -> pb.ListCopiesResponse:
        """List the copies of an exam by code."""
        member(request)
        asked = Paging.of(request, paging.words)
        async with self._transaction(request) as store:
            found = await store.copies.of_exam(request.exam_id, after_code=_code(asked), limit=asked.limit)
        shown, token = asked.page(found, key=lambda copy: (copy.code,), show=nouns.copy)
        return pb.ListCopiesResponse(copies=shown, next_page_token=token)

    @allowed("office")
    async def DispatchCopies(
        self, request: pb.DispatchCopiesRequest, context: Context
    ) -> pb.DispatchCopiesResponse:
        """Share the unassigned copies evenly and at random."""
        actor = member(request)

        async def act(store: Store) -> pb.DispatchCopiesResponse:
            count = await app.copies.dispatch_copies(
                store, actor, request.exam_id, list(request.marker_ids), self._random
            )
            return pb.DispatchCopiesResponse(dispatched=count)

        return await self._once(request, request.request_id, pb.DispatchCopiesResponse, act)

    @allowed("office")
    async def ReassignCopies(
        self, request: pb.ReassignCopiesRequest, context: Context
    ) -> pb.ReassignCopiesResponse:
        """Give the unfinished copies of one marker to another."""
        actor = member(request)

        async def act(store: Store) -> pb.ReassignCopiesResponse:
            count = await app.copies.reassign_copies(
                store, actor, request.exam_id, giver=request.from_marker_id, taker=request.to_marker_id
            )
            return pb.ReassignCopiesResponse(reassigned=count)

        return await self._once(request, request.request_id, pb.ReassignCopiesResponse, act)

    @allowed("office")
    async def GetProgress(self, request: pb.GetProgressRequest, context: Context) -> pb.GetProgressResponse:
        """Count copies by state and marker."""
        member(request)
        async with self._transaction(request) as store:
            progress = await app.copies.get_progress(store, request.exam_id)
        return pb.GetProgressResponse(progress=nouns.progress(progress))

    @allowed("marker")
    async def ListLots(self, request: pb.ListLotsRequest, context: Context) -> pb.ListLotsResponse:
        """List the calling marker's lots."""
        asked = Paging.of(request, paging.words, paging.words, paging.words)
        async with self._transaction(request) as store:
            found = await store.copies.lots(rpc.caller().subject, asked.after, asked.limit)
        shown, token = asked.page(found, key=lambda lot: lot.list_place, show=nouns.lot)
        return pb.ListLotsResponse(lots=shown, next_page_token=token)

    @allowed("marker")
    async def ListLotCopies(
        self, request: pb.ListLotCopiesRequest, context: Context
    ) -> pb.ListLotCopiesResponse:
        """List the calling marker's copies of an exam, in marking order."""
        caller = member(request)
        asked = Paging.of(request, paging.words)
        async with self._transaction(request) as store:
            found = await store.copies.of_exam(
                request.exam_id, marker_id=caller.subject, after_code=_code(asked), limit=asked.limit
            )
        shown, token = asked.page(found, key=lambda copy: (copy.code,), show=nouns.copy)
        return pb.ListLotCopiesResponse(copies=shown, next_page_token=token)

    @allowed("marker")
    async def CheckCopyAccess(
        self, request: pb.CheckCopyAccessRequest, context: Context
    ) -> pb.CheckCopyAccessResponse:
        """Answer only if the calling marker may see this copy."""
        async with self._transaction(request) as store:
            await app.marking.look(store, desk(request))
        return pb.CheckCopyAccessResponse()


def _code(asked: Paging) -> str:
    """Give the code after which a page begins."""
    return str(asked.after[0]) if asked.after else ""
