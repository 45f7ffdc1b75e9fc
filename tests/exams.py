"""Run an exam as its office does: set it up, scan into it, stage, open, dispatch, release."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.client import Client
from tests.paper.students import Student, csv_bytes
from tests.paper.zones import identity_zones
from tests.people import People
from tests.waiting import until

#: Label, parent, maximum in 1/100 point: 1,5 + 2,5 + 4 + 12 = 20.
QUESTIONS = (
    ("1", "", 0),
    ("1.a", "1", 150),
    ("1.b", "1", 250),
    ("2", "", 400),
    ("3", "", 1200),
)
ENDED = ("settled", "refused", "duplicate")


@dataclass
class Exam:
    """One exam, through its office."""

    office: Client
    people: People
    id: str
    students: Sequence[Student] = ()
    markers: list[Client] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Give the path below which everything of the exam lies."""
        return f"/exams/{self.id}"

    def get(self, path: str) -> Any:
        """Read something of the exam."""
        return self.office.get(self.path + path)

    def send(self, method: str, path: str, **body: Any) -> Any:
        """Change something of the exam."""
        return self.office.send(method, self.path + path, **body)

    def items(self, path: str) -> list[dict[str, Any]]:
        """Read a whole list of the exam."""
        return self.office.items(self.path + path)

    def add_marker(self, email: str) -> Client:
        """Make somebody a marker, invited by mail when they are new."""
        self.send("POST", "/members", email=email, name=email.split("@")[0].title(), role="marker")
        self.markers.append(self.people.invited(email))
        return self.markers[-1]

    def batch(self, mode: str, sides_per_copy: int = 0) -> str:
        """Open a batch; return its id."""
        made = self.send("POST", "/batches", name=mode, mode=mode, sides_per_copy=sides_per_copy)
        return str(made["id"])

    def drop(self, batch_id: str, file: Path, *, name: str = "") -> dict[str, Any]:
        """Drop a file on a batch; return its scan."""
        return self.office.upload(self.id, batch_id, file, name=name)

    def scan(self, scan_id: str) -> dict[str, Any]:
        """Read a scan as it is now."""
        found: dict[str, Any] = self.get(f"/scans/{scan_id}")
        return found

    def ended(self, scan: dict[str, Any], *, seconds: float = 120) -> dict[str, Any]:
        """Wait until a scan is settled, refused or recognised; return it."""

        def look() -> dict[str, Any] | None:
            found = self.scan(scan["id"])
            return found if found["state"] in ENDED else None

        return until(look, f"{scan['file_name']} to end", seconds=seconds)

    def import_scan(self, file: Path, mode: str, sides_per_copy: int = 0) -> dict[str, Any]:
        """Import one file in a batch of its own; return its settled scan."""
        return self.ended(self.drop(self.batch(mode, sides_per_copy), file))

    def ledger(self) -> dict[str, Any]:
        """Read the conservation sum."""
        found: dict[str, Any] = self.get("/ledger")
        return found

    def staged(self) -> list[dict[str, Any]]:
        """Read the copies before marking, without those merged into others."""
        return [copy for copy in self.items("/staged-copies") if copy["state"] != "consumed"]

    def of_scan(self, scan: dict[str, Any]) -> list[dict[str, Any]]:
        """Read the staged copies of one scan, in arrival order."""
        return [copy for copy in self.staged() if copy["scan_id"] == scan["id"]]

    def arrange(
        self,
        copy: dict[str, Any],
        pages: Iterable[dict[str, Any]],
        set_aside: Iterable[tuple[dict[str, Any], str]] = (),
    ) -> dict[str, Any]:
        """Set the pages of a copy, with the rotation that each has."""
        arranged: dict[str, Any] = self.send(
            "PUT",
            f"/staged-copies/{copy['id']}/pages",
            version=copy["version"],
            pages=[{"page_id": page["id"], "rotation": page["rotation"]} for page in pages],
            set_aside=[{"page_id": page["id"], "reason": reason} for page, reason in set_aside],
        )
        return arranged

    def link(self, copy: dict[str, Any], student: Student) -> dict[str, Any]:
        """Say who wrote a copy."""
        by_email = {row["email"]: row["id"] for row in self.items("/students")}
        body = {"version": copy["version"], "student_id": by_email[student.email]}
        linked: dict[str, Any] = self.send("PUT", f"/staged-copies/{copy['id']}/student", **body)
        return linked

    def open(self, copies: Sequence[dict[str, Any]]) -> None:
        """Validate copies and wait until they can be marked."""
        wanted = {copy["id"] for copy in copies}
        self.send("POST", "/validations", copy_ids=sorted(wanted))

        def are_open() -> bool:
            states = {copy["id"]: copy for copy in self.staged() if copy["id"] in wanted}
            failed = [copy["reason"] for copy in states.values() if copy["state"] == "failed"]
            assert not failed, failed
            return wanted <= {copy["id"] for copy in self.items("/copies")}

        until(are_open, f"{len(wanted)} copies to be opened")

    def dispatch(self, *markers: Client) -> int:
        """Share the copies among markers; return how many were shared."""
        ids = [marker.id for marker in markers or self.markers]
        return int(self.send("POST", "/dispatches", marker_ids=ids)["dispatched"])

    def finalized(self, count: int) -> None:
        """Wait until so many copies are finalized."""
        until(lambda: self.get("/progress")["finalized"] >= count, f"{count} finalized copies")

    def blockers(self) -> dict[str, int]:
        """Read what keeps the results from being released."""
        return {blocker["reason"]: blocker["count"] for blocker in self.get("/release")["blockers"]}

    def release(self) -> dict[str, Any]:
        """Release the results once nothing is in the way."""
        until(lambda: not self.blockers(), "nothing to be in the way of the release")
        released: dict[str, Any] = self.send("POST", "/release")
        return released


