"""Methods about the roster."""

from __future__ import annotations

from kit.rpc import allowed, paging
from kit.rpc.paging import Paging
from korrigo.ingest.v1 import ingest_service_pb2 as pb
from korrigo.ingest.v1.ingest_service_pb2_grpc import IngestServiceServicer

from ingest.app import roster
from ingest.domain.roster.matching import ADDED, UNCHANGED, UPDATED
from ingest.rpc.edge import Context, Edge, of_exam
from ingest.store import Store
from ingest.wire import names, views


class RosterMethods(Edge, IngestServiceServicer):
    """Who is expected, who was there, and whose account it is."""

    @allowed("office")
    async def ImportRoster(
        self, request: pb.ImportRosterRequest, context: Context
    ) -> pb.ImportRosterResponse:
        """Import a roster file, all or nothing."""

        async def act(store: Store) -> pb.ImportRosterResponse:
            plan, is_imported = await roster.import_roster(
                store, request.exam_id, request.content, dry_run=request.dry_run
            )
            return pb.ImportRosterResponse(
                lines=map(views.roster_line, plan.lines),
                added=plan.count(ADDED),
                updated=plan.count(UPDATED),
                unchanged=plan.count(UNCHANGED),
                refused=plan.refused,
                imported=is_imported,
            )

        return await self._once(request, pb.ImportRosterResponse, act)

    @allowed("office")
    async def ListStudents(
        self, request: pb.ListStudentsRequest, context: Context
    ) -> pb.ListStudentsResponse:
        """List the roster by name."""
        of_exam(request)
        asked = Paging.of(request, paging.words, paging.day, paging.uid)
        async with self._read(request) as store:
            found = await store.students(request.exam_id, asked.after, asked.limit)
        shown, token = asked.page(found, key=lambda student: student.list_place, show=views.student)
        return pb.ListStudentsResponse(students=shown, next_page_token=token)

    @allowed("office")
    async def SetPresence(self, request: pb.SetPresenceRequest, context: Context) -> pb.SetPresenceResponse:
        """Say whether a student was there."""

        async def act(store: Store) -> pb.SetPresenceResponse:
            student = await roster.set_presence(
                store, request.exam_id, request.student_id, names.presence_of(request.presence)
            )
            return pb.SetPresenceResponse(student=views.student(student))

        return await self._once(request, pb.SetPresenceResponse, act)

    @allowed("office")
    async def LinkAccounts(
        self, request: pb.LinkAccountsRequest, context: Context
    ) -> pb.LinkAccountsResponse:
        """Let accounts see the results of students."""

        async def act(store: Store) -> pb.LinkAccountsResponse:
            accounts = {link.student_id: link.account_id for link in request.links}
            return pb.LinkAccountsResponse(
                linked=await roster.link_accounts(store, request.exam_id, accounts)
            )

        return await self._once(request, pb.LinkAccountsResponse, act)
