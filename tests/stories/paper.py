"""The paper of the main exam: scanned three ways, with an accident or two at the feeder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.paper.accidents import swapped_sides, upside_down
from tests.paper.piles import Format, Pile, a3_pile, a4_pile, in_format
from tests.paper.shelf import shelved_scan
from tests.paper.students import Student, roster
from tests.paper.truth import Truth

STUDENTS = tuple(roster(21, seed=2026))
A4_STUDENTS, A3_STUDENTS, FILE_STUDENTS = STUDENTS[:15], STUDENTS[15:18], STUDENTS[18:20]
#: Handed nothing in.
ABSENT = STUDENTS[20]


@dataclass(frozen=True)
class Paper:
    """One scanned file, what is really on it, and how it becomes copies."""

    file: Path
    truth: Truth
    mode: str
    sides_per_copy: int = 0

    @property
    def copies(self) -> list[list[tuple[int, str]]]:
        """List the (side, crop) of each copy's pages in reading order."""
        return list(self.truth.copies().values())


def scan_all(folder: Path) -> Iterator[Paper]:
    """Scan every pile of the exam."""
    a4 = upside_down(swapped_sides(a4_pile(A4_STUDENTS), 5), 9)
    yield _scanned(a4, folder / "SKM_C301i26111708150.pdf", "every_n_sides", 4)
    yield _scanned(a3_pile(A3_STUDENTS, sheets=(1,)), folder / "SKM_C301i26111709420.pdf", "a3_booklet", 2)
    for number, student in enumerate(FILE_STUDENTS, 1):
        pile = in_format(a4_pile([student], pages=2), Format.JPEG, rotate=90 * number)
        yield _scanned(pile, folder / f"page-{number}.pdf", "file_per_copy")


def small(folder: Path, name: str, students: Sequence[Student], *, pages: int = 4) -> Paper:
    """Scan a small A4 pile, coarsely."""
    truth = shelved_scan(a4_pile(students, pages=pages), folder / f"{name}.pdf", dpi=100)
    return Paper(folder / f"{name}.pdf", truth, "every_n_sides", pages)


def _scanned(pile: Pile, file: Path, mode: str, sides_per_copy: int = 0) -> Paper:
    return Paper(file, shelved_scan(pile, file, dpi=150), mode, sides_per_copy)
