"""Compare what a matrix makes of the unit square with the box of a page."""

from collections.abc import Sequence
from typing import NamedTuple

Matrix = tuple[float, float, float, float, float, float]

IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)
#: A scan may be smaller or larger than its page by this part of it.
_TOLERANCE = 0.02


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
        a, b, c, d, e, f = placed
        across, up = _TOLERANCE * self.width, _TOLERANCE * self.height
        is_upright = not b and not c and a > 0 and d > 0
        is_at_place = abs(e - self.x) <= across and abs(f - self.y) <= up
        return is_upright and is_at_place and abs(a - self.width) <= across and abs(d - self.height) <= up

    def is_within(self, placed: Matrix) -> bool:
        """Tell whether the unit square, once placed, hides nothing of this box."""
        a, b, c, d, e, f = placed
        across, up = _TOLERANCE * self.width, _TOLERANCE * self.height
        is_upright = not b and not c and a > 0 and d > 0
        is_before = e <= self.x + across and f <= self.y + up
        is_behind = e + a >= self.x + self.width - across and f + d >= self.y + self.height - up
        return is_upright and is_before and is_behind
