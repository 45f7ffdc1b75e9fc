"""Real processes for tests: start a program, wait for what it says, read how it ended."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[3]
SECONDS = 30


@asynccontextmanager
async def program(
    name: str, *arguments: str, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `programs/<name>.py`; it is gone when the test leaves."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).parent / "programs" / f"{name}.py"),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def says(process: asyncio.subprocess.Process, text: str, *, on: str = "stdout") -> str:
    """Wait for a line that holds *text* and give it."""
    stream = process.stdout if on == "stdout" else process.stderr
    assert stream
    async with asyncio.timeout(SECONDS):
        while line := await stream.readline():
            if text in line.decode():
                return line.decode()
    raise AssertionError(f"the process ended without saying {text!r}")


async def rest(process: asyncio.subprocess.Process) -> tuple[int, str, str]:
    """Wait for the end; give the exit code and what was said until then."""
    async with asyncio.timeout(SECONDS):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()
