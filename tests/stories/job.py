"""The main job, step by step: from the scans of one exam to results that students have seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import exams
from tests.client import Client, Event
from tests.desk import Desk, appreciation, drawing, remark
from tests.exams import Exam
from tests.paper.students import Student
from tests.paper.truth import FaceTruth, SideTruth
from tests.people import People
from tests.stories.paper import STUDENTS, Paper, scan_all

MARKERS = ("durand@lycee.example", "mercier@lycee.example")
REMARK = "Très bien : √2 ≤ ∞, mais la rédaction de l'étape clé manque."
APPRECIATION = "Travail sérieux. À poursuivre, cœur léger !"
TEXT = "Démontré : √2 ≤ ∞, c'est sûr"
#: Marks given to the copies in turn, by leaf: 1.a, 1.b, 2, 3.
MARKS = ((150, 250, 400, 1200), (0, 125, 375, 1050), (75, 0, 0, 25))


@dataclass(frozen=True)
class Ink:
    """One annotation of a pure hue of its own, whose colour and place the PDF must show again."""

    kind: str
    color: str
    places: tuple[tuple[float, float], ...]
    look: dict[str, Any] = field(default_factory=dict)


INKS = (
    Ink("pen", "#ff00ff", ((0.30, 0.50), (0.50, 0.55), (0.62, 0.50)), {"width": 3}),
    Ink("highlighter", "#ffff00", ((0.20, 0.62), (0.50, 0.62)), {"width": 12}),
    Ink("rectangle", "#00ff00", ((0.55, 0.36), (0.80, 0.42)), {"width": 3}),
    Ink("tick", "#00ffff", ((0.70, 0.66),), {"width": 3, "size": 24}),
    Ink("cross", "#ff0000", ((0.80, 0.76),), {"width": 3, "size": 20}),
    Ink("text", "#0000ff", ((0.15, 0.76),), {"size": 16, "text": TEXT, "box_width": 0.45}),
)


@dataclass
class Job:
    """One exam on its way."""

    exam: Exam
    papers: dict[str, Paper]
    heard: list[Event]

    def paper(self, page: dict[str, Any]) -> Paper:
        """Find the file that a page comes from."""
        return self.papers[page["scan_id"]]

    def face(self, page: dict[str, Any]) -> FaceTruth:
        """Find what is really on a page."""
        side: SideTruth = self.paper(page).truth.sides[page["side"] - 1]
        (face,) = [face for face in side.faces if face.crop == page["crop"]]
        return face

    def writer(self, copy: dict[str, Any]) -> Student:
        """Find out who really wrote a copy."""
        student = self.face(copy["pages"][0]).student
        assert student
        return student

    def desks(self) -> Iterator[tuple[Client, str]]:
        """Walk over the markers' copies, in their order."""
        for marker in self.exam.markers:
            for copy in marker.items(f"/lots/{self.exam.id}/copies"):
                yield marker, copy["id"]


def start(people: People, folder: Path) -> Job:
    """Set the exam up and import everything, listening all the while."""
    exam = exams.create(people, "Bac blanc n° 1", STUDENTS)
    for email in MARKERS:
        exam.add_marker(email)
    with exam.office.events() as events:
        dropped = {exam.drop(_batch(exam, paper), paper.file)["id"]: paper for paper in scan_all(folder)}
        for scan_id in dropped:
            exam.ended(exam.scan(scan_id))
        newest = [event for event in events.heard if event.exam_id == exam.id]
    return Job(exam, dropped, newest)


def stage(job: Job) -> None:
    """Put every page in its place, upright, and say who wrote each copy."""
    for copy in job.exam.staged():
        pages = [page | {"rotation": job.face(page).orientation} for page in copy["pages"]]
        ordered = sorted(pages, key=lambda page: job.face(page).position or 0)
        if ordered != copy["pages"]:
            copy = job.exam.arrange(copy, ordered)
        job.exam.link(copy, job.writer(copy))


def mark(job: Job) -> None:
    """Mark every copy: all six kinds of annotation, marks, a remark, an appreciation."""
    for number, (marker, copy_id) in enumerate(job.desks()):
        mark_one(Desk(marker, job.exam.id, copy_id), MARKS[number % len(MARKS)])


def mark_one(desk: Desk, points: Sequence[int]) -> None:
    """Mark one copy as its marker would."""
    page, leaves = desk.marking["pages"][0], desk.leaves()
    desk.mark_all(points)
    desk.accept(*(drawing(page, ink.kind, ink.places, color=ink.color, **ink.look) for ink in INKS))
    desk.accept(remark(leaves["3"], REMARK), appreciation(APPRECIATION))


def finalize(job: Job) -> None:
    """Finalize every copy and wait for its PDF."""
    for marker, copy_id in job.desks():
        Desk(marker, job.exam.id, copy_id).finalize()
    job.exam.finalized(len(job.exam.staged()))


def _batch(exam: Exam, paper: Paper) -> str:
    return exam.batch(paper.mode, paper.sides_per_copy)
