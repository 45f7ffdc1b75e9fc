"""One system of their own for the tests that break it; clients who ask again until somebody answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from local.system import System

from tests.client import Client
from tests.desk import Desk
from tests.exams import Exam, create
from tests.failures.beneath import Beneath
from tests.failures.patience import PatientPeople
from tests.failures.steps import SIDES_PER_COPY, Paper
from tests.paper.piles import a4_pile
from tests.paper.shelf import shelved_scan
from tests.paper.students import roster
from tests.people import People

COPIES = 35
OPENED = 20
#: One slice at a time, so that an import lasts long enough to be interrupted.
SLOW = {"rasterizer": {"KORRIGO_SLOTS": "1"}}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that break a system."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.failures)


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Korrigo with a store in a server and a database that survives a crash, as in an installation."""
    with System(tmp_path_factory.mktemp("broken"), s3=True, durable=True, environment=SLOW) as started:
        yield started


@pytest.fixture(scope="session")
def people(system: System) -> Iterator[People]:
    """Whoever is signed in to the system that is broken; patient, as the web app is."""
    with PatientPeople(system) as people:
        yield people


@pytest.fixture(scope="session")
def beneath(system: System) -> Beneath:
    """What lies beneath the HTTP API."""
    return Beneath(system)


@pytest.fixture(scope="session")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    """Some 140 pages of written paper."""
    file = tmp_path_factory.mktemp("paper") / "pile.pdf"
    truth = shelved_scan(a4_pile(roster(COPIES), pages=SIDES_PER_COPY), file, dpi=100)
    return Paper(file, list(truth.copies().values()))


@pytest.fixture(scope="session")
def opened(people: People, paper: Paper) -> Exam:
    """An exam with copies open for marking, shared among two markers."""
    exam = create(people, "Marked under fire", has_zones=False)
    exam.import_scan(paper.file, "every_n_sides", SIDES_PER_COPY)
    exam.open(exam.staged()[:OPENED])
    for name in ("ada", "alan"):
        exam.add_marker(f"{name}@lycee.example")
    exam.dispatch()
    return exam


@pytest.fixture(scope="session")
def desks(opened: Exam) -> list[Desk]:
    """A copy on the screen of each marker."""
    return [Desk(marker, opened.id, _copies(opened, marker)[0]) for marker in opened.markers]


@pytest.fixture(scope="session")
def unmarked(opened: Exam) -> Iterator[Desk]:
    """The other copies of the first marker, one after the other."""
    marker = opened.markers[0]
    return (Desk(marker, opened.id, copy) for copy in _copies(opened, marker)[1:])


def _copies(exam: Exam, marker: Client) -> list[str]:
    return [copy["id"] for copy in marker.items(f"/lots/{exam.id}/copies")]
