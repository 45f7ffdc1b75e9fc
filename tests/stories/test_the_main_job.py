"""From a scanned PDF to a student's annotated result, through HTTP alone."""

from typing import Any

import pytest

from tests.client import Client, RefusedError
from tests.exams import balances
from tests.people import People
from tests.stories.job import APPRECIATION, MARKERS, REMARK, Job
from tests.stories.paper import A3_STUDENTS, A4_STUDENTS, ABSENT, FILE_STUDENTS, STUDENTS
from tests.waiting import until

COPIES = len(A4_STUDENTS) + len(A3_STUDENTS) + len(FILE_STUDENTS)
SIDES = 4 * len(A4_STUDENTS) + 2 * len(A3_STUDENTS) + 2 * len(FILE_STUDENTS)
PAGES = 4 * len(A4_STUDENTS) + 4 * len(A3_STUDENTS) + 2 * len(FILE_STUDENTS)


def test_every_side_and_page_of_the_scans_is_in_the_ledger_once(imported: Job) -> None:
    ledger = imported.exam.ledger()

    assert balances(ledger)
    assert (ledger["sides_rendered"], ledger["pages_on_copies"], ledger["copies"]) == (SIDES, PAGES, COPIES)
    assert (ledger["sides_failed"], ledger["pages_waiting"], ledger["scans_open"]) == (0, 0, 0)


def test_the_browser_hears_how_the_import_goes_on(imported: Job) -> None:
    heard = imported.heard

    assert {event.id for event in heard if event.kind == "scan"} == set(imported.papers)
    assert {"scan", "ledger", "staged_copy"} <= {event.kind for event in heard}
    assert [event.sequence for event in heard] == sorted(event.sequence for event in heard)


def test_the_pages_of_a_copy_are_in_reading_order(staged: Job) -> None:
    found = [
        (copy["scan_id"], [(page["side"], page["crop"]) for page in copy["pages"]])
        for copy in staged.exam.staged()
    ]

    expected = [(scan_id, pages) for scan_id, paper in staged.papers.items() for pages in paper.copies]
    assert sorted(found) == sorted(expected)


def test_every_copy_is_opened_under_a_random_code(opened: Job) -> None:
    copies = opened.exam.items("/copies")

    codes = {copy["id"]: copy["code"] for copy in copies}
    arrival = [codes[copy["id"]] for copy in opened.exam.staged()]
    assert len(set(codes.values())) == COPIES
    assert arrival != sorted(arrival)
    assert arrival != sorted(arrival, reverse=True)


def test_the_copies_are_shared_evenly(opened: Job) -> None:
    shares = [len(marker.items(f"/lots/{opened.exam.id}/copies")) for marker in opened.exam.markers]

    assert shares == [COPIES / len(MARKERS)] * len(MARKERS)


def test_release_is_refused_with_every_reason_while_anything_is_open(refused_release: RefusedError) -> None:
    assert (refused_release.status, refused_release.reason) == (409, "RELEASE_BLOCKED")
    assert "COPIES_NOT_FINALIZED" in str(refused_release.metadata["blockers"])


def test_every_copy_is_marked_and_then_finalized(finalized: Job) -> None:
    progress = finalized.exam.get("/progress")

    assert progress["finalized"] == COPIES
    assert progress["questions_marked"] == progress["questions"] == 4 * COPIES
    assert finalized.exam.ledger()["open"] == []


def test_a_student_sees_nothing_before_the_release(seen_too_early: list[dict[str, Any]]) -> None:
    assert seen_too_early == []


@pytest.fixture(scope="module")
def result(released: Job, student: Client) -> dict[str, Any]:
    """The one result of the first student."""
    own = until(lambda: student.items("/results"), "the result of a student")
    (shown,) = [result for result in own if result["exam_id"] == released.exam.id]
    opened: dict[str, Any] = student.get(f"/results/{shown['copy_id']}")
    return opened


def test_a_student_sees_their_marks_remarks_and_total(result: dict[str, Any]) -> None:
    marks = {question["label"]: question["points"] for question in result["questions"] if question["is_leaf"]}
    remarks = {question["label"]: question["remark"] for question in result["questions"]}

    assert sum(marks.values()) == result["total"] == result["raw_total"]
    assert (result["scale"], result["raw_maximum"]) == (2000, 2000)
    assert (remarks["3"], result["appreciation"]) == (REMARK, APPRECIATION)
    assert STUDENTS[0].family.casefold() in result["student_name"].casefold()


def test_a_student_sees_their_pages_with_the_annotations(result: dict[str, Any], student: Client) -> None:
    kinds = sorted(drawn["kind"] for page in result["pages"] for drawn in page["annotations"])

    assert kinds == ["cross", "highlighter", "pen", "rectangle", "text", "tick"]
    assert len(result["pages"]) == 4
    assert all(student.image(page[size]) for page in result["pages"] for size in ("image", "thumbnail"))


def test_a_student_downloads_their_pdf(result: dict[str, Any], student: Client) -> None:
    assert student.download(f"/results/{result['copy_id']}/pdf").startswith(b"%PDF")


def test_a_released_result_is_told_by_mail(released: Job, people: People, student: Client) -> None:
    def told() -> list[str]:
        return [mail for mail in people.mails(STUDENTS[0].email) if "Bac blanc n° 1" in mail]

    assert until(lambda: len(told()) > 1 and told(), "a mail about the release")
    assert not any(APPRECIATION in mail for mail in told())


def test_the_office_exports_every_result_with_french_decimals(released: Job) -> None:
    exam = released.exam
    wanted = exam.send("POST", "/exports", language="fr")
    until(lambda: exam.get(f"/exports/{wanted['id']}")["state"] == "ready", "the table of results")

    table = exam.office.download(f"{exam.path}/exports/{wanted['id']}/file").decode("utf-8-sig")

    lines = table.strip().splitlines()
    assert len(lines) == 1 + len(STUDENTS)
    assert all(student.family.casefold() in table.casefold() for student in STUDENTS)
    assert any(line.endswith(";0;1,25;3,75;10,5;15,5;20") for line in lines), table
    assert [
        line for line in lines if f"{ABSENT.family.upper()};{ABSENT.given};" in line and ";Noté;" not in line
    ]
