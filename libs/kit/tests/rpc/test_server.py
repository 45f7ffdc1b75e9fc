"""A server says whether it serves, and ends without losing what it holds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from kit import rpc
from kit.runtime import Health

from libs.kit.tests.rpc import probe
from libs.kit.tests.rpc.conftest import PUBLIC_KEYS, Connect, Serve
from libs.kit.tests.rpc.test_access import read

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


async def echo(text: str) -> str:
    return text


@asynccontextmanager
async def running(
    health: Health, act: probe.Act = echo, **more: Any
) -> AsyncIterator[tuple[rpc.Server, asyncio.Event]]:
    """Run a server's loop as a process does; give it and what stops it."""
    server, stopping = probe.server(probe.Probe(act), PUBLIC_KEYS, health=health, **more), asyncio.Event()
    task = asyncio.create_task(server.loop(stopping))
    async with asyncio.timeout(10):
        await server.started.wait()
    try:
        yield server, stopping
    finally:
        stopping.set()
        await task


async def wait_for(state: int, port: int, service: str) -> None:
    """Watch the standard health service until it says *state*."""
    async with asyncio.timeout(5), grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)  # typed for synchronous channels
        async for response in stub.Watch(health_pb2.HealthCheckRequest(service=service)):
            if response.status == state:
                return


@pytest.mark.parametrize("service", ["", probe.NAME])
async def test_health_follows_what_the_process_needs(service: str) -> None:
    is_well = asyncio.Event()

    async def check() -> None:
        if not is_well.is_set():
            raise ConnectionError("database away")

    health = Health()
    health.add("database", check)

    async with running(health) as (server, _):
        await wait_for(NOT_SERVING, server.port, service)
        is_well.set()
        await wait_for(SERVING, server.port, service)


async def test_a_stopping_server_says_so_and_finishes_what_it_holds(connect: Connect) -> None:
    begun, release = asyncio.Event(), asyncio.Event()

    async def slow(text: str) -> str:
        begun.set()
        await release.wait()
        return "finished"

    async with running(Health(), slow) as (server, stopping):
        await wait_for(SERVING, server.port, "")
        asking = asyncio.create_task(read(await connect(server.port)))
        await begun.wait()
        watching = asyncio.create_task(wait_for(NOT_SERVING, server.port, ""))
        await wait_for(SERVING, server.port, "")
        stopping.set()
        await watching
        release.set()

    assert await asking == "finished"


async def test_operators_can_ask_what_is_served(serve: Serve) -> None:
    server = await serve(echo)

    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        make_stub: Any = reflection_pb2_grpc.ServerReflectionStub  # typed for synchronous channels
        call = make_stub(channel).ServerReflectionInfo()
        await call.write(reflection_pb2.ServerReflectionRequest(list_services=""))
        answer = await call.read()
        await call.done_writing()
    names = {service.name for service in answer.list_services_response.service}
    assert names >= {probe.NAME, "grpc.health.v1.Health"}


async def test_a_taken_port_keeps_the_server_from_starting(serve: Serve) -> None:
    server = await serve(echo)

    with pytest.raises(RuntimeError, match="Failed to bind"):
        await probe.server(probe.Probe(echo), PUBLIC_KEYS, port=server.port).start()
