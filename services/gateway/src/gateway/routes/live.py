"""The one stream of events of a browser, and its notices."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID, uuid4

import orjson
from fastapi import APIRouter, Depends, Header, Response
from fastapi.responses import StreamingResponse
from korrigo.notification.v1 import notification_pb2
from korrigo.notification.v1 import notification_service_pb2 as notification

from gateway.access import SignedIn
from gateway.context import Context, context
from gateway.live import Change, Viewer, viewer
from gateway.routes.body import Body
from gateway.shape import items, listing, reply
from gateway.store import Members

router = APIRouter(tags=["live"])
On = Annotated[Context, Depends(context)]
PING_SECONDS = 15.0


class Seen(Body):
    notice_ids: list[UUID]


@router.get("/events", response_class=StreamingResponse)
async def follow_events(
    person: SignedIn, on: On, last_event_id: Annotated[int | None, Header()] = None
) -> StreamingResponse:
    """Server-sent events: what changed, so that the page reads it again."""
    async with on.database.transaction() as session:
        roles = {one.exam_id: one.role for one in await Members(session).of_account(person.account.id)}
    lines = _lines(on, viewer(person.account.id, roles), last_event_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(lines, media_type="text/event-stream", headers=headers)


@router.get("/notices", response_model=listing(notification_pb2.Notice))
async def list_notices(person: SignedIn, on: On) -> Response:
    """What this account was told, newest first."""
    return items((await on.peers.notification.ListNotices(notification.ListNoticesRequest())).notices)


@router.post("/notices/read")
async def mark_notices_read(body: Seen, person: SignedIn, on: On) -> Response:
    """Mark notices as read."""
    ids = [str(one) for one in body.notice_ids]
    request = notification.MarkNoticesReadRequest(request_id=str(uuid4()), notice_ids=ids)
    await on.peers.notification.MarkNoticesRead(request)
    return reply({})


async def _lines(on: Context, who: Viewer, after: int | None) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    if after is not None and on.live.is_behind(after):
        yield "event: reset\ndata: {}\n\n"
        after = None
    async for change in on.live.follow(who, after, idle=PING_SECONDS):
        yield _event(change) if change else ": ping\n\n"


def _event(change: Change) -> str:
    data = {"kind": change.kind, "id": change.id, "exam_id": change.exam_id, "version": change.version}
    return f"id: {change.sequence}\nevent: change\ndata: {orjson.dumps(data).decode()}\n\n"
