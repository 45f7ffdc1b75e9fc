"""Run jobs on untrusted files from a server, which itself never opens one.

The zygote is started with nothing inherited but one socket and an empty environment: it has no connection, no
secret and one thread, whatever the server holds. See `rasterizer.zygote` and `rasterizer.child`.
"""

import asyncio
import json
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncGenerator
from contextlib import closing
from dataclasses import asdict
from types import TracebackType
from typing import Self

from rasterizer.child import MAX_LINE, Limits, Line, raise_end
from rasterizer.refusals import KillReason, SliceKilled

#: The processor cores of a job are counted by its slots, not by its libraries.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "LANG": "C.UTF-8"}
_KEPT = ("PATH", "TMPDIR", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
_END_SECONDS = 5


class Sandbox:
    """Own one zygote: `async with Sandbox(limits) as box`; any number of jobs may run at the same time."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._control: socket.socket
        self._zygote: Process

    async def __aenter__(self) -> Self:
        self._control, inherited = socket.socketpair()
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        with closing(inherited):
            self._zygote = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "rasterizer.zygote"),
                stdin=inherited.fileno(),
                stdout=DEVNULL,
                env=kept | ENVIRONMENT,
            )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._control.close()
        try:
            await asyncio.wait_for(self._zygote.wait(), _END_SECONDS)
        except TimeoutError:
            self._zygote.kill()
            await self._zygote.wait()

    @property
    def pid(self) -> int:
        """Give the process of the zygote."""
        return self._zygote.pid

    async def run(self, job: str, args: Line, *, limits: Limits | None = None) -> AsyncGenerator[Line]:
        """Tell the lines of a job; raise Refused, SliceKilled or SliceFailed at its end; closing kills it."""
        ours, theirs = socket.socketpair()
        with closing(theirs):
            socket.send_fds(self._control, [b"+"], [theirs.fileno()])
        reader, writer = await asyncio.open_unix_connection(sock=ours, limit=MAX_LINE)
        try:
            request = {"job": job, "args": args, "limits": asdict(limits or self.limits)}
            writer.write(json.dumps(request).encode() + b"\n")
            async for data in reader:
                line = json.loads(data)
                if "end" in line:
                    raise_end(line["end"])
                    return
                yield line
            raise SliceKilled(KillReason.SIGNAL)
        finally:
            writer.close()
