"""Compare what a matrix makes of the unit square with the box of a page."""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

Matrix = tuple[float, float, float, float, float, float]

IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)
#: A scan may miss an edge of its page by so many points: less than a millimetre, as marks must lie.
_TOLERANCE = 2.0
_DISTORTION = 0.02


def matrix(operands: Sequence[float | bytes]) -> Matrix:
    """Read the last six operands."""
    a, b, c, d, e, f = (float(operand) for operand in operands[-6:])
    return a, b, c, d, e, f


def product(inner: Matrix, outer: Matrix) -> Matrix:
    """Apply one matrix, then another."""
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


class Box(NamedTuple):
    """Hold an upright rectangle."""

    x: float
    y: float
    width: float
    height: float

    @classmethod
    def of(cls, corners: Sequence[float]) -> "Box":
        """Read two opposite corners, in any order."""
        xa, ya, xb, yb = corners
        return cls(min(xa, xb), min(ya, yb), abs(xb - xa), abs(yb - ya))

    @property
    def as_matrix(self) -> Matrix:
        """Give the matrix that makes this box of the unit square."""
        return (self.width, 0, 0, self.height, self.x, self.y)

    def is_filled_by(self, placed: Matrix) -> bool:
        """Tell whether the unit square, once placed, is this box, upright."""
        return all(abs(overhang) <= _TOLERANCE for overhang in self._overhangs(placed))

    def is_within(self, placed: Matrix) -> bool:
        """Tell whether the unit square, once placed, hides nothing of this box."""
        return all(overhang >= -_TOLERANCE for overhang in self._overhangs(placed))

    def is_like(self, width: int, height: int) -> bool:
        """Tell whether an image of so many pixels has the shape of this box: a fax has not."""
        return abs(width * self.height - height * self.width) <= _DISTORTION * height * self.width

    def _overhangs(self, placed: Matrix) -> tuple[float, ...]:
        """Measure how far the unit square, once placed, reaches over each edge; no tilted one reaches any."""
        a, b, c, d, e, f = placed
        if b or c or a <= 0 or d <= 0:
            return (-inf,)
        return self.x - e, self.y - f, e + a - self.x - self.width, f + d - self.y - self.height
