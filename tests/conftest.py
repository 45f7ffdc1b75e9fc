"""
One running system serves all stories of a session; tests that use it run one after the other.

`KORRIGO_SYSTEM` may name the data directory of a system that runs already, for quick turns at one story; it
was started with `--env '*:KORRIGO_OTLP_ENDPOINT=http://127.0.0.1:PORT'`.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from hypothesis import settings
from local.ports import free_port
from local.system import System

from tests.collector import Collector, collecting
from tests.people import People

HERE = Path(__file__).parent
ENDPOINT = "KORRIGO_OTLP_ENDPOINT"

# Examples share the machine with whole systems: how long one takes says nothing.
settings.register_profile("busy", deadline=None)
settings.load_profile("busy")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Keep the tests of one system in one process: those that break theirs beside the others.

    They come first, so that they take their minutes while everything else runs.
    """
    for item in items:
        if group := _group(item):
            item.add_marker(pytest.mark.system)
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: _ORDER.index(_group(item)))


#: Whose system a test uses; "" for none.
_ORDER = ("failures", "stories", "local", "")


def _group(item: pytest.Item) -> str:
    if "system" not in getattr(item, "fixturenames", ()):
        return ""
    if HERE not in item.path.parents:
        return "local"
    return "failures" if HERE / "failures" in item.path.parents else "stories"


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Whatever the processes of the one system say of their traces."""
    running = _running()
    with collecting(_endpoint(running) if running else f"127.0.0.1:{free_port()}") as collector:
        yield collector


@pytest.fixture(scope="session")
def system(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Korrigo, whole, without the demo."""
    if running := _running():
        yield running
        return
    told = {"*": {ENDPOINT: f"http://{collector.address}"}}
    with System(tmp_path_factory.mktemp("korrigo"), environment=told) as started:
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


def _running() -> System | None:
    directory = os.environ.get("KORRIGO_SYSTEM")
    return System(Path(directory)) if directory else None


def _endpoint(running: System) -> str:
    """Where the processes of a running system send their traces."""
    told = psutil.Process(running.pid("gateway")).environ()
    return told[ENDPOINT].removeprefix("http://")
