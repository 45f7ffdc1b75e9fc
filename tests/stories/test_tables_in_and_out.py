"""Rosters as any school writes them come in; results go out as spreadsheets of either language read them."""

import csv
import io

import pytest

from tests import exams
from tests.exams import Exam
from tests.paper.students import csv_bytes, roster
from tests.people import People
from tests.waiting import until

STUDENTS = roster(6, seed=71)
HOSTILE = 'Nom;Prénom;Classe\r\n"=HYPERLINK(""http://evil"")";Ève;+1+1\r\nDUPONT;"Jean, dit ""JJ""";T1\r\n'


@pytest.fixture(scope="module")
def exam(people: People) -> Exam:
    return exams.create(people, "Tableaux")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_roster_is_the_same_however_it_is_written(people: People, delimiter: str, encoding: str) -> None:
    exam = exams.create(people, f"Liste {encoding}")
    content = csv_bytes(STUDENTS, delimiter=delimiter, encoding=encoding)

    report = people.office.send_roster(exam.id, content)
    again = people.office.send_roster(exam.id, content)

    assert (report["imported"], report["added"], again["unchanged"]) == (True, 6, 6)
    assert {one["email"] for one in exam.items("/students")} == {one.email for one in STUDENTS}


def test_a_student_twice_is_refused_with_both_lines_and_nothing_is_imported(people: People) -> None:
    exam = exams.create(people, "Doublons")

    report = people.office.send_roster(exam.id, b"Nom;Prenom\nDUPONT;Jean\nDURAND;Lea\nDupont;jean\n")

    (refused,) = [line for line in report["lines"] if line["outcome"] != "ADDED"]
    assert (refused["line"], refused["outcome"]) == (4, "LINE_REPEATED")
    assert refused["detail"].endswith("= 2")
    assert not report["imported"]
    assert exam.items("/students") == []


@pytest.mark.parametrize(("language", "delimiter"), [("fr", ";"), ("en", ",")])
def test_a_table_follows_its_language_and_runs_nothing(exam: Exam, language: str, delimiter: str) -> None:
    exam.office.send_roster(exam.id, HOSTILE.encode())
    path = f"/exports/{exam.send('POST', '/exports', language=language)['id']}"
    until(lambda: exam.get(path)["state"] == "ready", "the table to be made")

    content = exam.office.download(f"{exam.path}{path}/file")

    assert content.startswith("\ufeff".encode())
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))
    names = {tuple(row[:2]) for row in rows[1:]}
    assert names == {('\'=HYPERLINK("http://evil")', "Ève"), ("DUPONT", 'Jean, dit "JJ"')}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]
