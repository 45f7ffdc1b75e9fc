"""What keeps results from being released, and what an exam's progress is."""

from collections.abc import Iterable
from dataclasses import dataclass

from kit.errors import Aborted, FailedPrecondition

from grading.domain.copy import State


class ReleaseBlocked(FailedPrecondition):
    """Some things must be decided before the results can be released."""


class LedgerBehind(Aborted):
    """The latest page counts have not arrived here yet; try again in a moment."""


@dataclass(frozen=True, slots=True)
class Blocker:
    """One kind of undecided thing, and how many there are."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """What ingest last told about the conservation of an exam's pages."""

    version: int
    open: tuple[Blocker, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many copies one marker has in one state; no marker: unassigned."""

    marker_id: str
    state: State
    copies: int
    questions_marked: int


def blockers(tallies: Iterable[Tally], ledger: Ledger | None, *, expected: int = 0) -> list[Blocker]:
    """List everything that is undecided; so many copies are expected at least."""
    tallies = list(tallies)
    arrived = sum(tally.copies for tally in tallies)
    unassigned = sum(tally.copies for tally in tallies if not tally.marker_id)
    unfinished = sum(tally.copies for tally in tallies if tally.state != State.FINALIZED)
    own = [
        Blocker("NO_COPIES", 0 if tallies else 1),
        Blocker("COPIES_ARRIVING", max(0, expected - arrived)),
        Blocker("COPIES_UNASSIGNED", unassigned),
        Blocker("COPIES_NOT_FINALIZED", unfinished),
        Blocker("LEDGER_UNKNOWN", 0 if ledger else 1),
    ]
    return [blocker for blocker in (*own, *(ledger.open if ledger else ())) if blocker.count]
