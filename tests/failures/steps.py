"""What several tests do to a system, and what must be true afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.system import System

from tests.desk import Desk
from tests.exams import Exam, balances, create
from tests.people import People
from tests.waiting import until

SIDES_PER_COPY = 4
#: Everything that runs, each of which must be able to die at any moment.
PROCESSES = (
    "gateway",
    "ingest",
    "ingest-consume",
    "rasterizer",
    "grading",
    "grading-consume",
    "notification",
    "notification-consume",
    "nats",
    "postgres",
)


@dataclass(frozen=True)
class Paper:
    """A scan of many copies, and the sides of each copy as they were written."""

    file: Path
    copies: list[list[tuple[int, str]]]

    @property
    def sides(self) -> int:
        """Count the sides of the file."""
        return sum(map(len, self.copies))


def start_import(people: People, paper: Paper, name: str) -> tuple[Exam, dict[str, Any]]:
    """Drop the pile on a new exam."""
    exam = create(people, name, has_zones=False)
    return exam, exam.drop(exam.batch("every_n_sides", SIDES_PER_COPY), paper.file)


def reach_the_middle(exam: Exam, scan: dict[str, Any]) -> None:
    """Wait until a part of a scan is rendered, and not all of it."""
    until(lambda: exam.scan(scan["id"])["sides_rendered"], "the first pages")
    assert exam.ledger()["sides_pending"], "the import is not over yet"


def assert_every_page_is_there_once(exam: Exam, paper: Paper) -> None:
    """Compare the copies with the paper, and the ledger with both."""
    ledger, copies = exam.ledger(), exam.staged()

    assert [[(page["side"], page["crop"]) for page in copy["pages"]] for copy in copies] == paper.copies
    assert [copy["number"] for copy in copies] == [*range(1, len(copies) + 1)]
    assert balances(ledger)
    assert (ledger["pages_on_copies"], ledger["sides_rendered"]) == (paper.sides, paper.sides)


def finalized(exam: Exam, desk: Desk) -> dict[str, Any]:
    """Wait until a copy is finalized; return it."""

    def look() -> dict[str, Any] | None:
        copies = {copy["id"]: copy for copy in exam.items("/copies")}
        copy = copies[desk.copy_id]
        assert copy["state"] != "finalize_failed", copy
        return copy if copy["state"] == "finalized" else None

    return until(look, "the copy to be finalized", seconds=120)


def pids(system: System, *, without: str = "") -> dict[str, int]:
    """List what runs; whoever is started again has another id."""
    return {row.name: row.pid for row in system.processes() if row.name != without}
