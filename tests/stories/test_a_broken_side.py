"""A side that cannot be rendered is one exception, tried again or set aside; the sums balance."""

from pathlib import Path
from typing import Any

import pytest

from tests import exams
from tests.exams import Exam, balances
from tests.paper.accidents import broken_side
from tests.paper.piles import a4_pile
from tests.paper.scans import scan
from tests.paper.students import roster
from tests.people import People
from tests.waiting import until

STUDENTS = roster(3, seed=21)
BROKEN = 6


@pytest.fixture(scope="module")
def exam(people: People) -> Exam:
    return exams.create(people, "Face illisible", STUDENTS)


@pytest.fixture(scope="module")
def settled(exam: Exam, desk_drawer: Path) -> dict[str, Any]:
    file = desk_drawer / "one-broken-side.pdf"
    scan(broken_side(a4_pile(STUDENTS), BROKEN), file, dpi=100)
    return exam.import_scan(file, "every_n_sides", 4)


@pytest.fixture(scope="module")
def at_first(exam: Exam, settled: dict[str, Any]) -> dict[str, Any]:
    """The ledger before anybody decides."""
    return exam.ledger()


@pytest.fixture(scope="module")
def exception(exam: Exam, at_first: dict[str, Any]) -> dict[str, Any]:
    (side,) = exam.get("/exceptions")["failed_sides"]
    return dict(side)


@pytest.fixture(scope="module")
def retried(exam: Exam, exception: dict[str, Any]) -> dict[str, Any]:
    """The side after it was tried again, in vain."""
    exam.send("POST", f"/scans/{exception['scan_id']}/sides/{BROKEN}/retry")

    def look() -> dict[str, Any] | None:
        sides = exam.get("/exceptions")["failed_sides"]
        is_back = sides and exam.ledger()["sides_pending"] == 0
        return sides[0] if is_back and sides[0]["attempts"] > exception["attempts"] else None

    return until(look, "the side to be tried again")


@pytest.fixture(scope="module")
def decided(exam: Exam, retried: dict[str, Any]) -> dict[str, Any]:
    """The ledger after the side was set aside."""
    path = f"/scans/{retried['scan_id']}/sides/{BROKEN}/set-aside"
    exam.send("POST", path, reason="Déchirée, vue sur papier")
    return exam.ledger()


def test_the_rest_of_the_scan_is_rendered(at_first: dict[str, Any]) -> None:
    assert balances(at_first)
    assert (at_first["sides"], at_first["sides_rendered"], at_first["sides_failed"]) == (12, 11, 1)
    assert (at_first["pages_on_copies"], at_first["pages_waiting"]) == (8, 3)


def test_the_exception_says_which_side_of_which_file_and_why(exception: dict[str, Any]) -> None:
    assert (exception["side"], exception["file_name"]) == (BROKEN, "one-broken-side.pdf")
    assert exception["reason"]


def test_it_keeps_results_from_being_released(exam: Exam, exception: dict[str, Any]) -> None:
    assert until(lambda: exam.blockers().get("SIDES_FAILED"), "the exception to be known") == 1


def test_it_can_be_tried_again(retried: dict[str, Any], exception: dict[str, Any]) -> None:
    assert retried["attempts"] == exception["attempts"] + 1


def test_set_aside_it_stays_in_the_ledger_with_its_reason(exam: Exam, decided: dict[str, Any]) -> None:
    (side,) = exam.get("/exceptions")["failed_sides"]

    assert balances(decided)
    assert (decided["sides_failed"], decided["sides_set_aside"]) == (0, 1)
    assert (decided["pages_on_copies"], decided["pages_waiting"]) == (11, 0)
    assert side["set_aside_reason"] == "Déchirée, vue sur papier"


def test_no_later_copy_is_shifted(exam: Exam, decided: dict[str, Any], settled: dict[str, Any]) -> None:
    sides = [[page["side"] for page in copy["pages"]] for copy in exam.of_scan(settled)]

    assert sides == [[1, 2, 3, 4], [5, 7, 8], [9, 10, 11, 12]]
