"""Methods of the desk: one marker before one copy."""

from kit import rpc
from kit.rpc import allowed, paging
from kit.rpc.paging import Paging
from korrigo.grading.v1 import grading_pb2 as nouns_pb
from korrigo.grading.v1 import grading_service_pb2 as pb

from grading import app
from grading.app.marking import Marking
from grading.rpc.edge import Context, Edge, desk, new_id
from grading.store import Store
from grading.wire import nouns, writing


class MarkingMethods(Edge):
    """Read and write one copy."""

    @allowed("marker")
    async def GetMarking(self, request: pb.GetMarkingRequest, context: Context) -> pb.GetMarkingResponse:
        """Read everything that the desk shows."""
        async with self._transaction(request) as store:
            marking = await app.marking.get_marking(store, desk(request))
        return pb.GetMarkingResponse(marking=_marking(marking))

    @allowed("marker")
    async def AcquireLease(
        self, request: pb.AcquireLeaseRequest, context: Context
    ) -> pb.AcquireLeaseResponse:
        """Take, or take up again, the right to write."""

        async def act(store: Store) -> pb.AcquireLeaseResponse:
            lease = await app.marking.acquire_lease(
                store, desk(request), new_id=new_id(), length=self._lease_length
            )
            return pb.AcquireLeaseResponse(lease=nouns.lease(lease))

        return await self._once(request, request.request_id, pb.AcquireLeaseResponse, act)

    @allowed("marker")
    async def RenewLease(self, request: pb.RenewLeaseRequest, context: Context) -> pb.RenewLeaseResponse:
        """Extend the lease by its full length from now."""
        async with self._transaction(request) as store:
            lease = await app.marking.renew_lease(
                store, desk(request), request.lease_id, length=self._lease_length
            )
        return pb.RenewLeaseResponse(lease=nouns.lease(lease))

    @allowed("marker")
    async def ReleaseLease(
        self, request: pb.ReleaseLeaseRequest, context: Context
    ) -> pb.ReleaseLeaseResponse:
        """Give the right to write back."""
        async with self._transaction(request) as store:
            await app.marking.release_lease(store, desk(request), request.lease_id)
        return pb.ReleaseLeaseResponse()

    @allowed("marker")
    async def RecordActs(self, request: pb.RecordActsRequest, context: Context) -> pb.RecordActsResponse:
        """
        Store acts, each at most once; their ids make a repeat safe, so there is no request id.

        The lease of the caller decides, not the one that is named: a tab may not know yet that another tab of
        the same marker took it up again.
        """
        acts = [writing.act_of(act) for act in request.acts]
        async with self._transaction(request) as store:
            recorded = await app.marking.record_acts(
                store, desk(request), acts, new_id=new_id(), length=self._lease_length
            )
        return pb.RecordActsResponse(
            outcomes=[writing.outcome(outcome) for outcome in recorded.outcomes],
            copy_version=recorded.copy_version,
            lease=nouns.lease(recorded.lease) if recorded.lease else None,
        )

    @allowed("marker")
    async def ListSetAsideActs(
        self, request: pb.ListSetAsideActsRequest, context: Context
    ) -> pb.ListSetAsideActsResponse:
        """List the caller's acts that were set aside, also on copies that another has now."""
        asked = Paging.of(request, paging.moment, paging.number, paging.words, paging.words)
        async with self._transaction(request) as store:
            found = await store.sheets.all_set_aside(rpc.caller().subject, asked.after, asked.limit)
        shown, token = asked.page(found, key=lambda aside: aside.list_place, show=writing.aside)
        return pb.ListSetAsideActsResponse(acts=shown, next_page_token=token)

    @allowed("marker")
    async def DismissAct(self, request: pb.DismissActRequest, context: Context) -> pb.DismissActResponse:
        """Show an act that was set aside no more."""
        async with self._transaction(request) as store:
            await app.marking.dismiss_act(store, desk(request), request.act_id)
        return pb.DismissActResponse()


def _marking(marking: Marking) -> nouns_pb.Marking:
    message = nouns_pb.Marking(
        copy=nouns.copy(marking.copy),
        exam=nouns.exam(marking.exam),
        pages=[nouns.page(page) for page in marking.pages],
    )
    writing.fill(message, marking.sheet, marking.set_aside)
    return message
