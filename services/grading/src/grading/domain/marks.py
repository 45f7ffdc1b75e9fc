"""What a marker writes on a copy: marks, remarks, an appreciation, annotations."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from grading.domain.scheme import ID

TEXT_LIMIT = 5_000
POINTS_LIMIT = 5_000
#: How far a stroke may leave the page, in fractions of it.
MARGIN = 0.05
COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class AnnotationKind(StrEnum):
    """The tool that made an annotation."""

    PEN = "pen"
    HIGHLIGHTER = "highlighter"
    RECTANGLE = "rectangle"
    TICK = "tick"
    CROSS = "cross"
    TEXT = "text"


#: How many points each kind has, at least and at most.
POINTS: Mapping[AnnotationKind, tuple[int, int]] = {
    AnnotationKind.PEN: (1, POINTS_LIMIT),
    AnnotationKind.HIGHLIGHTER: (1, POINTS_LIMIT),
    AnnotationKind.RECTANGLE: (2, 2),
    AnnotationKind.TICK: (1, 1),
    AnnotationKind.CROSS: (1, 1),
    AnnotationKind.TEXT: (1, 1),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """Points given for one question; None is not marked, which is not 0."""

    question_id: str
    points: int | None


@dataclass(frozen=True, slots=True)
class Remark:
    """Text about one question; empty is none."""

    question_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Appreciation:
    """Text about the whole copy."""

    text: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """A vector drawing or text; places are fractions of the displayed page, sizes typographic points."""

    id: str
    page_id: str
    kind: AnnotationKind
    points: tuple[tuple[float, float], ...]
    color: str
    width: float
    size: float
    text: str
    #: Width of a text box in fractions of the page; 0 = to the right edge.
    box_width: float
    question_id: str

    @property
    def is_drawable(self) -> bool:
        """Tell whether it has the shape of its kind and lies on a page."""
        least, most = POINTS[self.kind]
        return (
            ID.fullmatch(self.id) is not None
            and least <= len(self.points) <= most
            and all(_is_near_page(x) and _is_near_page(y) for x, y in self.points)
            and COLOR.fullmatch(self.color) is not None
            and self._has_size
            and is_text(self.text)
            and bool(self.text.strip()) == (self.kind is AnnotationKind.TEXT)
        )

    @property
    def _has_size(self) -> bool:
        stroke = self.kind is AnnotationKind.TEXT or 0.1 <= self.width <= 100
        symbol = self.kind not in _SIZED or 4 <= self.size <= 200
        numbers = (self.width, self.size, self.box_width)
        return stroke and symbol and all(map(math.isfinite, numbers)) and 0 <= self.box_width <= 1


@dataclass(frozen=True, slots=True)
class Erasure:
    """An annotation that was removed."""

    id: str


Content = Mark | Remark | Appreciation | Annotation | Erasure

_SIZED = {AnnotationKind.TICK, AnnotationKind.CROSS, AnnotationKind.TEXT}


def is_text(text: str) -> bool:
    """Tell whether a text can be stored and shown."""
    return len(text) <= TEXT_LIMIT and "\0" not in text


def _is_near_page(fraction: float) -> bool:
    return -MARGIN <= fraction <= 1 + MARGIN
