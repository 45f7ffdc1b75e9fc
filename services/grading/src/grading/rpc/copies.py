"""Methods about copies, for the office, and about lots, for markers."""

from kit import rpc
from kit.rpc import allowed
from korrigo.grading.v1 import grading_service_pb2 as pb

from grading import app
from grading.rpc.edge import Context, Edge, desk, member
from grading.store import Store
from grading.wire import nouns

PAGE_SIZE = 200
LARGEST_PAGE = 1000


class CopyMethods(Edge):
    """List, share out and follow copies."""

    @allowed("office")
    async def ListCopies(self, request: pb.ListCopiesRequest, context: Context) -> pb.ListCopiesResponse:
        """List the copies of an exam by code; the token is the last code seen."""
        member(request)
        limit = min(request.page_size if request.page_size > 0 else PAGE_SIZE, LARGEST_PAGE)
        async with self._transaction(request) as store:
            copies = await store.copies.of_exam(
                request.exam_id, after_code=request.page_token, limit=limit + 1
            )
        more = copies[limit - 1].code if len(copies) > limit else ""
        return pb.ListCopiesResponse(
            copies=[nouns.copy(copy) for copy in copies[:limit]], next_page_token=more
        )

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
        async with self._transaction(request) as store:
            lots = await store.copies.lots(rpc.caller().subject)
        return pb.ListLotsResponse(lots=[nouns.lot(lot) for lot in lots])

    @allowed("marker")
    async def ListLotCopies(
        self, request: pb.ListLotCopiesRequest, context: Context
    ) -> pb.ListLotCopiesResponse:
        """List the calling marker's copies of an exam, in marking order."""
        caller = member(request)
        async with self._transaction(request) as store:
            copies = await store.copies.of_exam(request.exam_id, marker_id=caller.subject)
        return pb.ListLotCopiesResponse(copies=[nouns.copy(copy) for copy in copies])

    @allowed("marker")
    async def CheckCopyAccess(
        self, request: pb.CheckCopyAccessRequest, context: Context
    ) -> pb.CheckCopyAccessResponse:
        """Answer only if the calling marker may see this copy."""
        async with self._transaction(request) as store:
            await app.marking.look(store, desk(request))
        return pb.CheckCopyAccessResponse()
