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
cross) are points of 1/72 inch on a page whose short side is that of A4, as the desk shows every page. Marks
are ready to print: nothing is computed here. What is no number, or beyond all measure, is refused. By kind:

    pen           a stroke through its points
    highlighter   the same, multiplied into the page; opacity 0.35 unless given
    rectangle     two opposite corners
    tick, cross   one point, the centre
    text          box [x, y, width]: top left corner, width to wrap at; or one point, up to the right margin
"""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from rasterizer.refusals import RefusalReason, Refused

Point = tuple[float, float]
Colour = tuple[float, float, float]

_HIGHLIGHT = 0.35
_COLOUR = re.compile("#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
#: Nobody draws beyond these; a number that is not one would spoil the page for every reader.
_FARTHEST, _SMALLEST, _LARGEST, _MOST = 10.0, 0.1, 1000.0, 9999


class Kind(StrEnum):
    """Name the kinds of annotation."""

    PEN = "pen"
    HIGHLIGHTER = "highlighter"
    RECTANGLE = "rectangle"
    TICK = "tick"
    CROSS = "cross"
    TEXT = "text"


_SIZED = frozenset({Kind.TICK, Kind.CROSS, Kind.TEXT})
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
    except (ValueError, RecursionError) as error:
        raise Refused(RefusalReason.BAD_ANNOTATIONS) from error


def parse(content: Any) -> Stamping:
    """Read the JSON object, or refuse it."""
    try:
        return Stamping(
            exam=_text(content["exam"]["name"]),
            date=_text(content["exam"]["date"]),
            code=_text(content["copy"]["code"]),
            student=_text_or_none(content["student"]),
            language=_text(content["language"]),
            questions=tuple(_question(question) for question in content["questions"]),
            total=_text_or_none(content["total"]),
            scale=_text(content["scale"]),
            appreciation=_text(content["appreciation"]),
            pages=_pages(content["pages"]),
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise Refused(RefusalReason.BAD_ANNOTATIONS) from error


def _pages(pages: Any) -> dict[int, tuple[Annotation, ...]]:
    drawn = {_whole(page["page"]): tuple(map(_annotation, page["annotations"])) for page in pages}
    if len(drawn) < len(pages):
        raise ValueError("a page is there twice")
    return drawn


def _question(question: Any) -> Question:
    return Question(
        label=_text(question["label"]),
        depth=_whole(question["depth"]),
        title=_text(question.get("title", "")),
        mark=_text_or_none(question["mark"]),
        maximum=_text(question["maximum"]),
        remark=_text(question.get("remark", "")),
    )


def _annotation(annotation: Any) -> Annotation:
    kind = Kind(annotation["kind"])
    points = tuple((_fraction(x), _fraction(y)) for x, y in annotation.get("points", ()))
    if len(points) < _POINTS.get(kind, 0):
        raise ValueError(f"a {kind} has too few points")
    is_sized, is_text = kind in _SIZED, kind is Kind.TEXT
    return Annotation(
        kind=kind,
        points=points,
        colour=_colour(annotation.get("color", "#d11")),
        width=0 if is_text else _number(annotation.get("width", 1.5), 0, _LARGEST),
        opacity=_number(annotation.get("opacity", _HIGHLIGHT if kind is Kind.HIGHLIGHTER else 1), 0, 1),
        size=_number(annotation.get("size", 11), _SMALLEST, _LARGEST) if is_sized else 0,
        text=_text(annotation.get("text", "")) if is_text else "",
        box=_box(annotation, points) if is_text else (0, 0, 0),
    )


def _box(annotation: Any, points: tuple[Point, ...]) -> tuple[float, float, float]:
    if annotation.get("box"):
        x, y, width = map(_fraction, annotation["box"])
        return x, y, width
    x, y = points[0]
    return x, y, 1 - x


def _colour(text: Any) -> Colour:
    found = _COLOUR.fullmatch(_text(text))
    if not found:
        raise ValueError(f"{text} is no colour")
    digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
    red, green, blue = (int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4))
    return red, green, blue


def _fraction(value: Any) -> float:
    return _number(value, -_FARTHEST, _FARTHEST)


def _number(value: Any, least: float, most: float) -> float:
    # No comparison with NaN is true.
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{value} is no number from {least} to {most}")
    return float(value)


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST:
        raise ValueError(f"{value} is no number of a page or level")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value} is no text")
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)
