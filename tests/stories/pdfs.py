"""Look into a PDF: its original images, its text, and where ink of a colour lies on a displayed page."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pikepdf
import pymupdf
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
DPI = 200
MM = DPI / 25.4
LEAST_CHANGE = 40


@dataclass(frozen=True)
class Spot:
    """A rectangle on a displayed page, in millimetres from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def differs(self, other: Spot) -> float:
        """Return by how much the edges differ at most."""
        mine, theirs = ((spot.left, spot.top, spot.right, spot.bottom) for spot in (self, other))
        return max(abs(a - b) for a, b in zip(mine, theirs, strict=True))


class Pdf:
    """An opened PDF."""

    def __init__(self, content: bytes) -> None:
        self._pages = pymupdf.open(stream=content)
        self._objects = pikepdf.open(io.BytesIO(content))

    @property
    def page_count(self) -> int:
        """Count the pages."""
        return len(self._pages)

    def text(self, number: int) -> str:
        """Read the text of a page, counted from 0."""
        return " ".join(str(self._pages[number].get_text()).split())

    def size_mm(self, number: int) -> tuple[float, float]:
        """Measure a page as it is displayed."""
        box = self._pages[number].rect
        return box.width / 72 * 25.4, box.height / 72 * 25.4

    def rotation(self, number: int) -> int:
        """Read a page's /Rotate."""
        return int(self._pages[number].rotation)

    def media_box(self, number: int) -> list[float]:
        """Read a page's MediaBox."""
        return [round(float(edge), 2) for edge in self._objects.pages[number].mediabox]

    def images(self, number: int) -> set[bytes]:
        """Collect the image streams of a page as they are stored, forms included."""
        return set(_streams(self._objects.pages[number].obj.Resources))

    def fonts(self, number: int) -> list[bool]:
        """Tell of each font of a page whether it is embedded."""
        return [extension != "n/a" for _, extension, *_ in self._pages[number].get_fonts(full=True)]

    @lru_cache(maxsize=4)  # noqa: B019 a few pages of a few files that live as long as their tests
    def pixels(self, number: int) -> Pixels:
        """Display a page."""
        picture = self._pages[number].get_pixmap(dpi=DPI, alpha=False, annots=True)
        return np.frombuffer(picture.samples, np.uint8).reshape(picture.height, picture.width, 3)

    def face(self, page: dict[str, Any]) -> Pixels:
        """Display the part of a scan's side that is a page, turned as the office turned it."""
        side = self.pixels(page["side"] - 1)
        middle = side.shape[1] // 2
        part = {"full": side, "left": side[:, :middle], "right": side[:, middle:]}[page["crop"]]
        return np.rot90(part, -page["rotation"] // 90)


def spot(drawn: Pixels, beneath: Pixels, colour: str, *, opacity: float = 1) -> Spot:
    """Find where ink of a pure colour was laid over a page; its hue tells it from other ink."""
    height, width = (min(sizes) for sizes in zip(drawn.shape[:2], beneath.shape[:2], strict=True))
    new, old = (np.asarray(pixels[:height, :width], int) for pixels in (drawn, beneath))
    is_laid = (np.abs(new - old) > LEAST_CHANGE).any(axis=2)
    ys, xs = np.nonzero(is_laid & _is(new, colour, opacity))
    assert len(xs), f"nothing is {colour}"
    edges = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
    return Spot(*(float(edge) / MM for edge in edges))


def _streams(resources: pikepdf.Object) -> Iterator[bytes]:
    for found in resources.get("/XObject", {}).values():
        if found.Subtype == pikepdf.Name.Image:
            yield found.read_raw_bytes()
        elif "/Resources" in found:
            yield from _streams(found.Resources)


def _is(pixels: NDArray[np.int_], colour: str, opacity: float) -> NDArray[np.bool_]:
    """Tell where the channels that the colour has stand out from those that it lacks."""
    wanted = np.array([int(colour[start : start + 2], 16) > 127 for start in (1, 3, 5)])
    weakest = pixels[:, :, wanted].min(axis=2)
    strongest = pixels[:, :, ~wanted].max(axis=2)
    return np.asarray(weakest - strongest > 128 * opacity)
