"""The office decides about a file that could not be read, where it dropped it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import exams
from tests.browser.screens import Album, Screen
from tests.paper import hostile
from tests.paper.students import roster
from tests.people import OFFICE, PASSWORD, People
from tests.stories.paper import small


@pytest.fixture
def batches(people: People, window: Callable[[], Screen], desk_drawer: Path) -> Screen:
    """The batches of an exam with one file that is locked."""
    exam = exams.create(people, "Fichier verrouillé")
    honest = small(desk_drawer, "honest-91", roster(1, seed=91)).file
    locked = hostile.encrypted(honest, desk_drawer / "verrou.pdf")
    exam.ended(exam.drop(exam.batch("file_per_copy"), locked))
    office = window()
    office.sign_in(OFFICE, PASSWORD)
    office.speak()
    office.go(f"/exams/{exam.id}/batches")
    return office


def test_a_refused_file_is_dismissed_with_a_reason_and_taken_back(batches: Screen, album: Album) -> None:
    batches.look("batches-refused")
    batches.press("office_scan_dismiss_of", file="verrou.pdf")
    batches.field("office_reason").fill("Doublon du lundi")
    batches.look("batches-dismiss")
    batches.press("office_scan_dismiss")
    batches.says("Doublon du lundi")
    batches.look("batches-dismissed")
    batches.press("office_scan_restore")
    batches.button("office_scan_replace_of", file="verrou.pdf").wait_for()

    assert (album.violations, album.complaints) == ({}, [])
