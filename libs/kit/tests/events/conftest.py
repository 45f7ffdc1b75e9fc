"""A database of the sample for each test, and no long waits."""

import pytest
from kit.db import Database
from kit.testing import DatabaseFor


@pytest.fixture
def database(database_for: DatabaseFor) -> Database:
    return database_for("libs.kit.tests.sample.migrations", "sample")


@pytest.fixture(autouse=True)
def _short_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kit.events.pull._DELAYS", (0.02, 0.02, 0.02, 0.02))
    monkeypatch.setattr("kit.events.pull.FETCH", 0.2)
    monkeypatch.setattr("kit.events.relay.POLL", 0.2)
    monkeypatch.setattr("kit.events.pull.LONGEST_PAUSE", 0.1)
