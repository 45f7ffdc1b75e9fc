"""uvicorn inside our own runtime: signals, streams and draining are ours."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any

import uvicorn
from fastapi import FastAPI
from kit import telemetry
from kit.runtime import Loop

from gateway.live import Live
from gateway.settings import GatewaySettings

#: Above the idle time of any proxy before us.
KEEP_ALIVE_SECONDS = 120
#: Above the slowest request.
DRAIN_SECONDS = 15

log = telemetry.get_logger()


class _Server(uvicorn.Server):
    capture_signals: Any = staticmethod(contextlib.nullcontext)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for each in self.servers:
            log.info("http_listening", port=each.sockets[0].getsockname()[1])


def server(app: FastAPI, settings: GatewaySettings, live: Live) -> Loop:
    """A loop that serves *app* until told to stop, then ends event streams first."""

    async def loop(stopping: asyncio.Event) -> None:
        running = _Server(_config(app, settings))
        serving = asyncio.create_task(running.serve())
        stop = asyncio.create_task(stopping.wait())
        await asyncio.wait({serving, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        live.close()
        running.should_exit = True
        await serving

    return loop


def _config(app: FastAPI, settings: GatewaySettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.http_port,
        access_log=False,
        log_config=None,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
