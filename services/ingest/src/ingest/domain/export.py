"""An export: a file of results made for the office."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ingest.domain.moves import Moves, move
from ingest.domain.refusals import LanguageUnknown

LANGUAGES = ("fr", "en")


class State(StrEnum):
    """How far an export is."""

    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


MOVES: Moves[State] = {
    "deliver": move(State.MAKING, to=State.READY),
    "fail": move(State.MAKING, to=State.FAILED),
}


@dataclass(frozen=True, slots=True)
class ExportRequested:
    """An export was asked for."""

    export_id: str
    exam_id: str


@dataclass(frozen=True, slots=True)
class ExportChanged:
    """An export became ready or failed."""

    export_id: str
    exam_id: str
    state: State


@dataclass(slots=True)
class Export:
    """A file of results in the making."""

    id: str
    exam_id: str
    language: str
    state: State = State.MAKING
    file_name: str = ""
    reason: str = ""
    news: list[ExportRequested | ExportChanged] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"exports/{self.id}.csv"

    def request(self) -> None:
        """Ask for the file."""
        if self.language not in LANGUAGES:
            raise LanguageUnknown(language=self.language)
        self.news.append(ExportRequested(self.id, self.exam_id))

    def deliver(self, file_name: str) -> None:
        """Hand out the file; a repeat changes nothing."""
        if self._moves("deliver"):
            self.file_name = file_name

    def fail(self, reason: str) -> None:
        """Give up with a reason; a repeat changes nothing."""
        if self._moves("fail"):
            self.reason = reason

    def _moves(self, name: str) -> bool:
        allowed = MOVES[name]
        if self.state not in allowed.sources:
            return False
        self.state = allowed.target
        self.news.append(ExportChanged(self.id, self.exam_id, self.state))
        return True
