"""A database of its own for each test, and an exam to play with."""

from __future__ import annotations

import pytest
import pytest_asyncio
from kit.db import Database
from kit.testing import DatabaseFor, ServeRpc

from services.ingest.tests.counter import Counter
from services.ingest.tests.desk import Desk


@pytest.fixture
def database(database_for: DatabaseFor) -> Database:
    """Give a migrated, empty database."""
    return database_for("ingest.migrations", "ingest")


@pytest.fixture
def desk(database: Database) -> Desk:
    """Give the desk of an office with one empty exam."""
    return Desk(database)


@pytest_asyncio.fixture
async def counter(database: Database, serve_rpc: ServeRpc) -> Counter:
    """Give the service behind a socket, with one empty exam."""
    return await Counter.serve(database, serve_rpc)
