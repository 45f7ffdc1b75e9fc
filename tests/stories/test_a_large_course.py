"""A course of more students and sides than fit one answer: every list of it is whole, page by page."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from tests import exams
from tests.exams import Exam, balances
from tests.paper.shelf import shelved_scan
from tests.paper.students import roster
from tests.people import People
from tests.stories.test_big_scans import inner_pages
from tests.waiting import until

STUDENTS = roster(1200, seed=61)
SIDES = 2500
SIDES_PER_COPY = 2


@pytest.fixture(scope="module")
def exam(people: People) -> Exam:
    return exams.create(people, "Partiel de première année", STUDENTS)


@pytest.fixture(scope="module")
def scan(exam: Exam, desk_drawer: Path) -> dict[str, Any]:
    """One scan of the whole course, coarse, for its pixels are no matter."""
    file = desk_drawer / "première-année.pdf"
    shelved_scan(inner_pages(SIDES), file, dpi=50)
    return exam.ended(exam.drop(exam.batch("every_n_sides", SIDES_PER_COPY), file), seconds=600)


@pytest.fixture(scope="module")
def copies(exam: Exam, scan: dict[str, Any]) -> list[dict[str, Any]]:
    return exam.items("/staged-copies")


def test_every_student_is_listed_once(exam: Exam) -> None:
    seen = len(exam.office.answers)

    listed = exam.items("/students")

    assert sorted(student["email"] for student in listed) == sorted(student.email for student in STUDENTS)
    assert len(exam.office.answers) - seen == len(STUDENTS) / 200


def test_every_side_becomes_a_page_of_a_copy_that_is_listed_once(
    scan: dict[str, Any], copies: list[dict[str, Any]]
) -> None:
    pages = [page["side"] for copy in copies for page in copy["pages"]]

    assert (scan["state"], scan["sides_rendered"]) == ("settled", SIDES)
    assert pages == list(range(1, SIDES + 1))
    assert [copy["number"] for copy in copies] == list(range(1, SIDES // SIDES_PER_COPY + 1))


def test_its_ledger_balances(exam: Exam, copies: list[dict[str, Any]]) -> None:
    assert balances(exam.ledger())


def test_every_page_set_aside_is_listed_once(exam: Exam, copies: list[dict[str, Any]]) -> None:
    blanks = copies[:101]
    for copy in blanks:
        exam.arrange(copy, [], [(page, "Page blanche") for page in copy["pages"]])

    listed = exam.office.pages(f"{exam.path}/exceptions")

    sides = [page["side"] for exceptions in listed for page in exceptions["set_aside_pages"]]
    assert sides == list(range(1, 2 * len(blanks) + 1))


def test_the_table_of_results_has_a_line_for_every_student(exam: Exam) -> None:
    export = exam.send("POST", "/exports", language="fr")
    path = f"/exports/{export['id']}"
    until(lambda: exam.get(path)["state"] == "ready", "the table to be made")

    content = exam.office.download(f"{exam.path}{path}/file").decode("utf-8-sig")

    header, *rows = csv.reader(io.StringIO(content, newline=""), delimiter=";")
    assert header[:2] == ["Nom", "Prénom"]
    assert len(rows) == len(STUDENTS)
