"""Count the bytes that come through a TCP connection: a proxy in front of a server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Self

HOST = "127.0.0.1"
_PIECE = 1 << 18


class CountingProxy:
    """Listen on a port and pass everything on to another, from entering the context to leaving it."""

    def __init__(self, port: int, target: Callable[[], int]) -> None:
        self.port = port
        self._target = target
        #: What the server behind it has sent.
        self.bytes_sent = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        listening = asyncio.start_server(self._pass_on, HOST, self.port)
        asyncio.run_coroutine_threadsafe(listening, self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            server_reader, server_writer = await asyncio.open_connection(HOST, self._target())
        except OSError:
            writer.close()
            return
        await asyncio.gather(
            _copy(reader, server_writer, lambda _: None), _copy(server_reader, writer, self._count)
        )

    def _count(self, size: int) -> None:
        self.bytes_sent += size


async def _copy(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: Callable[[int], None]
) -> None:
    """Copy until one side ends, then end the other."""
    try:
        while piece := await reader.read(_PIECE):
            count(len(piece))
            writer.write(piece)
            await writer.drain()
    except OSError:
        return
    finally:
        writer.close()
