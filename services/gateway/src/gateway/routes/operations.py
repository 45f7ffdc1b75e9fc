"""Version and health, for people who run the installation."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from kit.errors import Refusal
from korrigo.notification.v1 import notification_service_pb2 as notification

from gateway import answers
from gateway.access import Anyone, Operator
from gateway.context import Context, context
from gateway.routes.body import API
from gateway.shape import as_json, reply

router = APIRouter(prefix=API, tags=["operations"])
On = Annotated[Context, Depends(context)]


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
