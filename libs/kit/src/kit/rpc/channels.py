"""Connections to one service of a peer: several to one name, in turn, retried as the contract allows."""

import asyncio
import json
from itertools import cycle
from typing import Any

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import MethodOptions

from kit.rpc.tls import Certificates, Material, channel_credentials

#: One connection sticks to one pod of the peer; four spread the calls.
CHANNELS = 4
#: Longer than any call that may still be under way on a connection that is exchanged.
GRACE_SECONDS = 30
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
)


class Channels:
    """The connections, made anew when the certificates are exchanged."""

    def __init__(self, address: str, service: str, certificates: Certificates | None) -> None:
        """Open them; *service* is the full name in the contract."""
        self._address = address
        self._options = (*OPTIONS, ("grpc.service_config", json.dumps(_service_config(service))))
        self._certificates = certificates
        self._closing: set[asyncio.Task[None]] = set()
        self._open()

    def turn(self) -> grpc.aio.Channel:
        """Give the connection whose turn it is."""
        if self._certificates and self._certificates.current() is not self._shown:
            for channel in self._channels:
                closing = asyncio.ensure_future(channel.close(GRACE_SECONDS))
                self._closing.add(closing)
                closing.add_done_callback(self._closing.discard)
            self._open()
        return next(self._turns)

    async def ready(self) -> None:
        """Wait until every connection stands."""
        await asyncio.gather(*(channel.channel_ready() for channel in self._channels))

    async def close(self) -> None:
        """Close every connection at once."""
        for closing in self._closing:
            closing.cancel()
        await asyncio.gather(*(channel.close() for channel in self._channels))

    def _open(self) -> None:
        self._shown = self._certificates.current() if self._certificates else None
        self._channels = [self._channel(self._shown) for _ in range(CHANNELS)]
        self._turns = cycle(self._channels)

    def _channel(self, material: Material | None) -> grpc.aio.Channel:
        if material is None:
            return grpc.aio.insecure_channel(self._address, options=self._options)
        return grpc.aio.secure_channel(self._address, channel_credentials(material), options=self._options)


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
