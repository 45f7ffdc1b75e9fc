"""Uploads: they go on after a restart, files are known by their content, and a second one adds."""

from pathlib import Path

import pytest
from local.system import System

from tests import exams
from tests.client import RefusedError
from tests.exams import Exam, balances
from tests.paper.piles import Format, a4_pile, in_format
from tests.paper.shelf import shelved_scan
from tests.paper.students import roster
from tests.people import People
from tests.stories.paper import Paper, small

STUDENTS = roster(4, seed=7)


@pytest.fixture(scope="module")
def exam(people: People) -> Exam:
    return exams.create(people, "Devoir sur table", STUDENTS)


@pytest.fixture(scope="module")
def papers(desk_drawer: Path) -> tuple[Paper, Paper]:
    return (
        small(desk_drawer, "first-pile", STUDENTS[:2]),
        small(desk_drawer, "second-pile", STUDENTS[2:]),
    )


@pytest.fixture(scope="module")
def first(exam: Exam, papers: tuple[Paper, Paper]) -> dict[str, object]:
    return exam.import_scan(papers[0].file, "every_n_sides", 4)


def test_a_cancelled_upload_never_becomes_a_scan(exam: Exam, papers: tuple[Paper, Paper]) -> None:
    content = papers[0].file.read_bytes()
    batch = exam.batch("every_n_sides", 4)
    upload = exam.office.open_upload(exam.id, batch, "wrong.pdf", len(content))
    exam.office.put_chunk(upload, 0, content)

    exam.office.call("DELETE", f"/uploads/{upload['id']}")

    with pytest.raises(RefusedError) as gone:
        exam.office.complete(upload)
    assert gone.value.status == 404
    assert [one["scans"] for one in exam.items("/batches") if one["id"] == batch] == [[]]


def test_an_upload_goes_on_after_a_restart_of_the_gateway(
    people: People, system: System, desk_drawer: Path
) -> None:
    exam = exams.create(people, "Reprise")
    pile = in_format(a4_pile(STUDENTS[:2]), Format.FLATE)
    shelved_scan(pile, desk_drawer / "interrupted.pdf")
    content = (desk_drawer / "interrupted.pdf").read_bytes()
    upload = exam.office.open_upload(exam.id, exam.batch("every_n_sides", 4), "pile.pdf", len(content))
    exam.office.put_chunk(upload, 0, content)

    system.restart("gateway")
    resumed = exam.office.get(f"/uploads/{upload['id']}")
    with pytest.raises(RefusedError) as early:
        exam.office.complete(upload)
    for number in range(1, upload["chunks"]):
        exam.office.put_chunk(upload, number, content)

    assert upload["chunks"] > 1
    assert resumed["received"] == [0]
    assert (early.value.status, early.value.reason) == (409, "CHUNKS_MISSING")
    assert exam.ended(exam.office.complete(upload))["sides"] == 8


def test_a_chunk_sent_twice_and_a_file_completed_twice_change_nothing(exam: Exam, desk_drawer: Path) -> None:
    content = small(desk_drawer, "twice", STUDENTS[:1]).file.read_bytes()
    upload = exam.office.open_upload(exam.id, exam.batch("every_n_sides", 4), "twice.pdf", len(content))

    exam.office.put_chunk(upload, 0, content)
    exam.office.put_chunk(upload, 0, content)

    assert exam.office.complete(upload)["id"] == exam.office.complete(upload)["id"]


def test_the_same_file_is_recognised_and_adds_nothing(
    exam: Exam, papers: tuple[Paper, Paper], first: dict[str, object]
) -> None:
    before = exam.ledger()

    again = exam.ended(exam.drop(exam.batch("every_n_sides", 4), papers[0].file, name="other-name.pdf"))

    assert (again["state"], again["duplicate_of"]) == ("duplicate", first["id"])
    assert exam.ledger()["sides"] == before["sides"]


def test_a_second_upload_adds_and_overwrites_nothing(
    exam: Exam, papers: tuple[Paper, Paper], first: dict[str, object]
) -> None:
    before = {copy["id"]: copy["version"] for copy in exam.staged()}

    second = exam.import_scan(papers[1].file, "every_n_sides", 4)

    after = {copy["id"]: copy["version"] for copy in exam.staged()}
    assert before.items() <= after.items()
    assert len(exam.of_scan(second)) == 2
    assert balances(exam.ledger())
