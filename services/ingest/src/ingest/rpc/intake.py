"""Methods about batches, scans, sides and the ledger."""

from __future__ import annotations

from kit.rpc import allowed, paging
from kit.rpc.paging import Paging
from korrigo.ingest.v1 import ingest_service_pb2 as pb
from korrigo.ingest.v1.ingest_service_pb2_grpc import IngestServiceServicer

from ingest.app import intake, rendering
from ingest.rpc.edge import Context, Edge, of_exam
from ingest.store import Store
from ingest.wire import names, views


class IntakeMethods(Edge, IngestServiceServicer):
    """From the upload to settled sides."""

    @allowed("office")
    async def CreateBatch(self, request: pb.CreateBatchRequest, context: Context) -> pb.CreateBatchResponse:
        """Open a batch that scans can be added to."""

        async def act(store: Store) -> pb.CreateBatchResponse:
            batch = await intake.create_batch(
                store,
                request.exam_id,
                request.name,
                mode=names.mode_of(request.mode),
                sides_per_copy=request.sides_per_copy,
                now=self._now(),
            )
            return pb.CreateBatchResponse(batch=views.batch(batch))

        return await self._once(request, pb.CreateBatchResponse, act)

    @allowed("office")
    async def ListBatches(self, request: pb.ListBatchesRequest, context: Context) -> pb.ListBatchesResponse:
        """List batches with their scans, newest first."""
        of_exam(request)
        asked = Paging.of(request, paging.moment, paging.uid)
        async with self._read(request) as store:
            found = await store.batches(request.exam_id, asked.after, asked.limit)
        shown, token = asked.page(
            found, key=lambda one: one[0].list_place, show=lambda one: views.batch(one[0], one[1])
        )
        return pb.ListBatchesResponse(batches=shown, next_page_token=token)

    @allowed("office")
    async def AddScan(self, request: pb.AddScanRequest, context: Context) -> pb.AddScanResponse:
        """Take over a finished upload."""

        async def act(store: Store) -> pb.AddScanResponse:
            scan = await intake.add_scan(
                store,
                request.exam_id,
                request.batch_id,
                file_name=request.file_name,
                upload_prefix=request.upload_prefix,
                chunks=request.chunks,
                size=request.bytes,
                now=self._now(),
                replaces=request.replaces,
            )
            return pb.AddScanResponse(scan=views.scan(scan))

        return await self._once(request, pb.AddScanResponse, act)

    @allowed("office")
    async def GetScan(self, request: pb.GetScanRequest, context: Context) -> pb.GetScanResponse:
        """Read one scan."""
        of_exam(request)
        async with self._read(request) as store:
            return pb.GetScanResponse(scan=views.scan(await store.scan(request.exam_id, request.scan_id)))

    @allowed("office")
    async def DismissScan(self, request: pb.DismissScanRequest, context: Context) -> pb.DismissScanResponse:
        """Decide that a refused scan is not needed."""

        async def act(store: Store) -> pb.DismissScanResponse:
            scan = await intake.dismiss(store, request.exam_id, request.scan_id, request.reason)
            return pb.DismissScanResponse(scan=views.scan(scan))

        return await self._once(request, pb.DismissScanResponse, act)

    @allowed("office")
    async def RestoreScan(self, request: pb.RestoreScanRequest, context: Context) -> pb.RestoreScanResponse:
        """Take a dismissal back."""

        async def act(store: Store) -> pb.RestoreScanResponse:
            scan = await intake.restore(store, request.exam_id, request.scan_id)
            return pb.RestoreScanResponse(scan=views.scan(scan))

        return await self._once(request, pb.RestoreScanResponse, act)

    @allowed("office")
    async def GetLedger(self, request: pb.GetLedgerRequest, context: Context) -> pb.GetLedgerResponse:
        """Read the conservation sum."""
        of_exam(request)
        async with self._read(request) as store:
            return pb.GetLedgerResponse(ledger=views.ledger(await store.ledger(request.exam_id)))

    @allowed("office")
    async def ListExceptions(
        self, request: pb.ListExceptionsRequest, context: Context
    ) -> pb.ListExceptionsResponse:
        """List what needs a decision, and what was set aside."""
        of_exam(request)
        asked = Paging.of(request, paging.number, paging.number, paging.number)
        async with self._read(request) as store:
            found = await store.exceptions(request.exam_id, asked.after, asked.limit)
        shown, token = asked.page(found, key=lambda one: one[0], show=lambda one: views.exception(one[1]))
        answer = pb.ListExceptionsResponse(next_page_token=token)
        for part in shown:
            answer.MergeFrom(part)
        return answer

    @allowed("office")
    async def RetrySide(self, request: pb.RetrySideRequest, context: Context) -> pb.RetrySideResponse:
        """Order a failed side again."""

        async def act(store: Store) -> pb.RetrySideResponse:
            scan = await rendering.retry_side(store, request.exam_id, request.scan_id, request.side)
            return pb.RetrySideResponse(scan=views.scan(scan))

        return await self._once(request, pb.RetrySideResponse, act)

    @allowed("office")
    async def SetAsideSide(
        self, request: pb.SetAsideSideRequest, context: Context
    ) -> pb.SetAsideSideResponse:
        """Decide that a failed side has no page."""

        async def act(store: Store) -> pb.SetAsideSideResponse:
            scan = await rendering.set_side_aside(
                store, request.exam_id, request.scan_id, request.side, request.reason
            )
            return pb.SetAsideSideResponse(scan=views.scan(scan))

        return await self._once(request, pb.SetAsideSideResponse, act)
