"""Convert between fractions of a displayed page and the user space of its PDF.

Annotations and zones are fractions of the page as it is displayed, after crop and rotation, origin top left.
`tests/vectors.json` holds examples that every implementation of this rule must meet.
"""

from dataclasses import dataclass
from enum import StrEnum

import pikepdf

Matrix = tuple[float, float, float, float, float, float]

#: What viewers show of a page that is nowhere.
_LETTER = (0.0, 0.0, 612.0, 792.0)


class Crop(StrEnum):
    """Say which part of the displayed side a face is."""

    FULL = "full"
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True)
class Frame:
    """Hold the visible box of a page in user space, and its clockwise rotation."""

    x0: float
    y0: float
    x1: float
    y1: float
    rotate: int = 0

    @property
    def displayed(self) -> tuple[float, float]:
        """Give width and height as displayed, in points."""
        width, height = self.x1 - self.x0, self.y1 - self.y0
        return (width, height) if self.rotate % 180 == 0 else (height, width)

    @property
    def matrix(self) -> Matrix:
        """Map displayed points (origin bottom left, y upwards) to user space."""
        match self.rotate % 360:
            case 90:
                return (0, 1, -1, 0, self.x1, self.y0)
            case 180:
                return (-1, 0, 0, -1, self.x1, self.y1)
            case 270:
                return (0, -1, 1, 0, self.x0, self.y1)
            case _:
                return (1, 0, 0, 1, self.x0, self.y0)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Map a fraction of the displayed page to user space."""
        width, height = self.displayed
        a, b, c, d, e, f = self.matrix
        across, up = x * width, (1 - y) * height
        return a * across + c * up + e, b * across + d * up + f

    def cropped(self, crop: Crop) -> "Frame":
        """Keep one half as displayed."""
        left, right = {Crop.FULL: (0.0, 1.0), Crop.LEFT: (0.0, 0.5), Crop.RIGHT: (0.5, 1.0)}[crop]
        (xa, ya), (xb, yb) = self.point(left, 0), self.point(right, 1)
        return Frame(min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb), self.rotate)


def quarter_turns(rotation: int) -> int:
    """Give the clockwise rotation that viewers make of any /Rotate: 0, 90, 180 or 270."""
    return (rotation + 45) // 90 * 90 % 360


def frame_of(page: pikepdf.Page) -> Frame:
    """Read the frame of a page: what a viewer shows of it."""
    media, crop = _box(page.mediabox), _box(page.cropbox)
    visible = (max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3]))
    shown = next((box for box in (visible, media) if box[0] < box[2] and box[1] < box[3]), _LETTER)
    return Frame(*shown, rotate=quarter_turns(page.rotation))


def _box(box: pikepdf.Object) -> tuple[float, float, float, float]:
    xa, ya, xb, yb = (float(number) for number in box)
    return min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb)
