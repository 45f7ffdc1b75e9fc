"""A scan: one uploaded PDF, known by its SHA-256, and the pace at which its sides are rendered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ingest.domain.batch import Layout
from ingest.domain.moves import Moves, move
from ingest.domain.refusals import ScanNotReady

# A big scan delays the next batch by one window of slices, not by its length.
WINDOW = 8
SLICE = 16
# The first slice is small, so that the first page shows at once.
FIRST_SLICE = 4


class State(StrEnum):
    """Where a scan is on its way from upload to pages."""

    SEALING = "sealing"
    INSPECTING = "inspecting"
    RENDERING = "rendering"
    SETTLED = "settled"
    REFUSED = "refused"
    DISMISSED = "dismissed"
    DUPLICATE = "duplicate"


MOVES: Moves[State] = {
    "seal": move(State.SEALING, to=State.INSPECTING),
    "recognise": move(State.SEALING, to=State.DUPLICATE),
    "refuse": move(State.SEALING, State.INSPECTING, to=State.REFUSED),
    "dismiss": move(State.REFUSED, to=State.DISMISSED),
    "restore": move(State.DISMISSED, to=State.REFUSED),
    "open": move(State.INSPECTING, to=State.RENDERING),
    "settle": move(State.RENDERING, to=State.SETTLED),
    "retry": move(State.RENDERING, State.SETTLED, to=State.RENDERING),
}
# Why a refused scan is not needed: another was uploaded in its place.
REPLACED = "REPLACED"
OPEN = (State.SEALING, State.INSPECTING, State.RENDERING)


@dataclass(frozen=True, slots=True)
class ScanReceived:
    """An upload was taken over; its chunks wait to be joined."""

    scan_id: str
    exam_id: str
    batch_id: str


@dataclass(frozen=True, slots=True)
class ScanChanged:
    """A scan, its counts or its state changed."""

    scan_id: str
    exam_id: str
    batch_id: str
    version: int
    state: State
    sides: int
    sides_rendered: int
    sides_failed: int
    copies: int


@dataclass(frozen=True, slots=True)
class InspectScan:
    """Work: count and measure the sides of a scan."""

    scan_id: str
    exam_id: str
    sha256: str
    scan_key: str


@dataclass(frozen=True, slots=True)
class RenderSides:
    """Work: make the images of a slice of sides."""

    scan_id: str
    exam_id: str
    sha256: str
    scan_key: str
    sides: tuple[int, ...]
    split_a3: bool


@dataclass(slots=True)
class Scan:
    """One uploaded PDF of a batch, kept untouched."""

    id: str
    exam_id: str
    batch_id: str
    layout: Layout
    file_name: str
    upload_prefix: str
    chunks: int
    bytes: int
    received_at: datetime
    state: State = State.SEALING
    sha256: str = ""
    reason: str = ""
    #: Why it is not needed; only of a refused scan that the office decided about.
    dismissal: str = ""
    replaced_by: str | None = None
    duplicate_of: str | None = None
    sides: int = 0
    #: Sides 1 to `released` were ordered at least once.
    released: int = 0
    rendered: int = 0
    failed: int = 0
    set_aside: int = 0
    #: Copies that were assembled from it.
    copies: int = 0
    version: int = 1
    #: Order of arrival; the store gives it.
    arrival: int = 0
    news: list[ScanReceived | ScanChanged | InspectScan | RenderSides] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"scans/{self.sha256}.pdf"

    @property
    def pending(self) -> int:
        return self.sides - self.rendered - self.failed - self.set_aside

    @property
    def out(self) -> int:
        """Count the sides that are ordered and not settled."""
        return self.pending - (self.sides - self.released)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def receive(self) -> None:
        """Announce a new scan."""
        self.news.append(ScanReceived(self.id, self.exam_id, self.batch_id))
        self._tell()

    def seal(self, sha256: str, size: int) -> None:
        """Take the file as complete; its sides are counted next."""
        self._move("seal")
        self.sha256, self.bytes = sha256, size
        self.news.append(InspectScan(self.id, self.exam_id, sha256, self.key))
        self._change()

    def recognise(self, sha256: str, size: int, *, original_id: str) -> None:
        """Know the file as one that the exam already has."""
        self._move("recognise")
        self.sha256, self.bytes, self.duplicate_of = sha256, size, original_id
        self._change()

    def refuse(self, reason: str) -> None:
        """Give up on a file that cannot be read; it stays listed and waits for a decision."""
        self._move("refuse")
        self.reason = reason
        self._change()

    def dismiss(self, reason: str, *, replaced_by: str | None = None) -> None:
        """Decide that a refused file is not needed; it stays listed with the reason."""
        self._move("dismiss")
        self.dismissal, self.replaced_by = reason, replaced_by
        self._change()

    def restore(self) -> None:
        """Let a dismissed file wait for a decision again."""
        self._move("restore")
        self.dismissal, self.replaced_by = "", None
        self._change()

    def open(self, sides: int) -> None:
        """Start rendering a scan of that many sides."""
        self._move("open")
        self.sides = sides
        self._release()
        self._change()

    def settle(self, *, rendered: int, failed: int, copies: int) -> None:
        """Count a slice that came back and order the next ones."""
        self.rendered += rendered
        self.failed += failed
        self.copies += copies
        self._release()
        if not self.pending:
            self._move("settle")
        self._change()

    def retry(self, side: int, *, was_set_aside: bool) -> None:
        """Order a side again that failed before."""
        self._move("retry")
        self.failed -= not was_set_aside
        self.set_aside -= was_set_aside
        self.news.append(self._order((side,)))
        self._change()

    def set_side_aside(self, *, copies: int) -> None:
        """Count a failed side as decided."""
        self.failed -= 1
        self.set_aside += 1
        self.copies += copies
        self._change()

    def repeat(self, out: Sequence[int]) -> None:
        """Order again what may be lost; doing it twice changes nothing."""
        match self.state:
            case State.SEALING:
                self.news.append(ScanReceived(self.id, self.exam_id, self.batch_id))
            case State.INSPECTING:
                self.news.append(InspectScan(self.id, self.exam_id, self.sha256, self.key))
            case State.RENDERING:
                slices = (tuple(out[i : i + SLICE]) for i in range(0, len(out), SLICE))
                self.news.extend(map(self._order, slices))

    def _release(self) -> None:
        while self.released < self.sides and self.out <= (WINDOW - 1) * SLICE:
            size = SLICE if self.released else FIRST_SLICE
            first, self.released = self.released + 1, min(self.released + size, self.sides)
            self.news.append(self._order(tuple(range(first, self.released + 1))))

    def _order(self, sides: tuple[int, ...]) -> RenderSides:
        return RenderSides(self.id, self.exam_id, self.sha256, self.key, sides, self.layout.splits_a3)

    def _move(self, name: str) -> None:
        allowed = MOVES[name]
        if self.state not in allowed.sources:
            raise ScanNotReady(state=self.state)
        self.state = allowed.target

    def _change(self) -> None:
        self.version += 1
        self._tell()

    def _tell(self) -> None:
        self.news.append(
            ScanChanged(
                self.id,
                self.exam_id,
                self.batch_id,
                self.version,
                self.state,
                self.sides,
                self.rendered,
                self.failed,
                self.copies,
            )
        )
