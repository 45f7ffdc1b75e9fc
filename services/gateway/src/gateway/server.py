"""uvicorn inside our own runtime: signals, streams and draining are ours."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import uvicorn
from fastapi import FastAPI
from kit import telemetry
from kit.runtime import Loop

from gateway.live import Live
from gateway.settings import GatewaySettings

log = telemetry.get_logger()


class _Server(uvicorn.Server):
    capture_signals: Any = staticmethod(contextlib.nullcontext)


def server(app: FastAPI, settings: GatewaySettings, live: Live) -> Loop:
    """A loop that serves *app* until told to stop, then ends event streams first."""

    async def loop(stopping: asyncio.Event) -> None:
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.http_port,
            access_log=False,
            log_config=None,
            proxy_headers=True,
            forwarded_allow_ips=settings.trusted_proxies,
            server_header=False,
            # Above the idle time of any proxy before us.
            timeout_keep_alive=120,
            # Above the slowest request.
            timeout_graceful_shutdown=15,
        )
        running = _Server(config)
        serving = asyncio.create_task(running.serve())
        log.info("http_listening", port=settings.http_port)
        stop = asyncio.create_task(stopping.wait())
        await asyncio.wait({serving, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        live.close()
        running.should_exit = True
        await serving

    return loop
