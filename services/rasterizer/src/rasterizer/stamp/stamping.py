"""Read the frozen content of a copy: what to stamp onto its PDF.

The file is one JSON object:

    exam          {"name", "date"}
    copy          {"code"}
    student       the name, or null for an anonymous copy
    language      "fr" or "en"
    questions     [{"label", "depth", "title", "mark": "1,5" or null, "maximum": "3", "remark"}]
    total, scale  "14,5" and "20"; total is null while a question is not marked
    appreciation  text about the whole copy
    pages         [{"page": 1, "annotations": […]}]

An annotation is {"id", "kind", "points", "color", "width", "opacity", "size", "text", "box"}. Points and
boxes are fractions of the displayed page, origin top left; width (of a stroke) and size (of a font, tick or
cross) are points of 1/72 inch. Marks are ready to print: nothing is computed here. By kind:

    pen           a stroke through its points
    highlighter   the same, multiplied into the page; opacity 0.35 unless given
    rectangle     two opposite corners
    tick, cross   one point, the centre
    text          box [x, y, width]: top left corner, width to wrap at; or one point, up to the right margin
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from rasterizer.refusals import RefusalReason, Refused

Point = tuple[float, float]
Colour = tuple[float, float, float]

_HIGHLIGHT = 0.35


class Kind(StrEnum):
    """Name the kinds of annotation."""

    PEN = "pen"
    HIGHLIGHTER = "highlighter"
    RECTANGLE = "rectangle"
    TICK = "tick"
    CROSS = "cross"
    TEXT = "text"


_POINTS = {Kind.RECTANGLE: 2, Kind.TICK: 1, Kind.CROSS: 1}


@dataclass(frozen=True)
class Annotation:
    """Describe one annotation."""

    kind: Kind
    points: tuple[Point, ...]
    colour: Colour
    width: float
    opacity: float
    size: float
    text: str
    #: Of a text: x, y and the width to wrap at.
    box: tuple[float, float, float]


@dataclass(frozen=True)
class Question:
    """Describe one row of the scheme with what the copy got for it."""

    label: str
    depth: int
    title: str
    mark: str | None
    maximum: str
    remark: str


@dataclass(frozen=True)
class Stamping:
    """Hold all that is stamped onto one copy."""

    exam: str
    date: str
    code: str
    student: str | None
    language: str
    questions: tuple[Question, ...]
    total: str | None
    scale: str
    appreciation: str
    #: By page number, from 1.
    pages: dict[int, tuple[Annotation, ...]]


def read(path: Path) -> Stamping:
    """Read the file."""
    try:
        return parse(json.loads(path.read_bytes()))
    except ValueError as error:
        raise Refused(RefusalReason.BAD_ANNOTATIONS) from error


def parse(content: Any) -> Stamping:
    """Read the JSON object, or refuse it."""
    try:
        return Stamping(
            exam=str(content["exam"]["name"]),
            date=str(content["exam"]["date"]),
            code=str(content["copy"]["code"]),
            student=_text_or_none(content["student"]),
            language=str(content["language"]),
            questions=tuple(_question(question) for question in content["questions"]),
            total=_text_or_none(content["total"]),
            scale=str(content["scale"]),
            appreciation=str(content["appreciation"]),
            pages={int(page["page"]): _annotations(page) for page in content["pages"]},
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise Refused(RefusalReason.BAD_ANNOTATIONS) from error


def _text_or_none(value: Any) -> str | None:
    return None if value is None else str(value)


def _question(question: Any) -> Question:
    return Question(
        label=str(question["label"]),
        depth=int(question["depth"]),
        title=str(question.get("title", "")),
        mark=_text_or_none(question["mark"]),
        maximum=str(question["maximum"]),
        remark=str(question.get("remark", "")),
    )


def _annotations(page: Any) -> tuple[Annotation, ...]:
    return tuple(_annotation(annotation) for annotation in page["annotations"])


def _annotation(annotation: Any) -> Annotation:
    kind = Kind(annotation["kind"])
    points = tuple((float(x), float(y)) for x, y in annotation.get("points", ()))
    if len(points) < _POINTS.get(kind, 0):
        raise ValueError(f"a {kind} has too few points")
    return Annotation(
        kind=kind,
        points=points,
        colour=_colour(annotation.get("color", "#d11")),
        width=float(annotation.get("width", 1.5)),
        opacity=float(annotation.get("opacity", _HIGHLIGHT if kind is Kind.HIGHLIGHTER else 1)),
        size=float(annotation.get("size", 11)),
        text=str(annotation.get("text", "")),
        box=_box(annotation, points) if kind is Kind.TEXT else (0, 0, 0),
    )


def _box(annotation: Any, points: tuple[Point, ...]) -> tuple[float, float, float]:
    if annotation.get("box"):
        x, y, width = (float(number) for number in annotation["box"])
        return x, y, width
    x, y = points[0]
    return x, y, 1 - x


def _colour(text: str) -> Colour:
    digits = text.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    if len(digits) != 6:
        raise ValueError(f"{text} is no colour")
    red, green, blue = (int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4))
    return red, green, blue
