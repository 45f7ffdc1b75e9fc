"""What a result is, seen from the side that knows the names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# A fact must stay below 256 KiB; an account id takes 38 bytes.
ANNOUNCED_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Exam:
    """An exam as grading knows it."""

    id: str
    name: str
    date: str
    is_released: bool


@dataclass(frozen=True, slots=True)
class Question:
    """One line of a result, in 1/100 point; no points means not marked."""

    id: str
    label: str
    title: str
    depth: int
    is_leaf: bool
    points: int | None
    maximum: int
    remark: str = ""


@dataclass(frozen=True, slots=True)
class PageMarks:
    """The annotations of one page, as a JSON array in the shape of the stamping file."""

    page_id: str
    annotations: str


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one copy under its code."""

    copy_id: str
    exam_id: str
    code: str
    is_final: bool
    content_version: int
    total: int
    scale: int
    raw_total: int
    raw_maximum: int
    questions: tuple[Question, ...] = ()
    is_released: bool = False
    appreciation: str = ""
    pdf_key: str = ""
    pages: tuple[PageMarks, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultsAnnounced:
    """Released results can be told to these accounts."""

    exam_id: str
    exam_name: str
    release: int
    account_ids: tuple[str, ...]


def announcements(
    exam_id: str, exam_name: str, release: int, account_ids: Sequence[str]
) -> Iterator[ResultsAnnounced]:
    """Tell a release to accounts, in parts that fit a fact."""
    for start in range(0, len(account_ids), ANNOUNCED_AT_ONCE):
        part = tuple(account_ids[start : start + ANNOUNCED_AT_ONCE])
        yield ResultsAnnounced(exam_id, exam_name, release, part)
