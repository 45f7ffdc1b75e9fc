"""One address in front of several processes, as a Service of Kubernetes with a ClusterIP is."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from contextlib import suppress
from typing import Self

from local.ports import LOOPBACK, free_port

CHUNK = 65_536


class Address:
    """
    Passes new connections on to the processes behind it, in turn.

    A connection stays with its process until one of both ends it, though the process is long taken away;
    a process that does not listen refuses its turns.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self._behind: list[int] = []
        self._turn = 0
        self._open: Counter[int] = Counter()
        #: Held: a loop forgets a task that only waits for a connection.
        self._passing: set[asyncio.Task[None]] = set()
        self._ends: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        serving = asyncio.start_server(self._accept, LOOPBACK, self.port)
        self._server = asyncio.run_coroutine_threadsafe(serving, self._loop).result(timeout=10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def __str__(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def put(self, *ports: int) -> None:
        """Send new connections to these from now on."""
        self._behind = list(ports)

    def connections(self, port: int) -> int:
        """Count the open connections to a process."""
        return self._open[port]

    async def _close(self) -> None:
        self._server.close()
        for end in list(self._ends):
            end.transport.abort()
        if self._passing:
            await asyncio.wait(self._passing, timeout=5)
        await asyncio.sleep(0)  # connections close after their tasks

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        passing = asyncio.create_task(self._pass_on(reader, writer))
        self._passing.add(passing)
        passing.add_done_callback(self._passing.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._turn += 1
        port = self._behind[self._turn % len(self._behind)]
        try:
            there, back = await asyncio.open_connection(LOOPBACK, port)
        except OSError:
            writer.transport.abort()
            return
        self._open[port] += 1
        self._ends |= {writer, back}
        await asyncio.gather(_copy(reader, back), _copy(there, writer))
        self._open[port] -= 1
        self._ends -= {writer, back}
        writer.close()
        back.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what is said in one direction, and then its end."""
    try:
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
        with suppress(OSError):
            writer.write_eof()
    except OSError:
        writer.transport.abort()
