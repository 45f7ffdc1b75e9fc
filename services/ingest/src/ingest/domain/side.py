"""A sheet side: one row of the ledger, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from ingest.domain.batch import Crop
from ingest.domain.moves import Moves, move
from ingest.domain.page import Page, Rendition
from ingest.domain.reasons import checked_reason
from ingest.domain.refusals import SideNotFailed
from ingest.domain.scan import Scan


class State(StrEnum):
    """What is known of a side."""

    PENDING = "pending"
    RENDERED = "rendered"
    FAILED = "failed"
    SET_ASIDE = "set_aside"


MOVES: Moves[State] = {
    "render": move(State.PENDING, to=State.RENDERED),
    "fail": move(State.PENDING, to=State.FAILED),
    "retry": move(State.FAILED, State.SET_ASIDE, to=State.PENDING),
    "set_aside": move(State.FAILED, to=State.SET_ASIDE),
}


@dataclass(frozen=True, slots=True)
class Face:
    """One A4 face of a rendered side, and where its images lie."""

    crop: Crop
    image_key: str
    thumbnail_key: str
    preview_key: str
    width: int
    height: int
    is_blank: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rasterizer says about one side."""

    side: int
    failure: str = ""
    faces: tuple[Face, ...] = ()

    @property
    def problem(self) -> str:
        """Say why there is no page; a side without faces is never taken for rendered."""
        return self.failure or ("" if self.faces else "NO_FACES")


@dataclass(slots=True)
class Side:
    """One page of the scan file as the scanner made it."""

    scan_id: str
    number: int
    state: State = State.PENDING
    reason: str = ""
    #: How often it failed.
    attempts: int = 0
    set_aside_reason: str = ""
    #: Of its scan, for lists.
    file_name: str = field(default="", compare=False)

    def settle(self, outcome: Outcome) -> None:
        """Take the outcome of a pending side."""
        self._move("fail" if outcome.problem else "render")
        self.reason = outcome.problem
        self.attempts += bool(outcome.problem)

    def retry(self) -> None:
        """Wait for another try."""
        self._move("retry")
        self.reason = self.set_aside_reason = ""

    def set_aside(self, reason: str) -> None:
        """Decide that the side has no page."""
        reason = checked_reason(reason)
        self._move("set_aside")
        self.set_aside_reason = reason

    def _move(self, name: str) -> None:
        allowed = MOVES[name]
        if self.state not in allowed.sources:
            raise SideNotFailed(state=self.state)
        self.state = allowed.target


def pages_of(scan: Scan, outcome: Outcome, new_id: Callable[[], str]) -> list[tuple[Page, list[Rendition]]]:
    """Make the pages of a rendered side, each image under a random key."""
    return [_page_of(scan, outcome.side, face, new_id) for face in outcome.faces]


def _page_of(scan: Scan, side: int, face: Face, new_id: Callable[[], str]) -> tuple[Page, list[Rendition]]:
    page = Page(
        id=new_id(),
        exam_id=scan.exam_id,
        scan_id=scan.id,
        side=side,
        crop=face.crop,
        rank=scan.layout.rank(side, face.crop),
        is_blank=face.is_blank,
        width=face.width,
        height=face.height,
    )
    files = {"image": face.image_key, "thumbnail": face.thumbnail_key, "preview": face.preview_key}
    made = [Rendition.of(page.id, kind, key, new_id) for kind, key in files.items() if key]
    return page, made
