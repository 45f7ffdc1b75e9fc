"""A marker reaches the copies given to them, a student their own released result, a stranger nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import exams
from tests.client import Client
from tests.desk import Desk
from tests.exams import Exam
from tests.paper.students import roster
from tests.people import People
from tests.stories.paper import small
from tests.waiting import until

STUDENTS = roster(2, seed=51)
NOBODY = "00000000-0000-4000-8000-000000000000"
AN_ACT = {
    "act_id": NOBODY,
    "journal_id": NOBODY,
    "sequence": 1,
    "base_version": 0,
    "set_appreciation": {"text": "Ailleurs"},
}


@pytest.fixture(scope="module")
def exam(people: People, desk_drawer: Path) -> Exam:
    """Two copies with a marker each; nothing is finalized."""
    exam = exams.create(people, "Chacun chez soi", STUDENTS)
    for email in ("alma@lycee.example", "basile@lycee.example"):
        exam.add_marker(email)
    exam.import_scan(small(desk_drawer, "two-copies", STUDENTS).file, "every_n_sides", 4)
    for copy, student in zip(exam.staged(), STUDENTS, strict=True):
        exam.link(copy, student)
    exam.open(exam.staged())
    exam.dispatch()
    exam.send("POST", "/students/invite")
    return exam


@pytest.fixture(scope="module")
def own(exam: Exam) -> list[str]:
    """The copy of each marker."""
    found = [marker.items(f"/lots/{exam.id}/copies") for marker in exam.markers]
    return [copy["id"] for (copy,) in found]


@pytest.fixture(scope="module")
def released(exam: Exam, own: list[str]) -> Exam:
    for marker, copy_id in zip(exam.markers, own, strict=True):
        desk = Desk(marker, exam.id, copy_id)
        desk.mark_all((150, 250, 400, 1200))
        desk.finalize()
    exam.finalized(2)
    early = [exam.people.invited(student.email).items("/results") for student in STUDENTS]
    assert early == [[], []]
    exam.release()
    return exam


def copy_paths(
    exam_id: str, copy_id: str, lease_id: str = NOBODY
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every request about one copy at the desk."""
    path = f"/exams/{exam_id}/copies/{copy_id}"
    yield "GET", f"{path}/marking", {}
    yield "POST", f"{path}/lease", {"request_id": NOBODY}
    yield "PUT", f"{path}/lease/{lease_id}", {}
    yield "DELETE", f"{path}/lease/{lease_id}", {}
    yield "POST", f"{path}/acts", {"lease_id": lease_id, "acts": [AN_ACT]}
    yield "POST", f"{path}/finalize", {"request_id": NOBODY, "journal_id": "", "last_sequence": 0}
    yield "GET", f"{path}/result.pdf", {}


def refused(client: Client, requests: Iterator[tuple[str, str, dict[str, Any]]]) -> dict[str, int]:
    """Try every request; tell how each was answered."""
    return {
        f"{method} {path}": client.ask(method, path, body=body or None).status
        for method, path, body in requests
    }


def images(exam: Exam, marker: Client, copy_id: str) -> list[str]:
    shown = marker.get(f"/exams/{exam.id}/copies/{copy_id}/marking")["pages"]
    return [page[size] for page in shown for size in ("image", "thumbnail")]


def own_result(student: Client) -> str:
    """The copy behind a student's one result, once they are told of it."""
    return str(until(lambda: student.items("/results"), "a result")[0]["copy_id"])


def test_a_marker_reaches_nothing_of_anothers_copy(exam: Exam, own: list[str]) -> None:
    first, _ = exam.markers

    answers = refused(first, copy_paths(exam.id, own[1]))

    assert set(answers.values()) <= {403, 404}, answers


def test_a_marker_sees_no_image_of_anothers_copy(exam: Exam, own: list[str]) -> None:
    first, second = exam.markers
    keys = images(exam, second, own[1])

    assert {first.ask("GET", f"//i/{key}").status for key in keys} == {404}


def test_a_marker_sees_no_image_that_shows_a_name(exam: Exam, own: list[str]) -> None:
    originals = [page["image"] for copy in exam.staged() for page in copy["pages"][:2]]

    statuses = {marker.ask("GET", f"//i/{key}").status for marker in exam.markers for key in originals}

    assert statuses == {404}


@pytest.mark.parametrize(
    "path", ["students", "staged-copies", "exceptions", "ledger", "batches", "copies", "release", "members"]
)
def test_a_marker_reads_nothing_of_the_offices(exam: Exam, path: str) -> None:
    assert exam.markers[0].ask("GET", f"{exam.path}/{path}").status in (403, 404)


def test_a_stranger_reaches_nothing(exam: Exam, own: list[str], people: People) -> None:
    stranger = people.stranger()
    keys = images(exam, exam.markers[0], own[0])

    answers = refused(stranger, copy_paths(exam.id, own[0]))

    assert set(answers.values()) == {401}
    assert {stranger.ask("GET", f"//i/{key}").status for key in keys} == {401}


def test_a_student_sees_nothing_while_nothing_is_released(exam: Exam, own: list[str], people: People) -> None:
    student = people.invited(STUDENTS[0].email)
    keys = [page["image"] for copy in exam.staged() for page in copy["pages"]]

    assert student.items("/results") == []
    assert {student.ask("GET", f"/results/{id}{part}").status for id in own for part in ("", "/pdf")} == {404}
    assert {student.ask("GET", f"//i/{key}").status for key in keys} == {404}


def test_a_student_reaches_only_their_own_result(released: Exam, people: People) -> None:
    first, second = (people.invited(student.email) for student in STUDENTS)
    mine, theirs = own_result(first), own_result(second)
    pages = second.get(f"/results/{theirs}")["pages"]

    assert mine != theirs
    assert {first.ask("GET", f"/results/{theirs}{part}").status for part in ("", "/pdf")} == {404}
    keys = [page[size] for page in pages for size in ("image", "thumbnail")]
    assert {first.ask("GET", f"//i/{key}").status for key in keys} == {404}
    assert {second.ask("GET", f"//i/{key}").status for key in keys} == {200}


def test_a_student_reaches_nothing_of_the_exam(released: Exam, own: list[str], people: People) -> None:
    student = people.invited(STUDENTS[0].email)

    answers = refused(student, copy_paths(released.id, own[0]))
    answers |= {
        path: student.ask("GET", released.path + path).status for path in ("", "/copies", "/students")
    }

    assert set(answers.values()) <= {403, 404}, answers
