"""Methods that join names to marks, and the meaning of rendition keys."""

from __future__ import annotations

from kit.rpc import allowed, caller, paging
from kit.rpc.paging import Paging
from korrigo.ingest.v1 import ingest_service_pb2 as pb
from korrigo.ingest.v1.ingest_service_pb2_grpc import IngestServiceServicer

from ingest.app import results
from ingest.rpc.edge import Context, Edge, of_exam
from ingest.store import Store
from ingest.wire import results as wire
from ingest.wire import views


class ResultMethods(Edge, IngestServiceServicer):
    """Exports for the office, results for their students."""

    @allowed("office")
    async def RequestExport(
        self, request: pb.RequestExportRequest, context: Context
    ) -> pb.RequestExportResponse:
        """Start making a file of results."""

        async def act(store: Store) -> pb.RequestExportResponse:
            export = await results.request_export(store, request.exam_id, request.language)
            return pb.RequestExportResponse(export=views.export(export))

        return await self._once(request, pb.RequestExportResponse, act)

    @allowed("office")
    async def GetExport(self, request: pb.GetExportRequest, context: Context) -> pb.GetExportResponse:
        """Read the state of an export."""
        of_exam(request)
        async with self._read(request) as store:
            export = await store.export(request.exam_id, request.export_id)
        return pb.GetExportResponse(export=views.export(export))

    @allowed("student")
    async def ListMyResults(
        self, request: pb.ListMyResultsRequest, context: Context
    ) -> pb.ListMyResultsResponse:
        """List the caller's released results."""
        asked = Paging.of(request, paging.words, paging.uid)
        async with self._read(request) as store:
            students = await store.students_of(caller().subject)
        found = await results.my_results(self._grading, students, asked.after, asked.limit)
        shown, token = asked.page(
            found,
            key=lambda mine: mine.list_place,
            show=lambda mine: wire.summary(mine.exam, mine.result, mine.student),
        )
        return pb.ListMyResultsResponse(results=shown, next_page_token=token)

    @allowed("student")
    async def GetMyResult(self, request: pb.GetMyResultRequest, context: Context) -> pb.GetMyResultResponse:
        """Read one of the caller's released results."""
        async with self._read(request) as store:
            students = await store.students_of(caller().subject)
        mine = await results.my_result(self._grading, students, request.copy_id)
        async with self._read(request) as store:
            pages = await results.pages_of(store, mine)
        return pb.GetMyResultResponse(result=wire.full(mine.exam, mine.result, mine.student, pages))

    @allowed(services=("gateway",))
    async def ResolveRendition(
        self, request: pb.ResolveRenditionRequest, context: Context
    ) -> pb.ResolveRenditionResponse:
        """Say which blob a rendition key means and whose it is."""
        async with self._read(request) as store:
            found = await store.resolve(request.key)
        return pb.ResolveRenditionResponse(
            exam_id=found.exam_id,
            copy_id=found.copy_id,
            is_redacted=found.is_redacted,
            blob_key=found.blob_key,
            media_type=found.media_type,
        )
