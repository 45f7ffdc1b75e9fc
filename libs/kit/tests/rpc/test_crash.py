"""A peer dies by SIGKILL in the middle of a call."""

import asyncio

import pytest
from kit import errors

from libs.kit.tests.processes import program, says
from libs.kit.tests.rpc.conftest import PUBLIC_KEYS, Connect
from libs.kit.tests.rpc.test_access import read
from libs.kit.tests.rpc.test_calls import free_port, write


async def test_an_idempotent_call_outlives_the_server_that_held_it(connect: Connect) -> None:
    port = free_port()
    peer = await connect(port, seconds=30)

    async with program("probe_server", str(port), PUBLIC_KEYS) as first:
        asking = asyncio.create_task(read(peer, "hang"))
        await says(first, "hanging")
        first.kill()
        await first.wait()
    async with program("probe_server", str(port), PUBLIC_KEYS) as second:
        await says(second, "hanging")
        asking.cancel()
        assert await read(peer, "back") == "back"


async def test_any_other_call_is_told_that_the_peer_is_away(connect: Connect) -> None:
    port = free_port()
    peer = await connect(port, seconds=30)

    async with program("probe_server", str(port), PUBLIC_KEYS) as server:
        await read(peer, "warm")
        asking = asyncio.create_task(write(peer, "hang"))
        await says(server, "hanging")
        server.kill()

        with pytest.raises(errors.Unavailable) as caught:
            await asking
    assert caught.value.reason == "PEER_UNAVAILABLE"
