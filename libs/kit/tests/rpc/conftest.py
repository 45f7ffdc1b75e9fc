"""Real servers and peers on loopback."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from kit import identity, rpc
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from libs.kit.tests.rpc import probe

Serve = Callable[[probe.Act], Awaitable[rpc.Server]]
Connect = Callable[..., Awaitable[rpc.Peer]]

KEY = identity.new_key("gateway")
OTHER_KEY = identity.new_key("ingest")
PUBLIC_KEYS = identity.public_keys(KEY, OTHER_KEY)


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start servers of the probe; they end with the test."""
    async with AsyncExitStack() as stack:

        async def start(act: probe.Act) -> rpc.Server:
            server = probe.server(probe.Probe(act), PUBLIC_KEYS)
            await server.start()
            stack.push_async_callback(server.stop)
            return server

        yield start


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Connect to a port as the gateway; connections end with the test."""
    async with AsyncExitStack() as stack:

        async def make(port: int, *, key: str = KEY, audience: str = "probe", seconds: float = 5) -> rpc.Peer:
            deadline = timedelta(seconds=seconds)
            peer = rpc.Peer(f"127.0.0.1:{port}", audience, identity.Signer(key), deadline=deadline)
            return await stack.enter_async_context(peer)

        yield make


@pytest.fixture(scope="session")
def traced() -> None:
    """Record spans, as a started process does."""
    trace.set_tracer_provider(TracerProvider())
