"""Deadlines, retries and ids of calls between real servers."""

import asyncio
import socket
import time
from typing import Any

import grpc
import pytest
from kit import errors, rpc, telemetry
from kit.rpc.deadline import budget, ending_in
from structlog.testing import capture_logs

from libs.kit.tests.rpc import probe
from libs.kit.tests.rpc.conftest import PUBLIC_KEYS, Connect, Serve
from libs.kit.tests.rpc.test_access import read


async def write(peer: rpc.Peer, text: str = "") -> str:
    answer = await peer.stub(probe.pb_grpc.ProbeServiceStub).Write(probe.pb.Text(text=text))
    return str(answer.text)


async def hang(text: str) -> str:
    await asyncio.Event().wait()
    return text


def failing(times: int) -> tuple[probe.Act, list[str]]:
    """Make an act that is unavailable the first *times*, and the list of its calls."""
    calls: list[str] = []

    async def act(text: str) -> str:
        calls.append(text)
        if len(calls) <= times:
            raise errors.Unavailable
        return "at last"

    return act, calls


def free_port() -> int:
    with socket.socket() as probing:
        probing.bind(("127.0.0.1", 0))
        return int(probing.getsockname()[1])


async def test_a_call_ends_at_its_deadline(serve: Serve, connect: Connect) -> None:
    peer = await connect((await serve(hang)).port, seconds=0.3)
    started = time.monotonic()

    with pytest.raises(errors.Unavailable) as caught:
        await read(peer)
    assert 0.25 < time.monotonic() - started < 1.5
    assert caught.value.metadata == {"peer": "probe", "retry_after": "1"}


async def test_the_server_stops_working_on_what_nobody_waits_for(serve: Serve, connect: Connect) -> None:
    ended = asyncio.Event()

    async def act(text: str) -> str:
        try:
            return await hang(text)
        finally:
            ended.set()

    peer = await connect((await serve(act)).port, seconds=0.3)

    with pytest.raises(errors.Unavailable):
        await read(peer)
    async with asyncio.timeout(5):
        await ended.wait()


async def test_what_is_left_of_a_deadline_is_handed_down(serve: Serve, connect: Connect) -> None:
    async def tell_budget(text: str) -> str:
        return str(budget(100))

    inner = await connect((await serve(tell_budget)).port, seconds=60)

    async def ask_inner(text: str) -> str:
        return await read(inner)

    outer = await connect((await serve(ask_inner)).port, seconds=3)

    assert 0 < float(await read(outer)) < 3


async def test_nothing_is_asked_when_no_time_is_left(serve: Serve, connect: Connect) -> None:
    act, calls = failing(0)
    peer = await connect((await serve(act)).port)

    with ending_in(0), pytest.raises(errors.Unavailable):
        await read(peer)
    assert not calls


async def test_an_idempotent_call_is_retried(serve: Serve, connect: Connect) -> None:
    act, calls = failing(2)
    peer = await connect((await serve(act)).port)

    assert await read(peer) == "at last"
    assert len(calls) == 3


async def test_any_other_call_is_not(serve: Serve, connect: Connect) -> None:
    act, calls = failing(1)
    peer = await connect((await serve(act)).port)

    with pytest.raises(errors.Unavailable):
        await write(peer)
    assert len(calls) == 1


async def test_a_peer_that_is_away_is_unavailable_at_once(connect: Connect) -> None:
    with pytest.raises(errors.Unavailable) as caught:
        await write(await connect(free_port()))
    assert caught.value.reason == "PEER_UNAVAILABLE"


async def test_an_idempotent_call_waits_for_a_peer_that_starts(connect: Connect) -> None:
    async def act(text: str) -> str:
        return "here"

    port = free_port()
    asking = asyncio.create_task(read(await connect(port)))
    server = probe.server(probe.Probe(act), PUBLIC_KEYS, port=port)
    await server.start()

    assert await asking == "here"
    await server.stop()


async def test_calls_take_turns_on_four_connections(serve: Serve, connect: Connect) -> None:
    peers: set[str] = set()

    class Watching(probe.Probe):
        @rpc.allowed(services=("gateway",))
        async def Read(self, request: Any, context: Any) -> Any:
            peers.add(context.peer())
            return request

    server = probe.server(Watching(hang), PUBLIC_KEYS)
    await server.start()
    stub = (await connect(server.port)).stub(probe.pb_grpc.ProbeServiceStub)
    for _ in range(8):
        await stub.Read(probe.pb.Text())
    await server.stop()

    assert len(peers) == 4


async def test_connections_stand_before_a_peer_is_ready(serve: Serve, connect: Connect) -> None:
    peer = await connect((await serve(hang)).port)
    peer.stub(probe.pb_grpc.ProbeServiceStub)

    with capture_logs() as logs:
        await rpc.connected(peer, within=5)

    assert logs == []


async def test_a_start_waits_for_its_peers_but_not_for_ever(connect: Connect) -> None:
    peer = await connect(free_port())
    peer.stub(probe.pb_grpc.ProbeServiceStub)

    with capture_logs() as logs:
        await rpc.connected(peer, within=0.3)

    assert [(line["event"], line["peers"]) for line in logs] == [("peers_not_connected", ["probe"])]


async def test_request_and_trace_ids_go_along(serve: Serve, connect: Connect, traced: None) -> None:
    async def act(text: str) -> str:
        trace = (telemetry.exemplar() or {}).get("trace_id")
        return f"{telemetry.bound('request_id')} {trace}"

    peer = await connect((await serve(act)).port)

    with telemetry.bind(request_id="r-1"), telemetry.tracer().start_as_current_span("asking"):
        trace = (telemetry.exemplar() or {})["trace_id"]
        assert await read(peer) == f"r-1 {trace}"


async def test_a_cancelled_call_is_cancelled_there_too(serve: Serve, connect: Connect) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def act(text: str) -> str:
        begun.set()
        try:
            return await hang(text)
        finally:
            ended.set()

    asking = asyncio.create_task(read(await connect((await serve(act)).port)))
    async with asyncio.timeout(5):
        await begun.wait()
        asking.cancel()
        await ended.wait()

    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_failure_of_the_peer_is_a_failure_here(serve: Serve, connect: Connect) -> None:
    async def act(text: str) -> str:
        raise RuntimeError

    with pytest.raises(grpc.aio.AioRpcError):
        await read(await connect((await serve(act)).port))
