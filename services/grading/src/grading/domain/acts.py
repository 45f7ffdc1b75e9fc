"""An act of a marker, journaled in the browser before it is sent, and what became of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from kit.errors import InvalidArgument, NotFound

from grading.domain.copy import Copy, State
from grading.domain.exam import Exam
from grading.domain.marks import Annotation, Appreciation, Content, Erasure, Mark, Remark, is_text
from grading.domain.scheme import ID

MAX_ACTS = 500


class ActsInvalid(InvalidArgument):
    """An act needs an id, a journal and a place in it."""


class ActUnknown(NotFound):
    """There is no such act."""


class OutcomeState(StrEnum):
    """What became of an act."""

    ACCEPTED = "accepted"
    SET_ASIDE = "set_aside"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Act:
    """One change that a marker made."""

    id: str
    #: The journal of one browser for one copy, and the place in it, counted from 1.
    journal_id: str
    sequence: int
    #: The version of the thing that the marker saw; 0 = it did not exist.
    base_version: int
    content: Content | None
    #: The scheme that a mark was given under.
    scheme_version: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an act, the same however often it is sent."""

    act_id: str
    state: OutcomeState
    reason: str = ""
    #: The version of the thing now.
    version: int = 0

    @classmethod
    def accepted(cls, act: Act, version: int) -> "Outcome":
        """Say that it is stored."""
        return cls(act.id, OutcomeState.ACCEPTED, version=version)

    @classmethod
    def set_aside(cls, act: Act, reason: str, version: int = 0) -> "Outcome":
        """Say that it is kept beside the copy and not applied."""
        return cls(act.id, OutcomeState.SET_ASIDE, reason, version)

    @classmethod
    def refused(cls, act: Act, reason: str) -> "Outcome":
        """Say that it is wrong."""
        return cls(act.id, OutcomeState.REFUSED, reason)


#: Where an act that was set aside stands in its author's list: when, its place in the journal, copy, act.
AsidePlace = tuple[datetime, int, str, str]


@dataclass(frozen=True, slots=True)
class AsideAct:
    """An act that was set aside, for its author to look at."""

    act: Act
    reason: str
    at: datetime
    exam_id: str
    copy_id: str
    copy_code: str
    #: The copy is still its author's.
    is_assigned: bool

    @property
    def list_place(self) -> AsidePlace:
        return self.at, self.act.sequence, self.copy_id, self.act.id


def check_journal(acts: Collection[Act]) -> None:
    """Refuse acts that could not be told apart or put in order."""
    if len(acts) > MAX_ACTS:
        raise ActsInvalid(most=str(MAX_ACTS))
    for act in acts:
        if not (ID.fullmatch(act.id) and ID.fullmatch(act.journal_id) and act.sequence >= 1):
            raise ActsInvalid(act=act.id)
    places = {(act.journal_id, act.sequence) for act in acts}
    if not len({act.id for act in acts}) == len(places) == len(acts):
        raise ActsInvalid


def verdict(act: Act, exam: Exam, copy: Copy, page_ids: Collection[str], *, author: str) -> Outcome | None:
    """Refuse a wrong act, set aside one that comes too late for its copy; None: it may be written."""
    if fault := _fault(act, exam, page_ids):
        return Outcome.refused(act, fault)
    if copy.marker_id != author:
        return Outcome.set_aside(act, "LEASE_LOST")
    if copy.state is not State.OPEN:
        return Outcome.set_aside(act, "COPY_FINALIZED")
    if copy.lease and copy.lease.is_held_against(author):
        return Outcome.set_aside(act, "LEASE_LOST")
    return None


def _fault(act: Act, exam: Exam, page_ids: Collection[str]) -> str:
    match act.content:
        case None:
            return "ACT_EMPTY"
        case Mark() as mark:
            return _fault_of_mark(mark, exam, act.scheme_version)
        case Remark() as remark:
            return _fault_of_text(remark.text, is_known=remark.question_id in exam.scheme.ids)
        case Appreciation() as appreciation:
            return _fault_of_text(appreciation.text, is_known=True)
        case Annotation() as annotation:
            return _fault_of_annotation(annotation, exam, page_ids)
        case Erasure() as erasure:
            return "" if ID.fullmatch(erasure.id) else "ANNOTATION_INVALID"
    assert_never(act.content)


def _fault_of_mark(mark: Mark, exam: Exam, scheme_version: int) -> str:
    if not exam.knows_scheme(scheme_version):
        return "SCHEME_CHANGED"
    question = exam.scheme.leaves.get(mark.question_id)
    if question is None:
        return "QUESTION_UNKNOWN"
    if mark.points is None:
        return ""
    if not 0 <= mark.points <= question.maximum:
        return "POINTS_OUT_OF_BOUNDS"
    # Full marks can always be given, even where the maximum is no multiple of the step.
    is_on_step = mark.points % exam.details.mark_step == 0 or mark.points == question.maximum
    return "" if is_on_step else "POINTS_OFF_STEP"


def _fault_of_text(text: str, *, is_known: bool) -> str:
    if not is_known:
        return "QUESTION_UNKNOWN"
    return "" if is_text(text) else "TEXT_TOO_LONG"


def _fault_of_annotation(annotation: Annotation, exam: Exam, page_ids: Collection[str]) -> str:
    if annotation.question_id and annotation.question_id not in exam.scheme.ids:
        return "QUESTION_UNKNOWN"
    is_placed = annotation.page_id in page_ids
    return "" if is_placed and annotation.is_drawable else "ANNOTATION_INVALID"
