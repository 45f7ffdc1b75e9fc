"""A database of its own for each test, and an exam to play with."""

from __future__ import annotations

import pytest
from kit.db import Database
from kit.testing import DatabaseFor

from services.ingest.tests.desk import Desk


@pytest.fixture
def database(database_for: DatabaseFor) -> Database:
    """Give a migrated, empty database."""
    return database_for("ingest.migrations", "ingest")


@pytest.fixture
def desk(database: Database) -> Desk:
    """Give the desk of an office with one empty exam."""
    return Desk(database)
