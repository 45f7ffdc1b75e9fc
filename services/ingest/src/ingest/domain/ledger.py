"""The ledger: every side and page of an exam is somewhere, and what is undecided is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Open:
    """One kind of undecided thing, and how many there are."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class LedgerChanged:
    """What is undecided in an exam changed."""

    exam_id: str
    version: int
    open: tuple[Open, ...]


@dataclass(frozen=True, slots=True)
class OpenCounts:
    """What must be decided before results can be released."""

    scans_open: int = 0
    scans_refused: int = 0
    sides_failed: int = 0
    pages_waiting: int = 0
    copies_staged: int = 0
    copies_preparing: int = 0
    copies_failed: int = 0
    #: Of the staged ones: late pages of copies that were validated without them.
    copies_late: int = 0
    copies_unlinked: int = 0

    def reasons(self) -> tuple[Open, ...]:
        """Name what is open, in the order of the work, nothing twice."""
        named = {name.upper(): getattr(self, name) for name in self.__slots__}
        named["COPIES_STAGED"] -= self.copies_late
        return tuple(Open(reason, count) for reason, count in named.items() if count)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The conservation sum of an exam."""

    exam_id: str
    version: int
    open: OpenCounts
    sides: int = 0
    sides_pending: int = 0
    sides_rendered: int = 0
    sides_set_aside: int = 0
    pages: int = 0
    pages_on_copies: int = 0
    pages_set_aside: int = 0
    copies: int = 0
    copies_ready: int = 0
    students: int = 0
    students_without_copy: int = 0

    @property
    def imbalance(self) -> int:
        """Count the sides and pages that are nowhere or twice; 0 in every state of the system."""
        sides = self.sides_pending + self.sides_rendered + self.open.sides_failed + self.sides_set_aside
        pages = self.pages_on_copies + self.pages_set_aside + self.open.pages_waiting
        return abs(self.sides - sides) + abs(self.pages - pages)


@dataclass(frozen=True, slots=True)
class Census:
    """What holds over all exams."""

    #: Sides and pages that are nowhere or twice, and counters that differ from their rows.
    imbalance: int
    sides_out: int
    scans: Mapping[str, int]
    copies: Mapping[str, int]
    #: What waits for a decision, by reason.
    exceptions: Mapping[str, int]
