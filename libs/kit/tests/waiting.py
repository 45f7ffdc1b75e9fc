"""Run loops, and wait for what they bring about."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from kit.errors import Unavailable
from kit.runtime import Loop


@asynccontextmanager
async def running(*loops: Loop) -> AsyncIterator[None]:
    """Run loops for the time of a context, and let them drain at its end."""
    stopping = asyncio.Event()
    tasks = [asyncio.ensure_future(loop(stopping)) for loop in loops]
    try:
        yield
    finally:
        stopping.set()
        async with asyncio.timeout(20):
            await asyncio.gather(*tasks)


async def until(condition: Callable[[], bool | Awaitable[Any]], within: float = 20) -> None:
    """Poll until a condition holds, through outages too."""
    async with asyncio.timeout(within):
        while not await _holds(condition):  # noqa: ASYNC110 -- the state is in other processes
            await asyncio.sleep(0.02)


async def _holds(condition: Callable[[], bool | Awaitable[Any]]) -> bool:
    try:
        found = condition()
        return found if isinstance(found, bool) else bool(await found)
    except (Unavailable, TimeoutError):
        return False
