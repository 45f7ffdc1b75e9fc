"""A copy: the ordered pages of one student's answer, under a random anonymous code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from kit.errors import FailedPrecondition, InvalidArgument, NotFound

from grading.domain.leases import Lease
from grading.domain.marks import is_text
from grading.domain.news import CopyChanged, News

#: No letter or digit that is read as another, and no vowel, so that no word appears.
ALPHABET = "BCDFGHJKMNPQRSTVWXYZ2346789"
CODE_LENGTH = 6


class State(StrEnum):
    """How far a copy is."""

    OPEN = "open"
    FINALIZING = "finalizing"
    FINALIZED = "finalized"
    FINALIZE_FAILED = "finalize_failed"


#: Every legal move, and no other.
MOVES: Mapping[str, tuple[frozenset[State], State]] = {
    "freeze": (frozenset({State.OPEN}), State.FINALIZING),
    "retry": (frozenset({State.FINALIZE_FAILED}), State.FINALIZING),
    "finish": (frozenset({State.FINALIZING, State.FINALIZE_FAILED}), State.FINALIZED),
    "fail": (frozenset({State.FINALIZING}), State.FINALIZE_FAILED),
    "reopen": (frozenset({State.FINALIZED, State.FINALIZE_FAILED}), State.OPEN),
}


class CopyUnknown(NotFound):
    """There is no such copy."""


class CopyWrongState(FailedPrecondition):
    """The copy is not in a state that allows this."""


class CopyFinalized(FailedPrecondition):
    """The copy is finalized; it can only be read."""


class CopyIncomplete(FailedPrecondition):
    """Some questions of the copy are not marked yet."""


class ActsMissing(FailedPrecondition):
    """Some of what was written on the copy has not arrived yet."""


class ReasonMissing(InvalidArgument):
    """Reopening a copy needs a reason."""


@dataclass(frozen=True, slots=True)
class CopyPage:
    """A page as a marker sees it: keys of its redacted images, and its size in pixels."""

    page_id: str
    image: str
    thumbnail: str
    width: int
    height: int


@dataclass(slots=True)
class Copy:
    """A copy as grading knows it; nothing in it tells a student's name."""

    id: str
    exam_id: str
    code: str
    pdf_key: str
    pages: int
    state: State = State.OPEN
    reason: str = ""
    #: How often stamping failed since the copy was last open.
    attempts: int = 0
    version: int = 1
    #: Counts what was ever frozen; 0 = never.
    content_version: int = 0
    #: Empty until dispatched.
    marker_id: str = ""
    questions: int = 0
    questions_marked: int = 0
    points: int = 0
    lease: Lease | None = None
    news: list[News] = field(default_factory=list)

    def freeze(self) -> None:
        """Freeze what is written under a new content version."""
        self._move("freeze")
        self.content_version += 1
        self._changed()

    def retry(self) -> None:
        """Have the frozen content stamped once more."""
        self._move("retry")
        self._changed()

    def finish(self) -> None:
        """Take note that the result's PDF exists."""
        self._move("finish")
        self.reason = ""
        self._changed()

    def fail(self, reason: str) -> None:
        """Take note that the result's PDF could not be made."""
        self._move("fail")
        self.reason, self.attempts = reason, self.attempts + 1
        self._changed()

    def reopen(self, reason: str) -> None:
        """Let the marker write again."""
        if not reason.strip() or not is_text(reason):
            raise ReasonMissing
        self._move("reopen")
        self.reason, self.attempts = "", 0
        self._changed()

    def write(self, marks: Mapping[str, int | None] | None) -> None:
        """Count a change of what is written; *marks* are all marks if one of them changed."""
        self.version += 1
        if marks is None:
            return
        before = self.questions_marked, self.points
        given = [points for points in marks.values() if points is not None]
        self.questions_marked, self.points = len(given), sum(given)
        if before != (self.questions_marked, self.points):
            self._tell()

    def introduce(self) -> None:
        """Tell how the copy is, without a change of its own."""
        self._tell()

    def can(self, move: str) -> bool:
        """Tell whether the copy is in a state for a move."""
        return self.state in MOVES[move][0]

    def _move(self, name: str) -> None:
        allowed, target = MOVES[name]
        if self.state not in allowed:
            raise CopyWrongState(copy=self.id, state=self.state, move=name)
        self.state = target

    def _changed(self) -> None:
        self.version += 1
        self._tell()

    def _tell(self) -> None:
        self.news.append(
            CopyChanged(
                copy_id=self.id,
                exam_id=self.exam_id,
                version=self.version,
                state=self.state,
                marker_id=self.marker_id,
                questions=self.questions,
                questions_marked=self.questions_marked,
            )
        )


def draw_code(random: Random) -> str:
    """Draw a code that says nothing about the order of scanning."""
    return "".join(random.choices(ALPHABET, k=CODE_LENGTH))
