"""A file on its way up goes on after the gateway was away, and after the page was closed."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from local.system import System
from playwright.sync_api import Locator, expect

from tests import exams
from tests.browser.screens import PATIENCE, Screen
from tests.browser.words import spoken
from tests.exams import Exam
from tests.paper.students import roster
from tests.people import OFFICE, PASSWORD, People
from tests.stories.paper import small

SIDES = 8
#: Chunks have 8 MiB: the file has four.
PADDING = 26 << 20
LATER_CHUNKS = re.compile(r"/uploads/[^/]+/[1-9]$")


@pytest.fixture(scope="module")
def large(desk_drawer: Path) -> Path:
    """A scan that takes several chunks."""
    file = desk_drawer / "SKM_C301i26111711020.pdf"
    with pikepdf.open(small(desk_drawer, "padded", roster(2, seed=29)).file) as scan:
        scan.Root.Padding = scan.make_stream(os.urandom(PADDING))
        scan.save(file)
    return file


@pytest.fixture
def exam(people: People) -> Exam:
    """An exam with an empty batch."""
    exam = exams.create(people, "Envoi interrompu")
    exam.batch("every_n_sides", 4)
    return exam


@pytest.fixture
def batches(exam: Exam, window: Callable[[], Screen]) -> Screen:
    """The screen on which files are dropped, without a way for all but the first chunk."""
    office = window()
    office.sign_in(OFFICE, PASSWORD)
    office.speak()
    office.page.route(LATER_CHUNKS, lambda route: route.abort())
    office.go(f"/exams/{exam.id}/batches")
    return office


def test_it_waits_for_the_gateway_and_goes_on_by_itself(
    exam: Exam, batches: Screen, large: Path, system: System
) -> None:
    give(batches, large)
    batches.says(spoken("office_upload_stalled"))

    system.restart("gateway")
    batches.page.unroute(LATER_CHUNKS)

    expect_all_sides(exam, batches, large)


def test_given_again_after_the_page_was_closed_it_sends_the_rest(
    exam: Exam, batches: Screen, large: Path
) -> None:
    bystander = Screen(batches.context.new_page(), batches.album)
    bystander.go(f"/exams/{exam.id}/batches")
    give(batches, large)
    batches.says(spoken("office_upload_stalled"))
    batches.page.close()
    bystander.go("/exams")
    again = Screen(batches.context.new_page(), batches.album)
    again.go(f"/exams/{exam.id}/batches")
    expect(row_of(again, large)).to_contain_text(spoken("office_upload_interrupted"))
    again.look("batches-interrupted")
    sent: list[str] = []
    again.page.on("request", lambda asked: sent.append(asked.url) if asked.method == "PUT" else None)

    give(again, large)

    expect_all_sides(exam, again, large)
    assert sorted(url.rpartition("/")[2] for url in sent) == ["1", "2", "3"]
    assert (again.album.violations, again.album.complaints) == ({}, [])


def give(screen: Screen, file: Path) -> None:
    """Choose a file of the device."""
    screen.page.locator("input[type=file]").set_input_files(file)


def row_of(screen: Screen, file: Path) -> Locator:
    """Find the row of a file."""
    return screen.page.get_by_role("row").filter(has_text=file.name)


def expect_all_sides(exam: Exam, screen: Screen, file: Path) -> None:
    """Wait until the file is read, every side once."""
    expect(row_of(screen, file)).to_have_count(1, timeout=PATIENCE)
    expect(row_of(screen, file)).to_contain_text(spoken("office_scan_settled"), timeout=2 * PATIENCE)
    ledger = exam.ledger()
    assert exams.balances(ledger)
    assert ledger["sides"] == SIDES
