"""Say what is really on a scan, so that a test can compare what the system made of it."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.paper.students import Student


@dataclass(frozen=True)
class Box:
    """A rectangle in fractions of the displayed face, origin top left."""

    x: float
    y: float
    width: float
    height: float

    def turned(self, degrees: int) -> "Box":
        """Return the same ink after the face has been turned by 0 or 180 degrees."""
        if degrees == 0:
            return self
        return Box(1 - self.x - self.width, 1 - self.y - self.height, self.width, self.height)

    def contains(self, other: "Box") -> bool:
        """Tell whether the other rectangle lies within this one."""
        right, bottom = self.x + self.width, self.y + self.height
        inside_x = self.x <= other.x and other.x + other.width <= right
        return inside_x and self.y <= other.y and other.y + other.height <= bottom


@dataclass(frozen=True)
class FaceTruth:
    """One A4 face as it is displayed."""

    #: left or right half of an A3 side, full for an A4 side
    crop: str
    form: str
    #: index of the copy in the pile; empty for a face that belongs to nobody
    copy: int | None
    #: place in reading order within the copy, from 1
    position: int | None
    #: what the student wrote in the box at the bottom right
    label: str
    student: Student | None
    is_blank: bool
    #: 180 when the sheet went upside down through the feeder
    orientation: int
    #: every pixel of a name or birth date, also where it shows through
    name_boxes: tuple[Box, ...]


@dataclass(frozen=True)
class SideTruth:
    """One sheet side: one page of the scan file."""

    number: int
    kind: str
    format: str
    rotate: int
    is_broken: bool
    faces: tuple[FaceTruth, ...]


@dataclass(frozen=True)
class Truth:
    """Everything that is known about one scan file."""

    name: str
    dpi: int
    sides: tuple[SideTruth, ...]

    def faces(self) -> Iterator[tuple[SideTruth, FaceTruth]]:
        """Walk over every face in file order."""
        return ((side, face) for side in self.sides for face in side.faces)

    def copies(self) -> dict[int, list[tuple[int, str]]]:
        """List the (side number, crop) of each copy's faces in reading order."""
        places: dict[int, list[tuple[int, int, str]]] = {}
        for side, face in self.faces():
            if face.copy is not None and face.position is not None:
                places.setdefault(face.copy, []).append((face.position, side.number, face.crop))
        return {copy: [(number, crop) for _, number, crop in sorted(found)] for copy, found in places.items()}

    def save(self, scan: Path) -> None:
        """Write this truth as JSON beside its scan."""
        text = json.dumps(asdict(self), default=date.isoformat, ensure_ascii=False, indent=1)
        path_beside(scan).write_text(text, encoding="utf-8")


def path_beside(scan: Path) -> Path:
    """Return where the truth of a scan is kept."""
    return scan.with_suffix(".truth.json")


def load(scan: Path) -> Truth:
    """Read the truth beside a scan."""
    written = json.loads(path_beside(scan).read_text(encoding="utf-8"))
    return Truth(written["name"], written["dpi"], tuple(map(_side, written["sides"])))


def _side(written: dict[str, Any]) -> SideTruth:
    return SideTruth(**{**written, "faces": tuple(map(_face, written["faces"]))})


def _face(written: dict[str, Any]) -> FaceTruth:
    student = written["student"] and Student(
        **{**written["student"], "born": date.fromisoformat(written["student"]["born"])}
    )
    boxes = tuple(Box(**box) for box in written["name_boxes"])
    return FaceTruth(**{**written, "student": student, "name_boxes": boxes})
