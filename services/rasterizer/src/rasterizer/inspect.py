"""Say what a PDF holds, side by side, without rendering anything."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pymupdf

from rasterizer.documents import ERRORS, MAX_SIDES, is_cut_off, opened
from rasterizer.extract import opened_pdf
from rasterizer.refusals import RefusalReason, Refused

_A3_LONG_EDGE = 1000.0
_A_SERIES = (1.35, 1.48)


@dataclass(frozen=True)
class SideGeometry:
    """Describe one side as it is displayed, that is after its /Rotate."""

    number: int
    width_pt: float
    height_pt: float
    rotate: int
    is_a3: bool


@dataclass(frozen=True)
class Inspection:
    """Describe a PDF that was accepted."""

    sides: list[SideGeometry]
    repaired: bool


def inspect(path: Path, *, max_sides: int = MAX_SIDES) -> Inspection:
    """Read the geometry of every side, or refuse the file."""
    with opened(path, max_sides=max_sides) as document:
        sides = list(measure(document))
        return Inspection(sides, is_repaired(document, path))


def measure(document: pymupdf.Document) -> Iterator[SideGeometry]:
    """Read the geometry of side after side."""
    for number in range(1, document.page_count + 1):
        yield geometry(document, number)


def is_repaired(document: pymupdf.Document, path: Path) -> bool:
    """Tell whether MuPDF had to repair the file; refuse one that lost a part. Ask after all was read."""
    if not _is_seen_alike(document, path):
        raise Refused(RefusalReason.DAMAGED)
    repaired = bool(document.is_repaired)
    if is_cut_off(path, repaired=repaired) or (repaired and not _is_complete(document)):
        raise Refused(RefusalReason.DAMAGED)
    return repaired


def geometry(document: pymupdf.Document, number: int) -> SideGeometry:
    """Measure one side."""
    try:
        page = document[number - 1]
    except (*ERRORS, IndexError) as error:
        raise Refused(RefusalReason.DAMAGED) from error
    width, height = page.rect.width, page.rect.height
    return SideGeometry(number, round(width, 2), round(height, 2), page.rotation, is_a3(width, height))


def is_a3(width_pt: float, height_pt: float) -> bool:
    """Tell whether a side is displayed as an open A3 booklet; each side is judged by itself."""
    return width_pt > _A3_LONG_EDGE and _A_SERIES[0] < width_pt / height_pt < _A_SERIES[1]


def _is_seen_alike(document: pymupdf.Document, path: Path) -> bool:
    """
    Tell whether the library that takes a scan apart finds the sides that this one shows, in the same order.

    A page tree that miscounts would lose sides unseen, or put another side into a copy than was looked at.
    """
    shown = [document.page_xref(number) for number in range(document.page_count)]
    with opened_pdf(path) as pdf:
        found = [page.objgen[0] for page in pdf.pages]
    # A side that is listed twice, or is no object of its own, gets a new number there.
    first = {xref: place for place, xref in reversed(list(enumerate(shown))) if xref}
    return len(found) == len(shown) and all(found[place] == xref for xref, place in first.items())


def _is_complete(document: pymupdf.Document) -> bool:
    """Tell whether a repaired file still has content for every side: a lost one would open as blank."""
    return all(document[number].get_contents() for number in range(document.page_count))
