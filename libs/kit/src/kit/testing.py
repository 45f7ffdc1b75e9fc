"""
Fixtures on real parts: PostgreSQL and NATS from their wheels, gRPC over a socket.

A schema is migrated once per session into a template; each test gets a copy of its own, so code under
test may commit. Each xdist worker has its own servers.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from local.broker import Nats
from local.postgres import Postgres
from nats.js.errors import NotFoundError

from kit import migrate
from kit.blobs import Blobs
from kit.db import Database
from kit.events import Broker, declare
from kit.events.streams import DEAD, FACTS, STRIKES, WORK
from kit.identity import Signer, Verifier, new_key, public_keys
from kit.rpc import Peer, Server
from kit.runtime import Health
from kit.settings import BlobSettings, RpcSettings, Settings

Template = Callable[[str, str], str]
DatabaseFor = Callable[[str, str], Database]
ServeRpc = Callable[..., Awaitable[Peer]]

_numbers = count(1)


@dataclass
class Clock:
    """A clock that a test moves by hand."""

    moment: datetime = datetime(2026, 6, 15, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.moment

    def now(self) -> datetime:
        """Tell the time."""
        return self.moment

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.moment += by


class Keys:
    """A key for every workload that a test names, and the public halves of all of them."""

    WORKLOADS = ("gateway", "ingest", "grading", "notification", "rasterizer", "stranger")

    def __init__(self) -> None:
        self.private = {name: new_key(name) for name in self.WORKLOADS}
        self.public = public_keys(*(key for name, key in self.private.items() if name != "stranger"))

    def signer(self, workload: str) -> Signer:
        """Sign as a workload; nobody knows the key of "stranger"."""
        return Signer(self.private[workload])

    def verifier(self, audience: str) -> Verifier:
        """Believe what was signed for *audience*."""
        return Verifier(audience, self.public)


class _ServerSettings(Settings, RpcSettings):
    """Of a server that loses no time when it stops."""

    grpc_port: int = 0
    drain_seconds: float = 0


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """Give a running PostgreSQL server."""
    server = Postgres(tmp_path_factory.mktemp("postgres") / "data", durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def template(postgres: Postgres) -> Template:
    """Give the maker of template databases, each migrated once: `template("ingest.migrations", "ingest")`."""

    @cache
    def make(package: str, schema: str) -> str:
        name = f"template_{schema}_{next(_numbers)}"
        postgres.create_database(name)
        migrate.upgrade(postgres.dsn(name), package, schema)
        return name

    return make


@pytest_asyncio.fixture
async def database_for(postgres: Postgres, template: Template) -> AsyncIterator[DatabaseFor]:
    """Give the maker of a test's own databases: `database_for("ingest.migrations", "ingest")`."""
    made: list[tuple[str, Database]] = []

    def make(package: str, schema: str) -> Database:
        name = f"test_{next(_numbers)}"
        postgres.create_database(name, template=template(package, schema))
        made.append((name, Database(postgres.dsn(name), schema=schema, application_name=f"{schema} test")))
        return made[-1][1]

    yield make
    for name, database in made:
        await database.close()
        with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nats]:
    """Give a running NATS server with JetStream."""
    server = Nats(tmp_path_factory.mktemp("nats") / "data")
    server.start()
    yield server
    server.stop()


@pytest_asyncio.fixture
async def broker(nats_server: Nats) -> AsyncIterator[Broker]:
    """Give a connection to NATS with empty streams; a test declares the durables that it needs."""
    async with Broker(nats_server.url()) as connection:
        await connection.ready(within=10)
        for stream in (FACTS, WORK, DEAD, STRIKES):
            await _forget(connection, stream)
        await declare(connection)
        yield connection


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    """Give an empty file store."""
    return Blobs.open(BlobSettings(blobs_url=f"file://{tmp_path}/blobs"))


@pytest.fixture(scope="session")
def keys() -> Keys:
    """Give the workloads' keys."""
    return Keys()


@pytest.fixture
def clock() -> Clock:
    """Give a clock that stands still until it is moved."""
    return Clock()


@pytest_asyncio.fixture
async def serve_rpc(keys: Keys) -> AsyncIterator[ServeRpc]:
    """
    Give a starter of gRPC servers that returns a peer to call one with.

    `await serve_rpc("ingest", (add_fn, servicer, full_service_name), caller="gateway")`
    """
    servers: list[Server] = []
    peers: list[Peer] = []

    async def serve(service: str, *servicers: Any, caller: str = "gateway") -> Peer:
        settings = _ServerSettings(service=service)
        server = Server(settings, keys.verifier(service), servicers, Health())
        await server.start()
        servers.append(server)
        peers.append(Peer(f"{settings.host}:{server.port}", service, keys.signer(caller)))
        return await peers[-1].__aenter__()

    yield serve
    for peer in peers:
        await peer.__aexit__(None, None, None)
    for server in servers:
        await server.stop()


async def _forget(broker: Broker, stream: str) -> None:
    try:
        await broker.jetstream.delete_stream(stream)
    except NotFoundError:
        return
