"""Draw annotations as the operators of a PDF content stream, in displayed points with y upwards."""

from dataclasses import dataclass, field
from typing import assert_never

from pikepdf import Dictionary, Name

from rasterizer.stamp.fonts import BASELINE, LINE_HEIGHT, Fonts
from rasterizer.stamp.stamping import Annotation, Colour, Kind, Point
from rasterizer.stamp.text import wrapped

#: Strokes of the marks, in sizes around their centre, y downwards as on the desk.
TICK: tuple[tuple[Point, ...], ...] = (((-0.5, 0.05), (-0.15, 0.4), (0.5, -0.4)),)
CROSS: tuple[tuple[Point, ...], ...] = (((-0.4, -0.4), (0.4, 0.4)), ((-0.4, 0.4), (0.4, -0.4)))

_SHRINK = 0.9
_LEAST_SIZES = 3


@dataclass
class Canvas:
    """Collect the operators for one page."""

    width: float
    height: float
    fonts: Fonts
    content: bytearray = field(default_factory=bytearray)
    states: dict[str, Dictionary] = field(default_factory=dict)

    def draw(self, annotation: Annotation) -> None:
        """Draw one annotation."""
        self.content += b"q "
        self._set(annotation)
        match annotation.kind:
            case Kind.PEN | Kind.HIGHLIGHTER:
                self._stroke([self._placed(point) for point in annotation.points])
            case Kind.RECTANGLE:
                self._rectangle(annotation)
            case Kind.TICK:
                self._mark(annotation, TICK)
            case Kind.CROSS:
                self._mark(annotation, CROSS)
            case Kind.TEXT:
                self._text(annotation)
            case unknown:
                assert_never(unknown)
        self.content += b"Q\n"

    def write(self, text: str, x: float, top: float, size: float) -> None:
        """Write one line, its top left corner at x and so far below the top of the page."""
        baseline = self.height - top - BASELINE * size
        self.content += b"BT 1 0 0 1 %.2f %.2f Tm %sET\n" % (x, baseline, self.fonts.show(text, size))

    def colour(self, colour: Colour) -> None:
        """Set the colour of strokes and text."""
        self.content += b"%.3f %.3f %.3f RG %.3f %.3f %.3f rg " % (*colour, *colour)

    def line(self, x: float, top: float, length: float) -> None:
        """Draw a thin horizontal line."""
        self.content += b"0.5 w %.2f %.2f m %.2f %.2f l S\n" % (
            *(x, self.height - top),
            *(x + length, self.height - top),
        )

    def _set(self, annotation: Annotation) -> None:
        self.colour(annotation.colour)
        self.content += b"%.2f w 1 J 1 j " % annotation.width
        multiplies = annotation.kind is Kind.HIGHLIGHTER
        if annotation.opacity >= 1 and not multiplies:
            return
        name = f"{'M' if multiplies else 'N'}{round(annotation.opacity * 100)}"
        blend = Name.Multiply if multiplies else Name.Normal
        self.states[name] = Dictionary(CA=annotation.opacity, ca=annotation.opacity, BM=blend)
        self.content += b"/%s gs " % name.encode()

    def _placed(self, point: Point) -> Point:
        return point[0] * self.width, (1 - point[1]) * self.height

    def _stroke(self, points: list[Point]) -> None:
        if not points:
            return
        # A single touch is a dot: a line of no length with round ends.
        first, *rest = points if len(points) > 1 else points * 2
        self.content += b"%.2f %.2f m " % first
        for point in rest:
            self.content += b"%.2f %.2f l " % point
        self.content += b"S "

    def _rectangle(self, annotation: Annotation) -> None:
        (xa, ya), (xb, yb) = (self._placed(point) for point in annotation.points[:2])
        self.content += b"%.2f %.2f %.2f %.2f re S " % (min(xa, xb), min(ya, yb), abs(xb - xa), abs(yb - ya))

    def _mark(self, annotation: Annotation, strokes: tuple[tuple[Point, ...], ...]) -> None:
        x, y = self._placed(annotation.points[0])
        for stroke in strokes:
            self._stroke([(x + dx * annotation.size, y - dy * annotation.size) for dx, dy in stroke])

    def _text(self, annotation: Annotation) -> None:
        """Write wrapped text; where it would leave the page, move it, or make it smaller as a last resort."""
        x, y, fraction = annotation.box
        size = annotation.size
        width = max(fraction * self.width, _LEAST_SIZES * size)
        lines = wrapped(annotation.text, width, size, self.fonts)
        while len(lines) * LINE_HEIGHT * size > self.height:
            size *= _SHRINK
            lines = wrapped(annotation.text, width, size, self.fonts)
        left = max(0.0, min(x * self.width, self.width - width))
        top = max(0.0, min(y * self.height, self.height - len(lines) * LINE_HEIGHT * size))
        for number, line in enumerate(lines):
            self.write(line, left, top + number * LINE_HEIGHT * size, size)
