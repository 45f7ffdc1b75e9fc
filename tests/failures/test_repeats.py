"""What is asked or told twice has its effect once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from local.system import System

from tests.desk import Desk
from tests.exams import Exam, create
from tests.failures.beneath import Beneath
from tests.failures.steps import (
    SIDES_PER_COPY,
    Paper,
    assert_every_page_is_there_once,
    finalized,
    start_import,
)
from tests.people import People


def everything(exam: Exam) -> dict[str, Any]:
    """Read all that an exam consists of, versions included."""
    found = {
        path: exam.get(path) for path in ("", "/ledger", "/batches", "/exceptions", "/progress", "/release")
    }
    return found | {path: exam.items(path) for path in ("/staged-copies", "/copies", "/students")}


def test_a_second_finalize_changes_nothing(beneath: Beneath, opened: Exam, unmarked: Iterator[Desk]) -> None:
    desk = next(unmarked)
    desk.mark_all([0, 0, 0, 0])
    request = {"request_id": str(uuid4()), "journal_id": desk.journal, "last_sequence": desk.sequence}
    path = f"{desk.path}/finalize"

    answers = [desk.marker.call("POST", path, request) for _ in range(2)]
    first = finalized(opened, desk)
    desk.finalize()
    beneath.come_to_rest()

    assert answers[0]["content_version"] == answers[1]["content_version"]
    assert finalized(opened, desk) == first


def test_a_second_upload_of_the_same_file_adds_no_page(
    people: People, beneath: Beneath, paper: Paper
) -> None:
    exam, scan = start_import(people, paper, "Twice the same pile")
    other = exam.batch("every_n_sides", SIDES_PER_COPY)

    again = exam.drop(other, paper.file, name="again.pdf")

    first, second = exam.ended(scan), exam.ended(again)
    assert (first["state"], second["state"]) == ("settled", "duplicate")
    assert second["duplicate_of"] == first["id"]
    beneath.come_to_rest()
    assert_every_page_is_there_once(exam, paper)


def test_a_second_hand_over_of_an_upload_makes_no_second_scan(people: People, paper: Paper) -> None:
    exam = create(people, "Handed over twice", has_zones=False)
    batch, content = exam.batch("every_n_sides", SIDES_PER_COPY), paper.file.read_bytes()
    upload = exam.office.open_upload(exam.id, batch, "pile.pdf", len(content))
    for number in [*range(upload["chunks"]), 0]:
        exam.office.put_chunk(upload, number, content)

    scans = {exam.office.complete(upload)["id"] for _ in range(2)}

    assert len(scans) == 1
    assert exam.ended({"id": scans.pop(), "file_name": "pile.pdf"})["state"] == "settled"
    assert_every_page_is_there_once(exam, paper)


def test_a_message_that_is_delivered_again_changes_nothing(
    system: System, beneath: Beneath, opened: Exam, unmarked: Iterator[Desk]
) -> None:
    desk = next(unmarked)
    desk.mark_all([150, 250, 400, 1200])
    desk.finalize()
    finalized(opened, desk)
    beneath.come_to_rest()
    before, mails = everything(opened), len(system.mails())

    assert beneath.tell_again(opened.id) > 0
    beneath.come_to_rest()

    assert everything(opened) == before
    assert len(system.mails()) == mails
