"""What every request can reach."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from kit.blobs import Blobs
from kit.db import Database
from kit.runtime import Health

from gateway.auth import Auth
from gateway.live import Live
from gateway.peers import Peers
from gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class Context:
    """The gateway's connections, opened in `__main__`."""

    settings: GatewaySettings
    database: Database
    blobs: Blobs
    peers: Peers
    auth: Auth
    live: Live
    health: Health


def context(request: Request) -> Context:
    """The context of a request's application."""
    found: Context = request.app.state.context
    return found
