"""Things to test with: scans, sides and pages that need no database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from uuid import UUID, uuid4

from ingest.domain.batch import Crop, Layout, Mode
from ingest.domain.page import Page
from ingest.domain.scan import Scan, State
from ingest.domain.side import Face, Outcome

EXAM = "11111111-1111-4111-8111-111111111111"
FOUR_SIDES = Layout(Mode.EVERY_N_SIDES, 4)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
_numbers = count(1)


def new_id() -> str:
    """Make an id that sorts in order of making."""
    return str(UUID(int=next(_numbers), version=4))


def scan(sides: int = 0, layout: Layout = FOUR_SIDES, state: State = State.SEALING) -> Scan:
    """Make a scan in a state, with nothing told."""
    return Scan(
        id=str(uuid4()),
        exam_id=EXAM,
        batch_id=str(uuid4()),
        layout=layout,
        file_name="SKM_C301i26020617130.pdf",
        upload_prefix="uploads/1",
        chunks=1,
        bytes=10,
        received_at=NOON,
        state=state,
        sides=sides,
        sha256="ab" * 32,
    )


def page(side: int, crop: Crop = Crop.FULL, layout: Layout = FOUR_SIDES, scan_id: str = "scan") -> Page:
    """Make a waiting page."""
    return Page(new_id(), EXAM, scan_id, side, crop, layout.rank(side, crop), False, 1653, 2339)


def rendered(side: int, crops: Sequence[Crop] = (Crop.FULL,)) -> Outcome:
    """Say that a side was rendered."""
    return Outcome(side, faces=tuple(face(side, crop) for crop in crops))


def face(side: int, crop: Crop = Crop.FULL) -> Face:
    """Make a face with images of its own."""
    stem = f"pages/{side}-{crop}"
    return Face(crop, f"{stem}.jpg", f"{stem}-thumb.jpg", "", 1653, 2339, is_blank=False)
