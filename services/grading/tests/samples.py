"""Exams, copies and acts to test with."""

from itertools import count
from typing import Any

from grading.domain.acts import Act
from grading.domain.copy import Copy, State
from grading.domain.exam import Details, Exam
from grading.domain.marks import Annotation, AnnotationKind, Content
from grading.domain.scheme import Question, Scheme

DETAILS = Details("Bac blanc", "2026-03-12", "Europe/Paris", "fr")
PAGES = ("recto", "verso")

_numbers = count(1)


def scheme() -> Scheme:
    """Give a scheme of 8 points: 1 has 1a (2) and 1b (3), and 2 has 3."""
    questions = [
        Question("q1", "", "1", "Suites", 0),
        Question("q1a", "q1", "1a", "", 200),
        Question("q1b", "q1", "1b", "", 300),
        Question("q2", "", "2", "Limites", 300),
    ]
    return Scheme.build(questions, new_id=lambda: "new")


def exam(**details: Any) -> Exam:
    """Give an exam with that scheme."""
    made = Exam.create("exam", Details(**{**_fields(DETAILS), **details}))
    made.put_scheme(scheme(), scheme_version=1, is_marked=False)
    made.news.clear()
    return made


def copy(state: State = State.OPEN, **fields: Any) -> Copy:
    """Give a copy of that exam, assigned to Ada."""
    content_version = 0 if state is State.OPEN else 1
    given = {"marker_id": "ada", "questions": 3, "content_version": content_version, **fields}
    return Copy("copy", "exam", "BCDFGH", "copies/copy/1.pdf", len(PAGES), state, **given)


def act(
    content: Content | None, *, sequence: int = 0, base: int = 0, journal: str = "tab", scheme: int = 2
) -> Act:
    """Give an act with an id of its own."""
    number = next(_numbers)
    return Act(f"act-{number}", journal, sequence or number, base, content, scheme)


def annotation(**fields: Any) -> Annotation:
    """Give a pen stroke on the first page."""
    given: dict[str, Any] = {
        "id": "stroke",
        "page_id": "recto",
        "kind": AnnotationKind.PEN,
        "points": ((0.1, 0.1), (0.2, 0.25)),
        "color": "#dd1111",
        "width": 1.5,
        "size": 0.0,
        "text": "",
        "box_width": 0.0,
        "question_id": "",
        **fields,
    }
    return Annotation(**given)


def _fields(details: Details) -> dict[str, Any]:
    return {name: getattr(details, name) for name in Details.__dataclass_fields__}
