"""Only those whom a method names may call it."""

from typing import Any

import grpc
import pytest
from kit import identity, rpc
from kit.errors import PermissionDenied, Unauthenticated
from kit.identity import Caller

from libs.kit.tests.rpc import probe
from libs.kit.tests.rpc.conftest import KEY, OTHER_KEY, Connect, Serve

OFFICE = Caller("gateway", "account-1", "office", "exam-1")
MARKER = Caller("gateway", "account-2", "marker", "exam-1")


async def tell_caller(text: str) -> str:
    return repr(rpc.caller())


async def read(peer: rpc.Peer, text: str = "", *, seconds: float | None = None) -> str:
    answer: Any = await peer.stub(probe.pb_grpc.ProbeServiceStub).Read(
        probe.pb.Text(text=text), timeout=seconds
    )
    return str(answer.text)


async def test_a_listed_service_is_let_in_under_its_own_name(serve: Serve, connect: Connect) -> None:
    server = await serve(tell_caller)

    assert await read(await connect(server.port)) == repr(Caller("gateway", "gateway", "service"))


async def test_a_person_is_let_in_in_a_listed_role(serve: Serve, connect: Connect) -> None:
    server = await serve(tell_caller)

    with identity.acting_as(OFFICE):
        assert await read(await connect(server.port)) == repr(OFFICE)


async def test_another_role_is_refused(serve: Serve, connect: Connect) -> None:
    server = await serve(tell_caller)

    with identity.acting_as(MARKER), pytest.raises(PermissionDenied):
        await read(await connect(server.port))


async def test_another_service_is_refused(serve: Serve, connect: Connect) -> None:
    server = await serve(tell_caller)

    with pytest.raises(PermissionDenied):
        await read(await connect(server.port, key=OTHER_KEY))


@pytest.mark.parametrize("key", [identity.new_key("gateway"), OTHER_KEY], ids=["stranger", "impostor"])
async def test_nobody_else_speaks_for_people(key: str, serve: Serve, connect: Connect) -> None:
    server = await serve(tell_caller)

    with identity.acting_as(OFFICE), pytest.raises(Unauthenticated):
        await read(await connect(server.port, key=key))


async def test_a_token_for_another_service_is_refused(serve: Serve, connect: Connect) -> None:
    server = await serve(tell_caller)

    with pytest.raises(Unauthenticated):
        await read(await connect(server.port, key=KEY, audience="grading"))


async def test_a_call_without_a_token_is_refused(serve: Serve) -> None:
    server = await serve(tell_caller)

    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await probe.pb_grpc.ProbeServiceStub(channel).Read(probe.pb.Text())
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_a_method_that_names_nobody_keeps_the_server_from_starting() -> None:
    class Silent(probe.Probe):
        async def Write(self, request: Any, context: Any) -> Any:
            return request

    with pytest.raises(AssertionError, match=r"probe.v1.ProbeService: Write must say who is allowed"):
        probe.server(Silent(tell_caller), identity.public_keys(KEY))


def test_the_access_can_be_read_off_the_method() -> None:
    access = probe.Probe.Read.__allowed__  # type: ignore[attr-defined]  # set by the decorator

    assert (access.roles, access.services) == ({"office"}, {"gateway"})
