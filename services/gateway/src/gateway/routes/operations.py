"""Version, health and what browsers felt, for people who run the installation."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from kit.errors import Refusal
from korrigo.notification.v1 import notification_service_pb2 as notification
from pydantic import Field

from gateway import answers, metrics
from gateway.access import Anyone, Operator, SignedIn
from gateway.context import Context, context
from gateway.metrics import Felt
from gateway.routes.body import API, Body
from gateway.shape import as_json, reply

router = APIRouter(prefix=API, tags=["operations"])
On = Annotated[Context, Depends(context)]


class Wait(Body):
    """How long somebody waited for something."""

    what: Felt
    seconds: Annotated[float, Field(ge=0, le=600)]


class Waits(Body):
    """What a browser measured since it told the last time."""

    items: Annotated[list[Wait], Field(max_length=100)]


@router.get("/version", dependencies=[Anyone], response_model=answers.Version)
async def read_version(on: On) -> Response:
    """The running version and where its source is."""
    return reply(answers.Version(version=on.settings.version, source=on.settings.source_url))


@router.get("/openapi.json", include_in_schema=False, dependencies=[Anyone])
async def read_description(request: Request) -> Response:
    """The description of this API."""
    return reply(request.app.openapi())


@router.get("/health", response_model=answers.Health)
async def read_health(person: Operator, on: On) -> Response:
    """What this gateway can reach, and the newest deliveries of e-mail."""
    checks = await on.health.report()
    services = [{"name": name, "ready": not why, "reason": why} for name, why in checks.items()]
    try:
        found = await on.peers.notification.ListDeliveries(notification.ListDeliveriesRequest(page_size=50))
        deliveries = [as_json(one) for one in found.deliveries]
    except Refusal as refusal:
        deliveries = []
        services.append({"name": "notification", "ready": False, "reason": str(refusal)})
    return reply({"services": services, "deliveries": deliveries})


@router.post("/waits", status_code=204)
async def note_waits(body: Waits, person: SignedIn) -> Response:
    """Count how long this browser's user waited; nothing else is kept of it."""
    for wait in body.items:
        metrics.BROWSER_SECONDS.labels(wait.what).observe(wait.seconds)
    return Response(status_code=204)
