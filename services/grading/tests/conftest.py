"""A grading service on a real database, called over a real socket."""

import pytest_asyncio
from kit.blobs import Blobs
from kit.testing import DatabaseFor, ServeRpc

from services.grading.tests.desk import Grading


@pytest_asyncio.fixture
async def grading(database_for: DatabaseFor, blobs: Blobs, serve_rpc: ServeRpc) -> Grading:
    """Give a grading service with an empty schema of its own."""
    database = database_for("grading.migrations", "grading")
    return await Grading.serve(database, blobs, serve_rpc)
