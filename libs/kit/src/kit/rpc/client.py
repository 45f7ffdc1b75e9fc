"""Calls to a peer: in turn over several connections, with a token and a deadline on each."""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from itertools import cycle
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import MethodOptions
from google.protobuf.message import Message
from opentelemetry.trace import SpanKind

from kit import identity, telemetry
from kit.errors import Refusal, Unavailable
from kit.rpc.deadline import budget
from kit.rpc.gate import REQUEST_ID
from kit.rpc.metrics import CALLED, measured
from kit.rpc.status import refusal_from

Stub = TypeVar("Stub")
Call = Callable[..., Any]

#: One connection sticks to one pod of the peer; four spread the calls.
CHANNELS = 4
RETRY_AFTER_SECONDS = 1
RETRY = {
    "maxAttempts": 4,
    "initialBackoff": "0.1s",
    "maxBackoff": "1s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}
OPTIONS = (
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.service_config_disable_resolution", 1),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.keepalive_time_ms", 5_000),
    ("grpc.keepalive_timeout_ms", 3_000),
    ("grpc.http2.ping_timeout_ms", 3_000),  # the one that closes a frozen connection
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.max_metadata_size", 64 * 1024),
    ("grpc.max_receive_message_length", 64 * 1024**2),  # the results of a large course in one answer
)
#: The peer is away, too slow, or was going while the call came in.
AWAY = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED}


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
        deadline: timedelta = timedelta(seconds=5),
    ) -> None:
        """Call *audience* at *address*; no call takes longer than *deadline*."""
        self.audience = audience
        self._address = address
        self._signer = signer
        self._deadline = deadline
        self._channels: dict[str, list[grpc.aio.Channel]] = {}
        self._turns = cycle(range(CHANNELS))

    async def __aenter__(self) -> Self:
        """Open nothing yet: connections belong to the stubs."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        await asyncio.gather(*(channel.close() for channel in self._all()))

    def stub(self, make: Callable[[grpc.aio.Channel], Stub]) -> Stub:
        """Make a generated stub whose calls go through this peer; its unary methods only."""
        return make(cast(grpc.aio.Channel, self))

    async def ready(self) -> None:
        """Wait until every connection stands; a health check bounds it."""
        await asyncio.gather(*(channel.channel_ready() for channel in self._all()))

    def unary_unary(
        self,
        path: str,
        request_serializer: Call | None = None,
        response_deserializer: Call | None = None,
        _registered_method: bool = False,
    ) -> Call:
        """Give a stub the callable of one method."""
        channels = self._of(path.split("/")[1])
        calls = [channel.unary_unary(path, request_serializer, response_deserializer) for channel in channels]
        return self._method(path, calls)

    def _method(self, path: str, calls: Sequence[Call]) -> Call:
        async def call(request: Message, *, timeout: float | None = None) -> Message:
            with _span(path), measured(CALLED, path):
                seconds = budget(self._deadline.total_seconds() if timeout is None else timeout)
                if not seconds:
                    raise self._away()
                try:
                    turn = calls[next(self._turns)]
                    answer: Message = await turn(request, timeout=seconds, metadata=self._metadata())
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

    def _of(self, service: str) -> list[grpc.aio.Channel]:
        if service not in self._channels:
            self._channels[service] = [_channel(self._address, service) for _ in range(CHANNELS)]
        return self._channels[service]

    def _all(self) -> list[grpc.aio.Channel]:
        return [channel for channels in self._channels.values() for channel in channels]


def _span(path: str) -> AbstractContextManager[object]:
    """Trace one call; OpenTelemetry's own interceptor would keep a cancelled call running."""
    _, service, method = path.split("/")
    return telemetry.tracer().start_as_current_span(
        path.removeprefix("/"),
        kind=SpanKind.CLIENT,
        attributes={"rpc.system": "grpc", "rpc.service": service, "rpc.method": method},
        record_exception=False,
    )


def _channel(address: str, service: str) -> grpc.aio.Channel:
    options = (*OPTIONS, ("grpc.service_config", json.dumps(_service_config(service))))
    return grpc.aio.insecure_channel(address, options=options)


def _service_config(service: str) -> dict[str, Any]:
    """Retry what the contract calls idempotent; a `timeout` here would fire early and stay unknown there."""
    methods = descriptor_pool.Default().FindServiceByName(service).methods
    names = [
        {"service": service, "method": method.name}
        for method in methods
        if method.GetOptions().idempotency_level != MethodOptions.IDEMPOTENCY_UNKNOWN
    ]
    policy = {"name": names, "retryPolicy": RETRY, "waitForReady": True}
    return {"methodConfig": [policy] if names else []}
