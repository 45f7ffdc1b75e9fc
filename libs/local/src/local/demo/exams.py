"""Make a demo exam as an office would: scheme, roster, zones, markers, scan, staging, dispatch, release."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from local.demo import marking, paper
from local.demo.content import Exam, Question, Student
from local.demo.people import Person, until


@dataclass(frozen=True)
class Marker:
    """A marker at a browser."""

    person: Person
    account_id: str


def create(office: Person, exam: Exam) -> str:
    """Create the exam with everything that must be set before a scan; return its id."""
    head = {"name": exam.name, "date": exam.date, "time_zone": "Europe/Paris", "language": "fr"}
    made = office.send("POST", "/exams", head, step=exam.name)
    path = f"/exams/{made['id']}"
    scheme = [_question(office, path, question) for question in exam.scheme]
    office.send("PUT", f"{path}/scheme", {"scheme_version": made["scheme_version"], "scheme": scheme})
    office.send_file("POST", f"{path}/roster", _roster(exam.students), kind="text/csv")
    office.send("PUT", f"{path}/zones", {"zones": [{"page": 1, "every": 0, **paper.HEADER}]})
    return str(made["id"])


def import_scan(office: Person, exam_id: str, exam: Exam) -> list[dict[str, Any]]:
    """Upload the pile in one batch; return the staged copies once every side is there."""
    content = paper.scan(exam.name, exam.answers)
    sides = len(exam.answers[0].pages)
    batch = {"name": "Copies", "mode": "every_n_sides", "sides_per_copy": sides}
    batch_id = office.send("POST", f"/exams/{exam_id}/batches", batch)["id"]
    file = {"exam_id": exam_id, "batch_id": batch_id, "file_name": "SKM_C301i.pdf", "bytes": len(content)}
    upload = office.send("POST", "/uploads", file, step=f"upload {exam_id}")
    for number in range(upload["chunks"]):
        chunk = content[number * upload["chunk_bytes"] :][: upload["chunk_bytes"]]
        office.send_file("PUT", f"/uploads/{upload['id']}/{number}", chunk, kind="application/octet-stream")
    office.send("POST", f"/uploads/{upload['id']}/complete")
    return until(lambda: _staged(office, exam_id, len(exam.answers)), "the copies of the demo scan")


def stage(office: Person, exam_id: str, exam: Exam, copies: Sequence[dict[str, Any]]) -> None:
    """Link the copies to their students and open those that are to be marked."""
    students = office.get(f"/exams/{exam_id}/students")["items"]
    by_name = {(each["last_name"], each["first_name"]): each["id"] for each in students}
    opened = len(copies) - exam.left_in_staging
    for copy, student in zip(copies[:opened], exam.students, strict=False):
        student_id = by_name[student.family_name, student.given_name]
        link = {"version": copy["version"], "student_id": student_id}
        office.send("PUT", f"/exams/{exam_id}/staged-copies/{copy['id']}/student", link)
    chosen = [copy["id"] for copy in copies[:opened]]
    office.send("POST", f"/exams/{exam_id}/validations", {"copy_ids": chosen})
    until(lambda: _opened(office, exam_id, opened), "the demo copies to be opened")


def mark(office: Person, exam_id: str, exam: Exam, markers: Sequence[Marker]) -> None:
    """Share the copies, finalize some and begin one more."""
    ids = [marker.account_id for marker in markers]
    office.send("POST", f"/exams/{exam_id}/dispatches", {"marker_ids": ids})
    lots = [(each, copy) for each in markers for copy in each.person.get(f"/lots/{exam_id}/copies")["items"]]
    for marker, copy in lots[: exam.finalized]:
        marking.finalize(marker.person, exam_id, copy["id"])
    for marker, copy in lots[exam.finalized :][:1]:
        marking.begin(marker.person, exam_id, copy["id"])
    until(lambda: _finalized(office, exam_id, exam.finalized), "the demo results to be stamped")


def release(office: Person, exam_id: str) -> None:
    """Show the results to the students."""
    path = f"/exams/{exam_id}/release"
    until(lambda: None if office.get(path)["blockers"] else True, "nothing to be in the way of the release")
    office.send("POST", path)


def _question(office: Person, path: str, question: Question) -> dict[str, Any]:
    return {
        "id": str(office.id_of(f"{path} question {question.label}")),
        "parent_id": str(office.id_of(f"{path} question {question.parent}")) if question.parent else "",
        "label": question.label,
        "title": question.title,
        "maximum": question.maximum,
    }


def _roster(students: Sequence[Student]) -> bytes:
    text = StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(["Nom", "Prénom", "Né(e) le", "Adresse E-mail", "Classe"])
    for student in students:
        writer.writerow(
            [student.family_name, student.given_name, student.birth_date, student.email, "2nde 4"]
        )
    return text.getvalue().encode()


def _staged(office: Person, exam_id: str, wanted: int) -> list[dict[str, Any]] | None:
    found: list[dict[str, Any]] = office.get(f"/exams/{exam_id}/staged-copies")["items"]
    return found if len(found) == wanted else None


def _opened(office: Person, exam_id: str, wanted: int) -> bool | None:
    return len(office.get(f"/exams/{exam_id}/copies")["items"]) == wanted or None


def _finalized(office: Person, exam_id: str, wanted: int) -> bool | None:
    return office.get(f"/exams/{exam_id}/progress")["finalized"] == wanted or None