def create(people: People, name: str, students: Sequence[Student] = (), *, has_zones: bool = True) -> Exam:
    """Create an exam with its scheme, roster and identity zones."""
    office = people.office
    head = {"name": name, "date": "2026-11-17", "time_zone": "Europe/Paris", "language": "fr"}
    made = office.send("POST", "/exams", **head)
    exam = Exam(office, people, made["id"], students)
    exam.send("PUT", "/scheme", scheme_version=made["scheme_version"], scheme=_scheme())
    if students:
        report = office.send_roster(exam.id, csv_bytes(list(students)))
        assert report["imported"], report
    zones = _zones() if has_zones else []
    exam.send("PUT", "/zones", zones=zones, none_confirmed=not zones)
    return exam


def balances(ledger: dict[str, Any]) -> bool:
    """Tell whether every side and every page is somewhere, and only once."""
    sides = ("sides_pending", "sides_rendered", "sides_failed", "sides_set_aside")
    pages = ("pages_on_copies", "pages_set_aside", "pages_waiting")
    return bool(
        ledger["sides"] == sum(ledger[part] for part in sides)
        and ledger["pages"] == sum(ledger[part] for part in pages)
    )


def _scheme() -> list[dict[str, Any]]:
    ids = {label: str(uuid4()) for label, *_ in QUESTIONS}
    return [
        {"id": ids[label], "parent_id": ids.get(parent, ""), "label": label, "maximum": maximum}
        | {"title": f"Question {label}"}
        for label, parent, maximum in QUESTIONS
    ]


def _zones() -> list[dict[str, Any]]:
    """The header of each sheet and what shows through on its back; a sheet has four pages."""
    return [
        {"page": zone.position, "every": 4}
        | {"x": zone.box.x, "y": zone.box.y, "width": zone.box.width, "height": zone.box.height}
        for zone in identity_zones("a4", sheets=1)
    ]
