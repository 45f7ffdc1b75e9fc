"""A crash in the middle of an import costs no page and makes none twice."""

from __future__ import annotations

import pytest
from local.system import System

from tests.exams import Exam, balances, create
from tests.failures.beneath import Beneath
from tests.failures.conftest import SIDES_PER_COPY, Paper
from tests.people import People
from tests.waiting import until

PROCESSES = (
    "gateway",
    "ingest",
    "ingest-consume",
    "rasterizer",
    "grading",
    "grading-consume",
    "notification",
    "notification-consume",
    "nats",
    "postgres",
)


def copies_of(exam: Exam) -> list[list[tuple[int, str]]]:
    """List each copy's pages in reading order, the copies in the order of the pile."""
    return [[(page["side"], page["crop"]) for page in copy["pages"]] for copy in exam.staged()]


def start_import(people: People, paper: Paper, name: str) -> tuple[Exam, dict[str, object]]:
    """Drop the pile on a new exam."""
    exam = create(people, name, has_zones=False)
    return exam, exam.drop(exam.batch("every_n_sides", SIDES_PER_COPY), paper.file)


def assert_every_page_is_there_once(exam: Exam, paper: Paper) -> None:
    """Compare the copies with the paper, and the ledger with both."""
    ledger = exam.ledger()

    assert copies_of(exam) == paper.copies
    assert balances(ledger)
    assert (ledger["pages_on_copies"], ledger["sides_rendered"]) == (paper.sides, paper.sides)


@pytest.mark.parametrize("process", PROCESSES)
def test_a_kill_in_the_middle_of_an_import_costs_no_page(
    system: System, people: People, beneath: Beneath, paper: Paper, process: str
) -> None:
    exam, scan = start_import(people, paper, f"Import without {process}")
    until(lambda: exam.scan(str(scan["id"]))["sides_rendered"], "the first pages")
    assert exam.ledger()["sides_pending"], "the import is not over yet"
    before = system.pid(process)

    system.kill(process)

    assert exam.ended(scan)["state"] == "settled"
    system.wait_for_restart(process, before)
    system.wait_until_ready()
    beneath.come_to_rest()
    assert_every_page_is_there_once(exam, paper)


def test_a_power_cut_after_an_upload_costs_no_page(
    system: System, people: People, beneath: Beneath, paper: Paper
) -> None:
    exam, scan = start_import(people, paper, "Power cut")

    for process in PROCESSES:
        system.kill(process)

    assert exam.ended(scan)["state"] == "settled"
    system.wait_until_ready()
    beneath.come_to_rest()
    assert_every_page_is_there_once(exam, paper)
