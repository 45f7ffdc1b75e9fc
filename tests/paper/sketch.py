"""Describe one A4 face so exactly that it can be drawn again."""

import math
import random
from dataclasses import dataclass

from tests.paper.forms import Form
from tests.paper.truth import Box

WIDTH_MM, HEIGHT_MM = 210.0, 297.0


@dataclass(frozen=True)
class Sketch:
    """What decides every pixel of a face but the names."""

    form: Form
    label: str
    variant: int
    dpi: int

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height in pixels."""
        return round(WIDTH_MM * self.dpi / 25.4), round(HEIGHT_MM * self.dpi / 25.4)

    def rng(self, what: str) -> random.Random:
        """Return the dice of one aspect of this face."""
        return random.Random(f"{self.form.value} {self.label} {self.variant} {what}")

    @property
    def skew(self) -> float:
        """Return by how much the feeder turned the sheet, in radians."""
        return math.radians(self.rng("skew").uniform(-0.8, 0.8))

    @property
    def writing_top(self) -> float:
        """Return where ruling begins below the header, in millimetres."""
        header = self.form.header
        return 16.0 if header is None else (header.y + header.height) * HEIGHT_MM + 6

    def pixels(self, box: Box) -> tuple[float, float, float, float]:
        """Return a box's left, top, right and bottom in pixels."""
        width, height = self.size
        return box.x * width, box.y * height, (box.x + box.width) * width, (box.y + box.height) * height
