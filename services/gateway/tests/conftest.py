"""A gateway on a real database and file store, whose peers are real servers with chosen answers."""

from pathlib import Path

import pytest_asyncio
from kit.blobs import Blobs
from kit.testing import DatabaseFor, Keys, ServeRpc

from services.gateway.tests.browser import Gateway, open_gateway


@pytest_asyncio.fixture
async def gateway(
    database_for: DatabaseFor, blobs: Blobs, keys: Keys, serve_rpc: ServeRpc, tmp_path: Path
) -> Gateway:
    """Give a gateway with an empty schema of its own."""
    database = database_for("gateway.migrations", "gateway")
    return await open_gateway(database, blobs, keys, serve_rpc, tmp_path)
