"""A gateway on a real database and file store, whose peers are real servers with chosen answers."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import structlog
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


@pytest.fixture
def logged() -> Iterator[Sequence[Mapping[str, Any]]]:
    """Give what is logged from now on."""
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        yield lines
