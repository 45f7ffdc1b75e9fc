"""The services that the gateway asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kit.identity import Signer
from kit.rpc import Certificates, Peer, connected
from korrigo.grading.v1.grading_service_pb2_grpc import GradingServiceStub
from korrigo.ingest.v1.ingest_service_pb2_grpc import IngestServiceStub
from korrigo.notification.v1.notification_service_pb2_grpc import NotificationServiceStub

from gateway.settings import GatewaySettings

if TYPE_CHECKING:
    from korrigo.grading.v1.grading_service_pb2_grpc import GradingServiceAsyncStub
    from korrigo.ingest.v1.ingest_service_pb2_grpc import IngestServiceAsyncStub
    from korrigo.notification.v1.notification_service_pb2_grpc import NotificationServiceAsyncStub


@dataclass(frozen=True, slots=True)
class Peers:
    """One stub per service; calls carry the identity of the request being served."""

    ingest: IngestServiceAsyncStub
    grading: GradingServiceAsyncStub
    notification: NotificationServiceAsyncStub


@asynccontextmanager
async def connect(settings: GatewaySettings) -> AsyncIterator[Peers]:
    """Channels to every peer, open while the context lasts; it begins without one that is long away."""
    signer = Signer(settings.signing_key.get_secret_value())
    shown = Certificates.of(settings)
    async with (
        Peer(settings.ingest_address, "ingest", signer, certificates=shown) as ingest,
        Peer(settings.grading_address, "grading", signer, certificates=shown) as grading,
        Peer(settings.notification_address, "notification", signer, certificates=shown) as notification,
    ):
        peers = Peers(
            ingest.stub(IngestServiceStub),
            grading.stub(GradingServiceStub),
            notification.stub(NotificationServiceStub),
        )
        await connected(ingest, grading, notification, within=settings.connect_seconds)
        yield peers
