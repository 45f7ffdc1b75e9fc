"""What grading tells the others; the move that causes it appends it to `news`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExamChanged:
    """An exam was created, or its settings, scheme or state changed."""

    exam_id: str
    version: int
    state: str


@dataclass(frozen=True, slots=True)
class CopyChanged:
    """A copy was opened, assigned, marked further, moved on or reopened."""

    copy_id: str
    exam_id: str
    version: int
    state: str
    marker_id: str
    questions: int
    questions_marked: int


@dataclass(frozen=True, slots=True)
class ResultsReleased:
    """The results of an exam became visible to students."""

    exam_id: str
    exam_name: str
    release: int


@dataclass(frozen=True, slots=True)
class StampOrdered:
    """A frozen result needs its PDF: work for the rasterizer."""

    copy_id: str
    exam_id: str
    content_version: int
    copy_pdf_key: str
    frozen_key: str
    result_key: str


News = ExamChanged | CopyChanged | ResultsReleased | StampOrdered
