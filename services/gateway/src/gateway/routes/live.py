"""The one stream of events of a browser, and its notices."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated
from uuid import UUID, uuid4

import orjson
from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import StreamingResponse
from kit.events import TooOld
from korrigo.notification.v1 import notification_pb2
from korrigo.notification.v1 import notification_service_pb2 as notification

from gateway import access, answers
from gateway.access import SignedIn
from gateway.context import Context, context
from gateway.live import Change, Look, Viewer
from gateway.routes.body import API, Body, Paged
from gateway.shape import items, listing, reply
from gateway.store import Members, Sessions

router = APIRouter(prefix=API, tags=["live"])
On = Annotated[Context, Depends(context)]
PING_SECONDS = 15.0
#: After how many milliseconds a browser comes back when its stream ends.
RETRY = 1000
#: The empty id makes the browser forget the last one: it is of no use any more.
RESET = "id:\nevent: reset\ndata: {}\n\n"


class Seen(Body):
    notice_ids: list[UUID]


@router.get("/events", response_class=StreamingResponse)
async def follow_events(
    request: Request, person: SignedIn, on: On, last_event_id: Annotated[int | None, Header()] = None
) -> StreamingResponse:
    """Server-sent events: what changed, so that the page reads it again."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    lines = _lines(on, partial(_look, on, access.token_of(request, on)), last_event_id)
    return StreamingResponse(lines, media_type="text/event-stream", headers=headers)


@router.get("/notices", response_model=listing(notification_pb2.Notice))
async def list_notices(person: SignedIn, on: On, page: Paged) -> Response:
    """What this account was told, newest first."""
    request = notification.ListNoticesRequest(page_size=page.size, page_token=page.token)
    found = await on.peers.notification.ListNotices(request)
    return items(found.notices, found.next_page_token)


@router.post("/notices/read", response_model=answers.Nothing)
async def mark_notices_read(body: Seen, person: SignedIn, on: On) -> Response:
    """Mark notices as read."""
    ids = [str(one) for one in body.notice_ids]
    request = notification.MarkNoticesReadRequest(request_id=str(uuid4()), notice_ids=ids)
    await on.peers.notification.MarkNoticesRead(request)
    return reply(answers.Nothing())


async def _look(on: Context, token: str) -> Viewer | None:
    """Who follows, by the session as it is now."""
    async with on.database.transaction() as session:
        found = await Sessions(session).by_token(token)
        if found is None:
            return None
        members = await Members(session).of_account(found[0].id)
    return Viewer(str(found[0].id), {str(one.exam_id): one.role for one in members})


async def _lines(on: Context, look: Look, after: int | None) -> AsyncIterator[str]:
    yield f"retry: {RETRY}\n\n"
    if after is not None:
        await on.live.catch_up(after)
        if on.live.is_behind(after):
            yield RESET
            after = None
    try:
        async for change in on.live.follow(look, after, idle=PING_SECONDS):
            yield _event(change) if change else ": ping\n\n"
    except TooOld:
        yield RESET


def _event(change: Change) -> str:
    data = {"kind": change.kind, "id": change.id, "exam_id": change.exam_id, "version": change.version}
    return f"id: {change.sequence}\nevent: change\ndata: {orjson.dumps(data).decode()}\n\n"
