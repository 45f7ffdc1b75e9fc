"""Handwriting and print from Hershey's public stroke fonts; accents are composed."""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from HersheyFonts import HersheyFonts  # type: ignore[import-untyped] # none are published
from PIL import ImageDraw

Stroke = list[tuple[float, float]]

#: Accents as strokes in a box of 1 × 1 above (or, for the cedilla, below) the letter.
_ACCENTS: dict[str, tuple[Stroke, ...]] = {
    "\N{COMBINING ACUTE ACCENT}": ([(0.2, 1.0), (0.7, 0.0)],),
    "\N{COMBINING GRAVE ACCENT}": ([(0.8, 1.0), (0.3, 0.0)],),
    "\N{COMBINING CIRCUMFLEX ACCENT}": ([(0.0, 1.0), (0.5, 0.1), (1.0, 1.0)],),
    "\N{COMBINING DIAERESIS}": ([(0.2, 0.5), (0.3, 0.4)], [(0.8, 0.5), (0.9, 0.4)]),
    "\N{COMBINING CEDILLA}": ([(0.5, 3.6), (0.7, 4.0), (0.3, 4.2)],),
}


@dataclass(frozen=True)
class Style:
    """What tells one writing from another; lengths in pixels, the rest in fractions of the size."""

    size: float
    ink: str
    width: int
    font: str = "scripts"
    slant: float = 0.12
    tremor: float = 0.012
    drift: float = 0.006


class Hand:
    """A pen in somebody's hand: no two lines of it are quite alike."""

    def __init__(self, seed: int, style: Style) -> None:
        self._random = random.Random(seed)
        self._style = style
        self._font = HersheyFonts()
        self._font.load_default_font(style.font)
        self._font.normalize_rendering(style.size)

    def write(self, draw: ImageDraw.ImageDraw, x: float, y: float, text: str) -> None:
        """Write one line with its baseline at y, drifting a little."""
        style, drift = self._style, self._random.uniform(-self._style.drift, self._style.drift)
        for stroke in self._strokes(text):
            points = [(x + a + style.slant * up, y - up + drift * a + self._tremor()) for a, up in stroke]
            draw.line(points, fill=style.ink, width=style.width, joint="curve")

    def _strokes(self, text: str) -> Iterator[Stroke]:
        plain = ""
        for letter in unicodedata.normalize("NFD", text):
            if letter in _ACCENTS:
                yield from self._accent(letter, after=plain)
            else:
                plain += letter
        for stroke in self._font.strokes_for_text(plain):
            yield list(stroke)

    def _accent(self, accent: str, *, after: str) -> Iterator[Stroke]:
        box = self._style.size * 0.26
        left = self._reach(after)[0] - box * 1.4
        top = self._reach(after[-1:])[1] + box * 1.3
        for stroke in _ACCENTS[accent]:
            yield [(left + across * box, top - down * box) for across, down in stroke]

    def _reach(self, text: str) -> tuple[float, float]:
        points = [point for stroke in self._font.strokes_for_text(text) for point in stroke]
        return max((x for x, _ in points), default=0.0), max((y for _, y in points), default=0.0)

    def _tremor(self) -> float:
        return self._random.gauss(0, self._style.size * self._style.tremor)
