"""Calls to a peer: in turn over several connections, with a token and a deadline on each."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import grpc
from google.protobuf.message import Message
from opentelemetry.trace import SpanKind

from kit import identity, telemetry
from kit.errors import Refusal, Unavailable
from kit.rpc.channels import Channels
from kit.rpc.deadline import budget
from kit.rpc.gate import REQUEST_ID
from kit.rpc.metrics import CALLED, measured
from kit.rpc.status import refusal_from
from kit.rpc.tls import Certificates

Stub = TypeVar("Stub")
Call = Callable[..., Any]

RETRY_AFTER_SECONDS = 1
#: The peer is away, too slow, or was going while the call came in.
AWAY = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED}

log = telemetry.get_logger()


class PeerUnavailable(Unavailable):
    """A part of Korrigo does not answer right now; try again in a moment."""


class Peer:
    """Another service, by one address."""

    def __init__(
        self,
        address: str,
        audience: str,
        signer: identity.Signer,
        *,
        certificates: Certificates | None = None,
        deadline: timedelta = timedelta(seconds=5),
    ) -> None:
        """Call *audience* at *address*; no call takes longer than *deadline*."""
        self.audience = audience
        self._address = address
        self._signer = signer
        self._certificates = certificates
        self._deadline = deadline
        self._channels: dict[str, Channels] = {}

    async def __aenter__(self) -> Self:
        """Open nothing yet: connections belong to the stubs."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        await asyncio.gather(*(channels.close() for channels in self._channels.values()))

    def stub(self, make: Callable[[grpc.aio.Channel], Stub]) -> Stub:
        """Make a generated stub whose calls go through this peer; its unary methods only."""
        return make(cast(grpc.aio.Channel, self))

    async def ready(self) -> None:
        """Wait until every connection stands; `connected` bounds it."""
        await asyncio.gather(*(channels.ready() for channels in self._channels.values()))

    def unary_unary(
        self,
        path: str,
        request_serializer: Call | None = None,
        response_deserializer: Call | None = None,
        _registered_method: bool = False,
    ) -> Call:
        """Give a stub the callable of one method."""
        channels = self._of(path.split("/")[1])

        async def call(request: Message, *, timeout: float | None = None) -> Message:
            with _span(path), measured(CALLED, path):
                seconds = budget(self._deadline.total_seconds() if timeout is None else timeout)
                if not seconds:
                    raise self._away()
                method = channels.turn().unary_unary(path, request_serializer, response_deserializer)
                try:
                    answer: Message = await method(request, timeout=seconds, metadata=self._metadata())
                except grpc.aio.AioRpcError as error:
                    if refusal := self._refusal(error):
                        raise refusal from error
                    raise
                return answer

        return call

    def _metadata(self) -> tuple[tuple[str, str], ...]:
        headers = telemetry.inject(
            {"authorization": f"Bearer {self._signer.token(self.audience, identity.current())}"}
        )
        if request_id := telemetry.bound("request_id"):
            headers[REQUEST_ID] = request_id
        return tuple(headers.items())

    def _refusal(self, error: grpc.aio.AioRpcError) -> Refusal | None:
        refusal = refusal_from(error)
        if isinstance(refusal, Unavailable):
            refusal.metadata.setdefault("retry_after", str(RETRY_AFTER_SECONDS))
        return refusal or (self._away() if error.code() in AWAY else None)

    def _away(self) -> PeerUnavailable:
        return PeerUnavailable(peer=self.audience, retry_after=str(RETRY_AFTER_SECONDS))

    def _of(self, service: str) -> Channels:
        if service not in self._channels:
            self._channels[service] = Channels(self._address, service, self._certificates)
        return self._channels[service]


async def connected(*peers: Peer, within: float) -> None:
    """Wait until every connection to *peers* stands, but no longer than so many seconds."""
    if not within:
        return
    try:
        async with asyncio.timeout(within):
            await asyncio.gather(*(peer.ready() for peer in peers))
    except TimeoutError:
        log.warning("peers_not_connected", peers=[peer.audience for peer in peers], seconds=within)


def _span(path: str) -> AbstractContextManager[object]:
    """Trace one call; OpenTelemetry's own interceptor would keep a cancelled call running."""
    _, service, method = path.split("/")
    return telemetry.tracer().start_as_current_span(
        path.removeprefix("/"),
        kind=SpanKind.CLIENT,
        attributes={"rpc.system": "grpc", "rpc.service": service, "rpc.method": method},
        record_exception=False,
    )
