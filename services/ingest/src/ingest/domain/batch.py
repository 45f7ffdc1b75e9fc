"""A batch: one upload of scans, and how their sides become copies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ingest.domain.refusals import ModeMissing, NameMissing, NameTooLong, SidesPerCopyInvalid

NAME_LIMIT = 200
SIDES_PER_COPY_LIMIT = 400
SIDES_OF_A_SHEET = 2
# A batch is shown whole, in one message.
SCANS_LIMIT = 5000

#: Where a batch stands in lists.
BatchPlace = tuple[datetime, str]


class Mode(StrEnum):
    """How the sides of a scan become copies."""

    FILE_PER_COPY = "file_per_copy"
    EVERY_N_SIDES = "every_n_sides"
    A3_BOOKLET = "a3_booklet"


class Crop(StrEnum):
    """Which part of a side a page shows."""

    FULL = "full"
    LEFT = "left"
    RIGHT = "right"


# Recto [P4 | P1], verso [P2 | P3]; an A4 side among A3 sheets keeps its turn.
_RECTO = {Crop.RIGHT: 0, Crop.FULL: 0, Crop.LEFT: 3}
_VERSO = {Crop.LEFT: 1, Crop.FULL: 2, Crop.RIGHT: 2}


@dataclass(frozen=True, slots=True)
class Layout:
    """
    How side numbers map to copies and reading order.

    Groups are fixed by side numbers, so a side without a page leaves its own copy short and shifts no other.
    """

    mode: Mode
    sides_per_copy: int

    @property
    def splits_a3(self) -> bool:
        return self.mode is Mode.A3_BOOKLET

    def group(self, side: int) -> int:
        """Say which copy of its scan a side belongs to, from 0."""
        return (side - 1) // self.sides_per_copy if self.sides_per_copy else 0

    def sides_of(self, group: int, sides: int) -> range:
        """List the sides of a group in a scan of that many sides."""
        size = self.sides_per_copy or sides
        return range(group * size + 1, min((group + 1) * size, sides) + 1)

    def is_short(self, sides_with_pages: int, sides: int) -> bool:
        """Say whether a copy with pages of that many sides lacks some."""
        return sides_with_pages < (self.sides_per_copy or sides)

    def position(self, side: int, rank: int) -> int:
        """Say which page of its copy a face is on paper, from 1, whatever was lost or moved since."""
        first = self.group(side) * self.sides_per_copy
        if self.mode is Mode.A3_BOOKLET:
            return rank - first * 2 + 1
        return side - first

    def rank(self, side: int, crop: Crop) -> int:
        """Place a face in the reading order of its scan."""
        if self.mode is not Mode.A3_BOOKLET:
            return (side - 1) * 2 + (crop is Crop.RIGHT)
        sheet, is_verso = divmod(side - 1, SIDES_OF_A_SHEET)
        return sheet * 4 + (_VERSO if is_verso else _RECTO)[crop]


def layout(mode: Mode | None, sides_per_copy: int) -> Layout:
    """Check a layout as the office asked for it."""
    if mode is None:
        raise ModeMissing
    if mode is Mode.FILE_PER_COPY:
        return Layout(mode, 0)
    is_odd_booklet = mode is Mode.A3_BOOKLET and sides_per_copy % SIDES_OF_A_SHEET
    if not 1 <= sides_per_copy <= SIDES_PER_COPY_LIMIT or is_odd_booklet:
        raise SidesPerCopyInvalid(sides_per_copy=str(sides_per_copy))
    return Layout(mode, sides_per_copy)


def checked_name(name: str) -> str:
    """Check the name of a batch or file."""
    name = " ".join(name.split())
    if not name:
        raise NameMissing
    if len(name) > NAME_LIMIT:
        raise NameTooLong
    return name


@dataclass(frozen=True, slots=True)
class Batch:
    """One upload of scans for one exam."""

    id: str
    exam_id: str
    name: str
    layout: Layout
    created_at: datetime

    @property
    def list_place(self) -> BatchPlace:
        return self.created_at, self.id
