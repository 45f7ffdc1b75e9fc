"""The exported table: everyone is on it, nothing runs in a spreadsheet, null is not 0."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingest.domain.results import Exam, Question, Result, announcements, file_name, table
from ingest.domain.results.table import points, safe
from ingest.domain.student import Presence, Student

JEAN = Student("s1", "exam", "DUPONT", "Jean", date(2008, 2, 3), class_name="T1", copy_id="c1")
QUESTIONS = (
    Question("q", "1", "Integrals", 0, False, 350, 700),
    Question("q1", "1.a", "", 1, True, 350, 400),
    Question("q2", "1.b", "", 1, True, 0, 300),
)
RESULT = Result("c1", "exam", "K7QX4M", True, 1, 1450, 2000, 350, 700, QUESTIONS)


def _rows(content: bytes, delimiter: str = ";") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def test_french_tables_have_a_bom_semicolons_crlf_and_decimal_commas() -> None:
    content = table([JEAN], [RESULT], "fr")

    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").splitlines(keepends=True) == [
        "Nom;Prénom;Né(e) le;Classe;Groupe;Code;État;1.a;1.b;Total;Sur\r\n",
        "DUPONT;Jean;03/02/2008;T1;;K7QX4M;Noté;3,5;0;14,5;20\r\n",
    ]


def test_english_tables_have_commas_points_and_iso_dates() -> None:
    (_, row) = _rows(table([JEAN], [RESULT], "en"), ",")

    assert row[2:] == ["2008-02-03", "T1", "", "K7QX4M", "Marked", "3.5", "0", "14.5", "20"]


def test_a_question_without_mark_is_empty_and_a_zero_is_a_zero() -> None:
    marked, unmarked = QUESTIONS[2], replace(QUESTIONS[1], points=None)
    open_result = replace(RESULT, is_final=False, questions=(unmarked, marked))

    (_, row) = _rows(table([JEAN], [open_result], "fr"))

    assert row[6:] == ["Non noté", "", "0", "", ""]


def test_late_pages_are_a_line_of_their_student_beneath_their_own() -> None:
    late = replace(RESULT, copy_id="c2", code="M4T9QX")

    _, own, more = _rows(table([JEAN, replace(JEAN, copy_id="c2", is_late=True)], [RESULT, late], "fr"))

    assert (own[0], own[5:7]) == ("DUPONT", ["K7QX4M", "Noté"])
    assert (more[0], more[5:7]) == ("DUPONT", ["M4T9QX", "Pages tardives"])


def test_students_without_a_result_are_said_never_left_out() -> None:
    nobody = replace(JEAN, id="s2", copy_id=None)
    absent = replace(nobody, id="s3", presence=Presence.ABSENT)
    excused = replace(nobody, id="s4", presence=Presence.EXCUSED)
    waiting = replace(JEAN, id="s5", copy_id="c9")

    rows = _rows(table([JEAN, nobody, absent, excused, waiting], [RESULT], "fr"))

    assert [row[6] for row in rows[1:]] == ["Noté", "Sans copie", "Absent", "Excusé", "Non noté"]


def test_a_copy_without_student_is_listed_last_under_its_code() -> None:
    rows = _rows(table([replace(JEAN, copy_id=None)], [RESULT], "fr"))

    assert rows[-1][5:7] == ["K7QX4M", "Copie sans élève"]


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "  =1+1",
        "\n=1",
        "\u00a0=1",
        "\u2003@A1",
    ],
)
def test_formulas_do_not_run(cell: str) -> None:
    assert safe(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell", ["-1,5", "+2", "-0.25", "DUPONT-MARTIN", "a=b", "3 - 2", "", "mail@example.org"]
)
def test_honest_text_stays_as_it_is(cell: str) -> None:
    assert safe(cell) == cell


@given(st.text())
def test_no_cell_begins_as_a_formula(cell: str) -> None:
    shown = safe(cell)

    assert shown.endswith(cell)
    assert not shown.startswith(("=", "@", "\t", "\r"))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (150, "1,5"), (1545, "15,45"), (2000, "20"), (5, "0,05"), (-25, "-0,25"), (None, "")],
)
def test_points_are_exact(value: int | None, text: str) -> None:
    assert points(value, ",") == text


def test_files_are_named_after_the_exam() -> None:
    exam = Exam("exam", "Épreuve d'été n° 1", "2026-06-01", is_released=True)

    assert file_name(exam, "fr") == "resultats-epreuve-d-ete-n-1-2026-06-01.csv"


def test_a_release_is_told_in_parts_that_fit_a_fact() -> None:
    accounts = [str(number) for number in range(4001)]

    parts = list(announcements("exam", "Maths", 1, accounts))

    assert [len(part.account_ids) for part in parts] == [2000, 2000, 1]
    assert [account for part in parts for account in part.account_ids] == accounts
