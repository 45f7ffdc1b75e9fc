"""
The results of an exam as a CSV for spreadsheets.

Every student of the roster has a line, and what is missing is said: an empty cell is a question that was not
marked, never a 0.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.domain.results.joined import Exam, Question, Result
from ingest.domain.student import Presence, Student, folded

BOM = "\ufeff"
_FORMULA = tuple("=+-@\t\r＝＋－＠")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


@dataclass(frozen=True, slots=True)
class _Language:
    delimiter: str
    decimal: str
    date: str
    stem: str
    header: tuple[str, ...]
    total: str
    scale: str
    states: Mapping[str, str]


_FRENCH = _Language(
    delimiter=";",
    decimal=",",
    date="%d/%m/%Y",
    stem="resultats",
    header=("Nom", "Prénom", "Né(e) le", "Classe", "Groupe", "Code", "État"),
    total="Total",
    scale="Sur",
    states={
        "marked": "Noté",
        "unmarked": "Non noté",
        "late": "Pages tardives",
        "without_copy": "Sans copie",
        "absent": "Absent",
        "excused": "Excusé",
        "without_student": "Copie sans élève",
    },
)
_ENGLISH = _Language(
    delimiter=",",
    decimal=".",
    date="%Y-%m-%d",
    stem="results",
    header=("Last name", "First name", "Birth date", "Class", "Group", "Code", "State"),
    total="Total",
    scale="Out of",
    states={
        "marked": "Marked",
        "unmarked": "Not marked",
        "late": "Late pages",
        "without_copy": "No copy",
        "absent": "Absent",
        "excused": "Excused",
        "without_student": "Copy without student",
    },
)
_LANGUAGES = {"fr": _FRENCH, "en": _ENGLISH}


def file_name(exam: Exam, language: str) -> str:
    """Name the file after the exam, in letters that every system takes."""
    slug = re.sub(r"[^a-z0-9]+", "-", folded(exam.name).encode("ascii", "ignore").decode()).strip("-")
    return "-".join(part for part in (_LANGUAGES[language].stem, slug, exam.date) if part) + ".csv"


def table(students: Sequence[Student], results: Sequence[Result], language: str) -> bytes:
    """Write the results of every student, in the order given, then copies that belong to nobody."""
    words = _LANGUAGES[language]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=words.delimiter, lineterminator="\r\n")
    writer.writerows([safe(cell) for cell in row] for row in _rows(students, results, words))
    return (BOM + text.getvalue()).encode()


def safe(cell: str) -> str:
    """Keep a spreadsheet from running a cell; numbers and honest text stay as they are."""
    if (cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA)) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def points(value: int | None, decimal: str) -> str:
    """Write 1/100 points without needless zeros; nothing for what is not marked."""
    if value is None:
        return ""
    sign, (whole, rest) = "-" * (value < 0), divmod(abs(value), 100)
    fraction = f"{rest:02}".rstrip("0")
    return f"{sign}{whole}{decimal * bool(fraction)}{fraction}"


def _rows(students: Sequence[Student], results: Sequence[Result], words: _Language) -> Iterator[list[str]]:
    by_copy = {result.copy_id: result for result in results}
    questions = max((_leaves(result) for result in results), key=len, default=[])
    yield [*words.header, *(question.label for question in questions), words.total, words.scale]
    for student in students:
        result = by_copy.pop(student.copy_id, None) if student.copy_id else None
        yield _row(_person(student, words), _state(student, result), result, questions, words)
    for result in by_copy.values():
        yield _row([""] * 5, "without_student", result, questions, words)


def _person(student: Student, words: _Language) -> list[str]:
    born = student.birth_date.strftime(words.date) if student.birth_date else ""
    return [student.last_name, student.first_name, born, student.class_name, student.group_name]


def _state(student: Student, result: Result | None) -> str:
    if student.is_late:
        return "late"
    if result and result.is_final:
        return "marked"
    if student.copy_id:
        return "unmarked"
    return "without_copy" if student.presence is Presence.PRESENT else student.presence.value


def _row(
    person: list[str], state: str, result: Result | None, questions: list[Question], words: _Language
) -> list[str]:
    given = {question.id: question.points for question in _leaves(result)} if result else {}
    marks = [points(given.get(question.id), words.decimal) for question in questions]
    total = [points(result.total, words.decimal), points(result.scale, words.decimal)] if result else []
    is_counted = result is not None and result.is_final
    return [
        *person,
        result.code if result else "",
        words.states[state],
        *marks,
        *(total if is_counted else ["", ""]),
    ]


def _leaves(result: Result) -> list[Question]:
    return [question for question in result.questions if question.is_leaf]
