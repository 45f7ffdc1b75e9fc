"""Methods about staged copies and identity zones."""

from __future__ import annotations

from kit.rpc import allowed, paging
from kit.rpc.paging import Paging
from korrigo.ingest.v1 import ingest_service_pb2 as pb
from korrigo.ingest.v1.ingest_service_pb2_grpc import IngestServiceServicer

from ingest.app import preparing, staging
from ingest.domain.copy import Placement
from ingest.domain.refusals import PageRepeated
from ingest.rpc.edge import Context, Edge, of_exam
from ingest.store import Store
from ingest.wire import views


class StagingMethods(Edge, IngestServiceServicer):
    """Arrange, link and validate copies."""

    @allowed("office")
    async def ListStagedCopies(
        self, request: pb.ListStagedCopiesRequest, context: Context
    ) -> pb.ListStagedCopiesResponse:
        """List copies with their pages, in the order of the paper."""
        of_exam(request)
        asked = Paging.of(request, paging.number, paging.number, paging.number)
        async with self._read(request) as store:
            found = await store.copies(request.exam_id, asked.after, asked.limit)
        shown, token = asked.page(found, key=lambda copy: copy.list_place, show=views.copy)
        return pb.ListStagedCopiesResponse(copies=shown, next_page_token=token)

    @allowed("office")
    async def GetStagedCopy(
        self, request: pb.GetStagedCopyRequest, context: Context
    ) -> pb.GetStagedCopyResponse:
        """Read one copy."""
        of_exam(request)
        async with self._read(request) as store:
            copy = await store.copy(request.exam_id, request.copy_id)
        return pb.GetStagedCopyResponse(copy=views.copy(copy))

    @allowed("office")
    async def ArrangeCopy(self, request: pb.ArrangeCopyRequest, context: Context) -> pb.ArrangeCopyResponse:
        """Set the ordered pages of a copy."""
        set_aside = {page.page_id: page.reason for page in request.set_aside}
        if len(set_aside) != len(request.set_aside):
            raise PageRepeated

        async def act(store: Store) -> pb.ArrangeCopyResponse:
            copy = await staging.arrange(
                store,
                request.exam_id,
                request.copy_id,
                version=request.version,
                placements=[Placement(page.page_id, page.rotation) for page in request.pages],
                set_aside=set_aside,
            )
            return pb.ArrangeCopyResponse(copy=views.copy(copy))

        return await self._once(request, pb.ArrangeCopyResponse, act)

    @allowed("office")
    async def SplitCopy(self, request: pb.SplitCopyRequest, context: Context) -> pb.SplitCopyResponse:
        """Move the pages from one on to a new copy."""

        async def act(store: Store) -> pb.SplitCopyResponse:
            copy, created = await staging.split(
                store,
                request.exam_id,
                request.copy_id,
                version=request.version,
                before_page_id=request.before_page_id,
            )
            return pb.SplitCopyResponse(copy=views.copy(copy), created=views.copy(created))

        return await self._once(request, pb.SplitCopyResponse, act)

    @allowed("office")
    async def MergeCopies(self, request: pb.MergeCopiesRequest, context: Context) -> pb.MergeCopiesResponse:
        """Append the pages of the source to the target."""

        async def act(store: Store) -> pb.MergeCopiesResponse:
            copy = await staging.merge(
                store,
                request.exam_id,
                target=(request.target_id, request.target_version),
                source=(request.source_id, request.source_version),
            )
            return pb.MergeCopiesResponse(copy=views.copy(copy))

        return await self._once(request, pb.MergeCopiesResponse, act)

    @allowed("office")
    async def LinkCopy(self, request: pb.LinkCopyRequest, context: Context) -> pb.LinkCopyResponse:
        """Say whose copy it is."""

        async def act(store: Store) -> pb.LinkCopyResponse:
            copy = await staging.link(
                store,
                request.exam_id,
                request.copy_id,
                version=request.version,
                student_id=request.student_id,
            )
            return pb.LinkCopyResponse(copy=views.copy(copy))

        return await self._once(request, pb.LinkCopyResponse, act)

    @allowed("office")
    async def ValidateCopies(
        self, request: pb.ValidateCopiesRequest, context: Context
    ) -> pb.ValidateCopiesResponse:
        """Prepare copies for marking."""

        async def act(store: Store) -> pb.ValidateCopiesResponse:
            validated = await preparing.validate(store, request.exam_id, request.copy_ids)
            return pb.ValidateCopiesResponse(validated=validated)

        return await self._once(request, pb.ValidateCopiesResponse, act)

    @allowed("office")
    async def GetZones(self, request: pb.GetZonesRequest, context: Context) -> pb.GetZonesResponse:
        """Read the identity zones."""
        of_exam(request)
        async with self._read(request) as store:
            zones = await store.zones(request.exam_id)
        return pb.GetZonesResponse(
            zones=map(views.zone, zones.zones), none_confirmed=zones.none_confirmed, version=zones.version
        )

    @allowed("office")
    async def PutZones(self, request: pb.PutZonesRequest, context: Context) -> pb.PutZonesResponse:
        """Replace the identity zones."""

        async def act(store: Store) -> pb.PutZonesResponse:
            zones = await preparing.put_zones(
                store,
                request.exam_id,
                [views.zone_of(zone) for zone in request.zones],
                none_confirmed=request.none_confirmed,
            )
            return pb.PutZonesResponse(
                zones=map(views.zone, zones.zones), none_confirmed=zones.none_confirmed, version=zones.version
            )

        return await self._once(request, pb.PutZonesResponse, act)
