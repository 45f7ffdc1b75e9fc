"""Mark a copy as the desk does: lease, journal, acts, finalize."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from tests.client import Client

Act = dict[str, Any]
RED = "#cc1f1f"


class Desk:
    """One copy on one marker's screen, with a journal of its own."""

    def __init__(self, marker: Client, exam_id: str, copy_id: str, *, with_lease: bool = True) -> None:
        self.marker = marker
        self.copy_id = copy_id
        self.path = f"/exams/{exam_id}/copies/{copy_id}"
        self.journal = str(uuid4())
        self.sequence = 0
        self.lease = marker.send("POST", f"{self.path}/lease")["id"] if with_lease else ""

    @property
    def marking(self) -> dict[str, Any]:
        """Read everything that the desk shows."""
        found: dict[str, Any] = self.marker.get(f"{self.path}/marking")
        return found

    @property
    def marks(self) -> dict[str, dict[str, Any]]:
        """Read the marks by the labels of their questions."""
        shown = self.marking
        labels = {question["id"]: question["label"] for question in shown["exam"]["scheme"]}
        return {labels[mark["question_id"]]: mark for mark in shown["marks"]}

    def leaves(self) -> dict[str, dict[str, Any]]:
        """Read the questions that are marked, by label."""
        scheme = self.marking["exam"]["scheme"]
        parents = {question["parent_id"] for question in scheme}
        return {question["label"]: question for question in scheme if question["id"] not in parents}

    def record(self, *acts: Act) -> list[dict[str, Any]]:
        """Send acts in one request; return what became of each."""
        sent = self.marker.call("POST", f"{self.path}/acts", self.journaled(*acts))
        outcomes: list[dict[str, Any]] = sent["outcomes"]
        return outcomes

    def accept(self, *acts: Act) -> list[dict[str, Any]]:
        """Send acts that must all be stored."""
        outcomes = self.record(*acts)
        assert {outcome["state"] for outcome in outcomes} <= {"accepted"}, outcomes
        return outcomes

    def journaled(self, *acts: Act) -> dict[str, Any]:
        """Write acts into the journal; return the request that sends them."""
        return {"lease_id": self.lease, "acts": [self._placed(act) for act in acts]}

    def mark_all(self, points: Sequence[int | None]) -> None:
        """Mark every question in order."""
        given = zip(self.leaves().values(), points, strict=True)
        version = self.marking["exam"]["scheme_version"]
        self.accept(*(mark(question, value, version) for question, value in given))

    def finalize(self) -> dict[str, Any]:
        """Freeze the copy; its PDF follows by itself."""
        body = {"journal_id": self.journal, "last_sequence": self.sequence}
        copy: dict[str, Any] = self.marker.send("POST", f"{self.path}/finalize", **body)
        return copy

    def leave(self) -> None:
        """Give the lease back."""
        self.marker.call("DELETE", f"{self.path}/lease/{self.lease}")

    def _placed(self, act: Act) -> Act:
        self.sequence += 1
        head = {"act_id": str(uuid4()), "journal_id": self.journal, "sequence": self.sequence}
        return {"base_version": 0, **head, **act}


def mark(question: dict[str, Any], points: int | None, scheme_version: int, *, seen: int = 0) -> Act:
    """Give points to a question; *seen* is the version of the mark that the marker saw."""
    given = {"question_id": question["id"], "points": points, "scheme_version": scheme_version}
    return {"set_mark": given, "base_version": seen}


def remark(question: dict[str, Any], text: str) -> Act:
    """Write about a question."""
    return {"set_remark": {"question_id": question["id"], "text": text}}


def appreciation(text: str) -> Act:
    """Write about the whole copy."""
    return {"set_appreciation": {"text": text}}


def drawing(page: dict[str, Any], kind: str, places: Sequence[tuple[float, float]], **look: Any) -> Act:
    """Draw on a page; places are fractions of the displayed page."""
    points = [{"x": x, "y": y} for x, y in places]
    head = {"id": str(uuid4()), "page_id": page["page_id"], "kind": kind, "points": points}
    return {"put_annotation": {"color": RED, "width": 1.5, "size": 14.0, **head, **look}}
