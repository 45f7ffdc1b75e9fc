"""Run loops as a process of its own: `loops.py NAME...`; each says what it does."""

import asyncio
import atexit
import sys

from kit import runtime, telemetry
from kit.settings import Settings


class LoopSettings(Settings):
    """What the process is told."""

    service: str = "loops"


async def drains(stopping: asyncio.Event) -> None:
    print("running", flush=True)
    await stopping.wait()
    print("finishing what it holds", flush=True)
    await asyncio.sleep(0)
    print("finished", flush=True)


async def waits(stopping: asyncio.Event) -> None:
    try:
        await stopping.wait()
    except asyncio.CancelledError:
        print("cancelled", flush=True)
        raise


async def fails(stopping: asyncio.Event) -> None:
    raise RuntimeError("the relay broke")


async def returns(stopping: asyncio.Event) -> None:
    print("returning", flush=True)


async def sticks(stopping: asyncio.Event) -> None:
    print("running", flush=True)
    await stopping.wait()
    print("sticking", flush=True)
    await asyncio.Event().wait()


async def quits(stopping: asyncio.Event) -> None:
    sys.exit(7)


class Late:
    """What is still there when the interpreter is taken down."""

    def __del__(self) -> None:
        print("taken down", flush=True)


async def farewells(stopping: asyncio.Event) -> None:
    atexit.register(print, "said farewell")
    sys.modules[__name__].late = Late()  # type: ignore[attr-defined]  # as long as the process lives
    print("running", flush=True)
    await stopping.wait()


LOOPS = {loop.__name__: loop for loop in (drains, waits, fails, returns, sticks, quits, farewells)}


async def program() -> None:
    """Run the loops that the arguments name."""
    telemetry.start(LoopSettings())
    await runtime.run(*(LOOPS[name] for name in sys.argv[1:]))


if __name__ == "__main__":
    runtime.main(program)
