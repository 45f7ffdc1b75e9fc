"""An exam: its settings, its scheme, and whether students see its results."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from kit.errors import Aborted, FailedPrecondition, InvalidArgument, NotFound

from grading.domain.news import ExamChanged, News, ResultsReleased
from grading.domain.scheme import Scheme, SchemeInUse

LANGUAGES = ("fr", "en")
MAX_SCALE = 100_000


class State(StrEnum):
    """Whether students see their results."""

    OPEN = "open"
    RELEASED = "released"


#: Every legal move, and no other.
MOVES: Mapping[str, tuple[frozenset[State], State]] = {
    "release": (frozenset({State.OPEN, State.RELEASED}), State.RELEASED),
}


class ExamUnknown(NotFound):
    """There is no such exam."""


class ExamInvalid(InvalidArgument):
    """A setting of the exam is not possible."""


class ExamStale(Aborted):
    """The exam was changed meanwhile; read it again."""


class ScaleInUse(FailedPrecondition):
    """Copies are already finalized; scale and rounding are frozen with them."""


@dataclass(frozen=True, slots=True)
class Details:
    """What the office sets."""

    name: str
    date: str
    time_zone: str
    language: str
    #: What the total is shown out of.
    result_scale: int = 2000
    #: The scaled total is rounded half up to a multiple of this.
    rounding: int = 1
    #: Marks are multiples of this.
    mark_step: int = 25

    def checked(self) -> "Details":
        """Return itself, or refuse with the name of the wrong setting."""
        rules = {
            "name": 1 <= len(self.name.strip()) <= 200 and "\0" not in self.name,
            "date": _is_date(self.date),
            "time_zone": _is_zone(self.time_zone),
            "language": self.language in LANGUAGES,
            "result_scale": 1 <= self.result_scale <= MAX_SCALE,
            "rounding": self.rounding >= 1 and self.result_scale % self.rounding == 0,
            "mark_step": 1 <= self.mark_step <= MAX_SCALE,
        }
        for name, is_right in rules.items():
            if not is_right:
                raise ExamInvalid(field=name)
        return self

    def totals_like(self, other: "Details") -> bool:
        """Tell whether both make the same total of the same marks."""
        return (self.result_scale, self.rounding) == (other.result_scale, other.rounding)


#: Where an exam stands in lists: date, name, id.
ExamPlace = tuple[str, str, str]


@dataclass(slots=True)
class Exam:
    """One test sat on one date."""

    id: str
    details: Details
    state: State = State.OPEN
    scheme: Scheme = field(default_factory=Scheme)
    scheme_version: int = 1
    #: The oldest scheme version whose marks mean the same now.
    scheme_since: int = 1
    version: int = 0
    release: int = 0
    news: list[News] = field(default_factory=list)

    @property
    def list_place(self) -> ExamPlace:
        return self.details.date, self.details.name, self.id

    @classmethod
    def create(cls, exam_id: str, details: Details) -> "Exam":
        """Start an exam without a scheme."""
        exam = cls(exam_id, details.checked())
        exam._changed()
        return exam

    def update(self, details: Details, *, version: int, has_frozen_copies: bool) -> None:
        """Change the settings; the scale only while nothing is frozen on it."""
        if version != self.version:
            raise ExamStale(version=str(self.version))
        if has_frozen_copies and not details.totals_like(self.details):
            raise ScaleInUse
        self.details = details.checked()
        self._changed()

    def put_scheme(self, scheme: Scheme, *, scheme_version: int, is_marked: bool) -> None:
        """Replace the scheme; its structure only while nothing is marked."""
        if scheme_version != self.scheme_version:
            raise ExamStale(scheme_version=str(self.scheme_version))
        keeps_structure = scheme.has_structure_of(self.scheme)
        if is_marked and not keeps_structure:
            raise SchemeInUse
        self.scheme = scheme
        self.scheme_version += 1
        self.scheme_since = self.scheme_since if keeps_structure else self.scheme_version
        self._changed()

    def release_results(self) -> None:
        """Let students see the results, as they are finalized now."""
        allowed, target = MOVES["release"]
        assert self.state in allowed  # every state may release
        self.state = target
        self.release += 1
        self._changed()
        self.news.append(ResultsReleased(self.id, self.details.name, self.release))

    def knows_scheme(self, version: int) -> bool:
        """Tell whether a mark given under that version of the scheme still means the same."""
        return self.scheme_since <= version <= self.scheme_version

    def _changed(self) -> None:
        self.version += 1
        self.news.append(ExamChanged(self.id, self.version, self.state))


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_zone(text: str) -> bool:
    try:
        return bool(ZoneInfo(text).key)
    except (ValueError, OSError, KeyError):
        return False
