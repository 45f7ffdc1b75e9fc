"""Between services that have certificates nobody calls without one, and an exchange needs no restart."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2
from kit import rpc
from kit.errors import PermissionDenied, Unavailable
from kit.identity import Signer
from kit.rpc.channels import CHANNELS
from kit.runtime import Health

from libs.kit.tests.rpc import probe
from libs.kit.tests.rpc.authority import Authority, spiffe
from libs.kit.tests.rpc.conftest import KEY, PUBLIC_KEYS
from libs.kit.tests.rpc.test_access import read
from libs.kit.tests.rpc.test_server import SERVING, echo, running, wait_for

Guarded = Callable[..., Awaitable[rpc.Server]]
Connected = Callable[[int, rpc.Certificates | None], Awaitable[rpc.Peer]]


@pytest.fixture
async def guarded() -> AsyncIterator[Guarded]:
    """Start servers of the probe that ask for a certificate; they end with the test."""
    async with AsyncExitStack() as stack:

        async def start(certificates: rpc.Certificates, callers: str = "") -> rpc.Server:
            server = probe.server(
                probe.Probe(echo), PUBLIC_KEYS, certificates=certificates, tls_callers=callers
            )
            await server.start()
            stack.push_async_callback(server.stop)
            return server

        yield start


@pytest.fixture
async def connect() -> AsyncIterator[Connected]:
    """Connect with a certificate, or without; connections end with the test."""
    async with AsyncExitStack() as stack:

        async def make(port: int, certificates: rpc.Certificates | None) -> rpc.Peer:
            peer = rpc.Peer(f"127.0.0.1:{port}", "probe", Signer(KEY), certificates=certificates)
            return await stack.enter_async_context(peer)

        yield make


async def test_who_has_a_certificate_of_the_authority_is_served(
    guarded: Guarded, connect: Connected, tmp_path: Path
) -> None:
    authority = Authority()
    server = await guarded(authority.issue("grading", tmp_path / "grading"))
    peer = await connect(server.port, authority.issue("gateway", tmp_path / "gateway"))

    assert await read(peer, "hello") == "hello"


async def test_who_has_none_or_one_of_another_authority_is_not(
    guarded: Guarded, connect: Connected, tmp_path: Path
) -> None:
    authority, stranger = Authority(), Authority()
    server = await guarded(authority.issue("grading", tmp_path / "grading"))
    forged = stranger.issue("gateway", tmp_path / "gateway", believes=authority.pem)

    for certificates in (None, forged):
        peer = await connect(server.port, certificates)
        with pytest.raises(Unavailable):
            await read(peer, seconds=1)


async def test_a_server_of_another_authority_is_not_called(
    guarded: Guarded, connect: Connected, tmp_path: Path
) -> None:
    authority, stranger = Authority(), Authority()
    server = await guarded(stranger.issue("grading", tmp_path / "grading", believes=authority.pem))
    peer = await connect(server.port, authority.issue("gateway", tmp_path / "gateway"))

    with pytest.raises(Unavailable):
        await read(peer, seconds=1)


async def test_only_the_named_certificates_may_call(
    guarded: Guarded, connect: Connected, tmp_path: Path
) -> None:
    authority = Authority()
    callers = f"{spiffe('gateway')}, ingest-consume"
    server = await guarded(authority.issue("grading", tmp_path / "grading"), callers)

    async def ask(workload: str) -> str:
        return await read(await connect(server.port, authority.issue(workload, tmp_path / workload)), "in")

    assert [await ask("gateway"), await ask("ingest-consume")] == ["in", "in"]
    with pytest.raises(PermissionDenied) as caught:
        await ask("rasterizer")
    assert "certificate" in str(caught.value)


async def test_an_exchange_of_everything_needs_no_restart(
    guarded: Guarded, connect: Connected, tmp_path: Path
) -> None:
    old, new = Authority("old"), Authority("new")
    both = old.pem + new.pem
    server = await guarded(old.issue("grading", tmp_path / "grading", believes=both))
    peer = await connect(server.port, old.issue("gateway", tmp_path / "gateway", believes=both))
    assert await read(peer, "before") == "before"

    new.issue("grading", tmp_path / "grading", believes=both)
    assert await read(await connect(server.port, new.issue("ingest", tmp_path / "ingest")), "new") == "new"
    assert [await read(peer, "known still") for _ in range(CHANNELS)] == ["known still"] * CHANNELS

    new.issue("gateway", tmp_path / "gateway")
    new.issue("grading", tmp_path / "grading")
    assert [await read(peer, "after") for _ in range(CHANNELS)] == ["after"] * CHANNELS
    late = await connect(server.port, old.issue("late", tmp_path / "late", believes=new.pem))
    with pytest.raises(Unavailable):
        await read(late, seconds=1)


def test_what_is_half_exchanged_is_not_used(tmp_path: Path) -> None:
    certificates = Authority().issue("gateway", tmp_path / "gateway")
    before = certificates.current()
    whole = (tmp_path / "gateway" / "tls.key").read_bytes()

    (tmp_path / "gateway" / "tls.key").write_bytes(whole[: len(whole) // 2])
    assert certificates.current() is before
    (tmp_path / "gateway" / "ca.crt").unlink()
    assert certificates.current() is before


async def test_probes_need_no_certificate_and_see_nothing_else(tmp_path: Path) -> None:
    certificates = Authority().issue("grading", tmp_path / "grading")
    async with running(Health(), certificates=certificates, health_port=0) as (server, _):
        await wait_for(SERVING, server.health_port, probe.NAME)

        async with grpc.aio.insecure_channel(f"127.0.0.1:{server.health_port}") as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await probe.pb_grpc.ProbeServiceStub(channel).Read(probe.pb.Text())
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
        with pytest.raises(grpc.aio.AioRpcError):
            await wait_for(health_pb2.HealthCheckResponse.SERVING, server.port, probe.NAME)
