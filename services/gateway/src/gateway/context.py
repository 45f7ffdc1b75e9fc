"""What every request can reach."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from fastapi import Request
from kit.blobs import Blobs
from kit.db import Database
from kit.runtime import Health

from gateway.auth import Auth
from gateway.images import Images
from gateway.live import Live
from gateway.peers import Peers
from gateway.settings import GatewaySettings

#: Chunks of uploads held in memory at once, 8 MiB each.
CHUNKS_IN_MEMORY = 16


@dataclass(frozen=True, slots=True)
class Context:
    """The gateway's connections, opened in `__main__`."""

    settings: GatewaySettings
    database: Database
    blobs: Blobs
    peers: Peers
    auth: Auth
    images: Images
    live: Live
    health: Health
    chunks: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CHUNKS_IN_MEMORY))


def context(request: Request) -> Context:
    """The context of a request's application."""
    found: Context = request.app.state.context
    return found
