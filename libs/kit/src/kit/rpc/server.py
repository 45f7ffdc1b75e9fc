"""The gRPC server of a service, as one loop."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import grpc
from grpc_health.v1 import health as grpc_health
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from opentelemetry.instrumentation.grpc import aio_server_interceptor, filters

from kit.identity import Verifier
from kit.rpc.access import Access, rules
from kit.rpc.gate import Gate
from kit.rpc.tls import Certificates, server_credentials
from kit.runtime import Health
from kit.telemetry import get_logger

#: How a service is handed over: what adds it to a server, what serves it, its full name.
Service = tuple[Callable[[Any, Any], None], object, str]

#: Behind one address a connection moves only by ending: by age, gracefully, within the pod's preStop.
OPTIONS = (
    ("grpc.max_connection_age_ms", 10_000),
    ("grpc.max_connection_age_grace_ms", 30_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.so_reuseport", 0),
    ("grpc.max_metadata_size", 64 * 1024),
)
HEALTH_SECONDS = 1
GRACE_SECONDS = 10

log = get_logger()


class ServerSettings(Protocol):
    """What a server is told."""

    @property
    def service(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def grpc_port(self) -> int: ...
    @property
    def health_port(self) -> int | None: ...
    @property
    def drain_seconds(self) -> float: ...
    @property
    def tls_callers(self) -> str: ...


class Server:
    """Serves gRPC with identity, refusals, health, reflection and metrics."""

    def __init__(
        self,
        settings: ServerSettings,
        verifier: Verifier,
        servicers: Sequence[Service],
        health: Health,
        *,
        certificates: Certificates | None = None,
    ) -> None:
        """Refuse at once a method that does not say who may call it."""
        access: dict[str, Access] = {}
        for _, servicer, name in servicers:
            access |= rules(servicer, name)
        self._settings = settings
        self._servicers = servicers
        callers = set(settings.tls_callers.replace(",", " ").split())
        self._gate = Gate(settings.service, verifier, access, callers)
        self._health = health
        self._certificates = certificates
        self._states = grpc_health.aio.HealthServicer()
        self._servers: list[grpc.aio.Server] = []
        #: Where the server listens, and where its health alone does, once started.
        self.port = self.health_port = 0
        self.started = asyncio.Event()

    async def loop(self, stopping: asyncio.Event) -> None:
        """Serve until told to stop, then say so, let late calls in, and finish what is in flight."""
        await self.start()
        try:
            await self._follow_health(stopping)
        finally:
            await self.stop()

    async def start(self) -> None:
        """Listen; the health service says NOT_SERVING until it was checked."""
        await self._tell(is_ready=False)
        server = self._guarded()
        address = f"{self._settings.host}:{self._settings.grpc_port}"
        if self._certificates:
            self.port = server.add_secure_port(address, server_credentials(self._certificates))
        else:
            self.port = server.add_insecure_port(address)
        await self._run(server)
        if self._settings.health_port is not None:
            probed = grpc.aio.server(options=OPTIONS)
            health_pb2_grpc.add_HealthServicer_to_server(self._states, probed)
            self.health_port = probed.add_insecure_port(f"{self._settings.host}:{self._settings.health_port}")
            await self._run(probed)
        self.started.set()
        log.info("rpc_listening", port=self.port, health_port=self.health_port)

    async def stop(self) -> None:
        """Turn probes away, serve those who have not heard yet, then end."""
        await self._states.enter_graceful_shutdown()
        await asyncio.sleep(self._settings.drain_seconds)
        await asyncio.gather(*(server.stop(GRACE_SECONDS) for server in self._servers))

    async def _run(self, server: grpc.aio.Server) -> None:
        self._servers.append(server)
        await server.start()

    def _guarded(self) -> grpc.aio.Server:
        """Put together everything that is served to other services."""
        is_traced = filters.negate(filters.health_check())
        traces = aio_server_interceptor(filter_=is_traced)  # type: ignore[no-untyped-call]  # untyped upstream
        server = grpc.aio.server(interceptors=[traces, self._gate], options=OPTIONS)
        for add, servicer, _ in self._servicers:
            add(servicer, server)
        health_pb2_grpc.add_HealthServicer_to_server(self._states, server)
        names = [name for _, _, name in self._servicers]
        reflection.enable_server_reflection(
            [*names, grpc_health.SERVICE_NAME, reflection.SERVICE_NAME], server
        )
        return server

    async def _follow_health(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            await self._tell(is_ready=not any((await self._health.ready()).values()))
            try:
                async with asyncio.timeout(HEALTH_SECONDS):
                    await stopping.wait()
            except TimeoutError:
                continue

    async def _tell(self, *, is_ready: bool) -> None:
        states = health_pb2.HealthCheckResponse
        state = states.SERVING if is_ready else states.NOT_SERVING
        for name in ["", *(name for _, _, name in self._servicers)]:
            await self._states.set(name, state)
