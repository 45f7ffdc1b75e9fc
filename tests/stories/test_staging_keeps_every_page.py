"""Staging moves pages about; none is ever lost, doubled or left without a reason."""

from pathlib import Path
from typing import Any

import pytest

from tests import exams
from tests.client import RefusedError
from tests.exams import Exam, balances
from tests.paper.students import roster
from tests.people import People
from tests.stories.paper import small

STUDENTS = roster(3, seed=41)


@pytest.fixture(scope="module")
def exam(people: People, desk_drawer: Path) -> Exam:
    exam = exams.create(people, "Tri", STUDENTS)
    exam.import_scan(small(desk_drawer, "to-sort", STUDENTS).file, "every_n_sides", 4)
    return exam


@pytest.fixture
def copy(exam: Exam) -> dict[str, Any]:
    """The first copy as it is now."""
    return exam.staged()[0]


def ids(copy: dict[str, Any]) -> list[str]:
    return [page["id"] for page in copy["pages"]]


def test_pages_are_reordered_and_turned(exam: Exam, copy: dict[str, Any]) -> None:
    turned = [page | {"rotation": 180} for page in reversed(copy["pages"])]

    arranged = exam.arrange(copy, turned)

    assert ids(arranged) == ids(copy)[::-1]
    assert {page["rotation"] for page in arranged["pages"]} == {180}
    exam.arrange(arranged, [page | {"rotation": 0} for page in reversed(arranged["pages"])])


def test_a_page_set_aside_keeps_its_reason_and_can_come_back(exam: Exam, copy: dict[str, Any]) -> None:
    *kept, last = copy["pages"]
    without = exam.arrange(copy, kept, [(last, "Feuille blanche")])
    aside, ledger = exam.get("/exceptions")["set_aside_pages"], exam.ledger()

    restored = exam.arrange(without, [*kept, last])

    assert [(page["id"], page["set_aside_reason"]) for page in aside] == [(last["id"], "Feuille blanche")]
    assert balances(ledger)
    assert ledger["pages_set_aside"] == 1
    assert ids(restored) == ids(copy)
    assert exam.ledger()["pages_set_aside"] == 0


def test_a_copy_is_split_and_merged_again(exam: Exam, copy: dict[str, Any]) -> None:
    before = {"version": copy["version"], "before_page_id": ids(copy)[2]}
    parts = exam.send("POST", f"/staged-copies/{copy['id']}/split", **before)
    split = exam.ledger()

    merged = exam.send(
        "POST",
        f"/staged-copies/{copy['id']}/merge",
        version=parts["copy"]["version"],
        source_id=parts["created"]["id"],
        source_version=parts["created"]["version"],
    )

    assert [len(ids(part)) for part in (parts["copy"], parts["created"])] == [2, 2]
    assert split["copies"] == exam.ledger()["copies"] + 1
    assert balances(split)
    assert ids(merged) == ids(copy)
    assert parts["created"]["id"] not in {staged["id"] for staged in exam.staged()}


def test_no_page_leaves_a_copy_without_a_reason(exam: Exam, copy: dict[str, Any]) -> None:
    with pytest.raises(RefusedError) as refused:
        exam.arrange(copy, copy["pages"][1:])

    assert refused.value.reason == "PAGE_UNACCOUNTED"


def test_an_edit_of_something_else_than_was_seen_is_refused(exam: Exam, copy: dict[str, Any]) -> None:
    with pytest.raises(RefusedError) as refused:
        exam.arrange(copy | {"version": copy["version"] - 1}, copy["pages"])

    assert (refused.value.status, refused.value.reason) == (412, "VERSION_STALE")


def test_a_student_has_one_copy(exam: Exam) -> None:
    first, second, _ = exam.staged()
    exam.link(first, STUDENTS[0])

    with pytest.raises(RefusedError) as refused:
        exam.link(second, STUDENTS[0])

    assert refused.value.status == 409


def test_nothing_is_opened_before_the_identity_zones_are_decided(people: People, desk_drawer: Path) -> None:
    office = people.office
    head = {"name": "Sans zones", "date": "2026-11-18", "time_zone": "Europe/Paris", "language": "fr"}
    exam = Exam(office, people, office.send("POST", "/exams", **head)["id"])
    exam.import_scan(small(desk_drawer, "no-zones", STUDENTS[:1]).file, "every_n_sides", 4)

    with pytest.raises(RefusedError) as refused:
        exam.send("POST", "/validations")

    assert refused.value.reason == "ZONES_UNDECIDED"
