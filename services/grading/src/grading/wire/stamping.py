"""
A frozen result as the file that the rasterizer stamps from.

Its format is the rasterizer's: numbers are written as people read them, colours as #rrggbb, places as
fractions of the displayed page, sizes in typographic points.
"""

from datetime import date
from typing import Any

import orjson

from grading.domain.exam import Exam
from grading.domain.marks import Annotation, AnnotationKind
from grading.domain.result import Result, ResultQuestion, written

#: How much of the page shows through a highlighter.
HIGHLIGHTER_OPACITY = 0.35
#: A text that begins at the right edge, or beyond it, still needs room to wrap in.
LEAST_BOX_WIDTH = 0.05


def stamping(result: Result, exam: Exam) -> bytes:
    """Write a result for stamping; the student is known by the code alone."""
    language = exam.details.language
    sheet = {
        "exam": {"name": exam.details.name, "date": _date(exam.details.date, language)},
        "copy": {"code": result.code},
        "student": None,
        "language": language,
        "questions": [_question(line, language) for line in result.questions],
        "total": written(result.total, language),
        "scale": written(result.scale, language),
        "appreciation": result.appreciation,
        "pages": [
            {"page": number, "annotations": [_annotation(drawn) for drawn in page.annotations]}
            for number, page in enumerate(result.pages, start=1)
        ],
    }
    return orjson.dumps(sheet, option=orjson.OPT_INDENT_2)


def _date(iso: str, language: str) -> str:
    return date.fromisoformat(iso).strftime("%d/%m/%Y") if language == "fr" else iso


def _question(line: ResultQuestion, language: str) -> dict[str, Any]:
    return {
        "label": line.question.label,
        "depth": line.depth,
        "title": line.question.title,
        "mark": written(line.points, language),
        "maximum": written(line.question.maximum, language),
        "remark": line.remark,
    }


def _annotation(annotation: Annotation) -> dict[str, Any]:
    (x, y), *_ = annotation.points
    is_highlighter = annotation.kind is AnnotationKind.HIGHLIGHTER
    return {
        "id": annotation.id,
        "kind": annotation.kind,
        "points": annotation.points,
        "color": annotation.color,
        "width": annotation.width,
        "opacity": HIGHLIGHTER_OPACITY if is_highlighter else 1,
        "size": annotation.size,
        "text": annotation.text,
        "box": [x, y, _box_width(annotation, x)] if annotation.kind is AnnotationKind.TEXT else None,
    }


def _box_width(annotation: Annotation, x: float) -> float:
    return annotation.box_width or max(1 - x, LEAST_BOX_WIDTH)
