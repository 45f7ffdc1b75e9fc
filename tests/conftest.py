"""
One running system serves all stories of a session; tests that use it run one after the other.

`KORRIGO_SYSTEM` may name the data directory of a system that runs already, for quick turns at one story.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from local.system import System

from tests.people import People

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of the one system in one process."""
    for item in items:
        if HERE in item.path.parents and "system" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.system)
            item.add_marker(pytest.mark.xdist_group("system"))


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Korrigo, whole, without the demo."""
    if running := os.environ.get("KORRIGO_SYSTEM"):
        yield System(Path(running))
        return
    with System(tmp_path_factory.mktemp("korrigo")) as started:
        yield started


@pytest.fixture(scope="session")
def people(system: System) -> Iterator[People]:
    """Whoever is signed in to the one system."""
    with People(system) as people:
        yield people


@pytest.fixture(scope="session")
def desk_drawer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the paper of the session."""
    return tmp_path_factory.mktemp("paper")
