"""NotificationService over gRPC."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kit.db import Database
from kit.rpc import allowed, caller, paging
from kit.rpc.paging import Paging
from korrigo.notification.v1 import notification_service_pb2 as pb
from korrigo.notification.v1 import notification_service_pb2_grpc as pb_grpc
from sqlalchemy.ext.asyncio import AsyncSession

from notification import app, wire
from notification.domain import Contact, IdInvalid
from notification.operators.store import Operators
from notification.store import Store

PEOPLE = ("admin", "operator", "office", "marker", "student")
#: Who tells how operations went: the operators' tools, and the services' own jobs.
OPERATING = ("ctl", "gateway", "ingest", "grading", "notification")
Context = Any


class NotificationService(pb_grpc.NotificationServiceServicer):
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @allowed(services=("gateway",))
    async def PutContact(self, request: pb.PutContactRequest, context: Context) -> pb.PutContactResponse:
        async def act(session: AsyncSession) -> pb.PutContactResponse:
            told = request.contact
            contact = Contact(_id(told.account_id), told.email, told.name, told.language or "fr")
            await app.put_contact(Store(session), contact)
            return pb.PutContactResponse()

        return await self._database.once(request.request_id, "PutContact", pb.PutContactResponse, act)

    @allowed(services=("gateway",))
    async def SendLink(self, request: pb.SendLinkRequest, context: Context) -> pb.SendLinkResponse:
        async def act(session: AsyncSession) -> pb.SendLinkResponse:
            made = await app.send_link(
                Store(session),
                _id(request.account_id),
                request.kind,
                request.link,
                exam_name=request.exam_name,
                occasion=f"link:{request.request_id}",
            )
            return pb.SendLinkResponse(delivery_id=str(made[0]) if made else "")

        return await self._database.once(request.request_id, "SendLink", pb.SendLinkResponse, act)

    @allowed(*PEOPLE)
    async def ListNotices(self, request: pb.ListNoticesRequest, context: Context) -> pb.ListNoticesResponse:
        asked = Paging.of(request, paging.number)
        async with self._database.transaction() as session:
            found = await Store(session).notices(_id(caller().subject), asked.after, most=asked.limit)
        shown, token = asked.page(found, key=lambda one: (one[0],), show=lambda one: wire.notice(one[1]))
        return pb.ListNoticesResponse(notices=shown, next_page_token=token)

    @allowed(*PEOPLE)
    async def MarkNoticesRead(
        self, request: pb.MarkNoticesReadRequest, context: Context
    ) -> pb.MarkNoticesReadResponse:
        ids = [_id(one) for one in request.notice_ids]
        async with self._database.transaction() as session:
            await Store(session).mark_read(_id(caller().subject), ids)
        return pb.MarkNoticesReadResponse()

    @allowed("operator", "admin")
    async def ListDeliveries(
        self, request: pb.ListDeliveriesRequest, context: Context
    ) -> pb.ListDeliveriesResponse:
        asked = Paging.of(request, paging.number)
        async with self._database.transaction() as session:
            found = await Store(session).deliveries(asked.after, most=asked.limit)
        shown, token = asked.page(found, key=lambda one: (one[0],), show=lambda one: wire.delivery(one[1]))
        return pb.ListDeliveriesResponse(deliveries=shown, next_page_token=token)

    @allowed(services=OPERATING)
    async def RecordOperation(
        self, request: pb.RecordOperationRequest, context: Context
    ) -> pb.RecordOperationResponse:
        operation = wire.operation_of(request.operation)

        async def act(session: AsyncSession) -> pb.RecordOperationResponse:
            operation.check()
            await Operators(session).record(operation)
            return pb.RecordOperationResponse()

        return await self._database.once(
            request.request_id, "RecordOperation", pb.RecordOperationResponse, act
        )

    @allowed("operator", "admin", services=OPERATING)
    async def ListAlerts(self, request: pb.ListAlertsRequest, context: Context) -> pb.ListAlertsResponse:
        async with self._database.transaction() as session:
            store = Operators(session)
            known, newest = await store.known_alerts(), await store.newest_operations()
        return pb.ListAlertsResponse(
            alerts=[wire.alert(one) for one in known], operations=[wire.operation(one) for one in newest]
        )


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise IdInvalid(id=text[:50]) from None
