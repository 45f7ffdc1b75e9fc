"""A side that is read after its copy was opened for marking finds its way, and blocks only until decided."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from local.system import System

from tests import exams
from tests.exams import Exam, balances
from tests.failures.beneath import Beneath
from tests.paper.accidents import broken_side
from tests.paper.piles import a4_pile
from tests.paper.scans import scan
from tests.paper.students import roster
from tests.people import People
from tests.waiting import until

STUDENTS = roster(3, seed=81)
BROKEN = 7


@pytest.fixture(scope="module")
def exam(people: People) -> Exam:
    return exams.create(people, "Face retrouvée", STUDENTS)


@pytest.fixture(scope="module")
def opened(exam: Exam, desk_drawer: Path) -> list[dict[str, Any]]:
    """Three copies in marking, the second without its third page."""
    file = desk_drawer / "bad-block.pdf"
    scan(broken_side(a4_pile(STUDENTS), BROKEN), file, dpi=100)
    scanned = exam.import_scan(file, "every_n_sides", 4)
    exam.send("POST", f"/scans/{scanned['id']}/sides/{BROKEN}/set-aside", reason="Bloc illisible")
    copies = exam.of_scan(scanned)
    for copy, student in zip(copies, STUDENTS, strict=True):
        exam.link(copy, student)
    exam.open(copies)
    return exam.of_scan(scanned)


@pytest.fixture(scope="module")
def late(exam: Exam, opened: list[dict[str, Any]], system: System, desk_drawer: Path) -> dict[str, Any]:
    """What became of the side when its file could be read after all."""
    scanned = exam.scan(opened[0]["scan_id"])
    whole = desk_drawer / "mended.pdf"
    scan(a4_pile(STUDENTS), whole, dpi=100)
    sha256 = hashlib.sha256(whole.read_bytes()).hexdigest()
    shutil.copyfile(whole, system.home.store / "scans" / f"{sha256}.pdf")
    Beneath(system).swap_file(scanned["id"], sha256)
    exam.send("POST", f"/scans/{scanned['id']}/sides/{BROKEN}/retry")

    def look() -> dict[str, Any] | None:
        return next((copy for copy in exam.of_scan(scanned) if copy["home"]), None)

    return until(look, "the late page to come")


def test_it_becomes_a_copy_that_says_where_it_belongs(
    opened: list[dict[str, Any]], late: dict[str, Any]
) -> None:
    home = opened[1]

    assert (late["state"], [page["side"] for page in late["pages"]]) == ("staged", [BROKEN])
    assert late["home"] == {"copy_id": home["id"], "number": home["number"], "page": 3}


def test_it_is_named_against_the_release_and_nothing_is_lost(exam: Exam, late: dict[str, Any]) -> None:
    assert until(lambda: exam.blockers().get("COPIES_LATE"), "the late page to be in the way") == 1
    assert not exam.blockers().keys() & {"PAGES_WAITING", "COPIES_STAGED", "COPIES_UNLINKED"}
    assert balances(exam.ledger())


def test_validated_it_is_marked_under_a_code_of_its_own(exam: Exam, late: dict[str, Any]) -> None:
    exam.open([late])

    until(lambda: "COPIES_LATE" not in exam.blockers(), "nothing late to be in the way")
    assert exam.ledger()["open"] == []
    assert late["id"] in {copy["id"] for copy in exam.items("/copies")}
