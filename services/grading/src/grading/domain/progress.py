"""How far an exam and its markers are."""

from collections.abc import Iterable
from dataclasses import dataclass

from grading.domain.copy import State
from grading.domain.release import Tally

#: Where a lot stands in its marker's list: date, name and id of its exam.
LotPlace = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Lot:
    """A marker's share of an exam."""

    exam_id: str
    exam_name: str
    exam_date: str
    copies: int
    finalized: int
    questions: int
    questions_marked: int
    #: The copy to continue with; empty when all is done.
    next_copy_id: str

    @property
    def list_place(self) -> LotPlace:
        return self.exam_date, self.exam_name, self.exam_id


@dataclass(frozen=True, slots=True)
class MarkerProgress:
    """How far one marker is."""

    marker_id: str
    copies: int
    finalized: int
    questions: int
    questions_marked: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an exam is."""

    copies: int
    unassigned: int
    open: int
    finalizing: int
    finalized: int
    failed: int
    questions: int
    questions_marked: int
    markers: tuple[MarkerProgress, ...]


def progress(tallies: Iterable[Tally], questions: int) -> Progress:
    """Sum up the tallies of an exam whose copies have so many questions each."""
    tallies = list(tallies)
    copies = _copies(tallies)
    markers = sorted({tally.marker_id for tally in tallies} - {""})
    return Progress(
        copies=copies,
        unassigned=sum(tally.copies for tally in tallies if not tally.marker_id),
        open=_copies(tallies, State.OPEN),
        finalizing=_copies(tallies, State.FINALIZING),
        finalized=_copies(tallies, State.FINALIZED),
        failed=_copies(tallies, State.FINALIZE_FAILED),
        questions=copies * questions,
        questions_marked=sum(tally.questions_marked for tally in tallies),
        markers=tuple(_marker(marker, tallies, questions) for marker in markers),
    )


def _marker(marker_id: str, tallies: list[Tally], questions: int) -> MarkerProgress:
    own = [tally for tally in tallies if tally.marker_id == marker_id]
    copies = _copies(own)
    return MarkerProgress(
        marker_id=marker_id,
        copies=copies,
        finalized=_copies(own, State.FINALIZED),
        questions=copies * questions,
        questions_marked=sum(tally.questions_marked for tally in own),
    )


def _copies(tallies: list[Tally], state: State | None = None) -> int:
    return sum(tally.copies for tally in tallies if state is None or tally.state == state)
