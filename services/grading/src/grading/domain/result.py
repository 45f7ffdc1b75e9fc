"""A result: what is frozen when a copy is finalized, and how its total is made."""

from dataclasses import dataclass
from fractions import Fraction

from grading.domain.copy import Copy, CopyIncomplete, State
from grading.domain.exam import Exam
from grading.domain.marks import Annotation, Appreciation, Remark
from grading.domain.scheme import Question, Scheme, SchemeEmpty
from grading.domain.sheet import Sheet


@dataclass(frozen=True, slots=True)
class ResultQuestion:
    """One line of a result; a parent has the sum of its children."""

    question: Question
    depth: int
    is_leaf: bool
    points: int
    remark: str


@dataclass(frozen=True, slots=True)
class ResultPage:
    """The annotations of one page."""

    page_id: str
    annotations: tuple[Annotation, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """The frozen outcome of a copy."""

    copy_id: str
    exam_id: str
    code: str
    content_version: int
    total: int
    scale: int
    raw_total: int
    raw_maximum: int
    questions: tuple[ResultQuestion, ...]
    appreciation: str
    pages: tuple[ResultPage, ...]

    @property
    def pdf_key(self) -> str:
        """Say where its PDF goes: by content version, so it is never stale."""
        return f"results/{self.copy_id}/{self.content_version}.pdf"


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a copy, as others may read it: opaque here, and empty while there is no outcome."""

    copy_id: str
    exam_id: str
    code: str
    state: State
    #: Students may see it.
    is_released: bool
    body: bytes
    annotations: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """A result about to be frozen, and what it was made from."""

    result: Result
    exam: Exam
    copy_version: int

    @property
    def frozen_key(self) -> str:
        """Say where its file goes: another content has another key, so that no late writer replaces it."""
        result = self.result
        seen = f"{self.copy_version}.{self.exam.version}"
        return f"frozen/{result.copy_id}/{result.content_version}-{seen}.json"


def freeze(exam: Exam, copy: Copy, sheet: Sheet, page_ids: tuple[str, ...]) -> Result:
    """Make the result of a fully marked copy, or refuse with what is not marked."""
    points = _complete(exam.scheme, sheet)
    raw_total = sum(points[leaf] for leaf in exam.scheme.leaves)
    details = exam.details
    return Result(
        copy_id=copy.id,
        exam_id=exam.id,
        code=copy.code,
        content_version=copy.content_version + 1,
        total=scaled(raw_total, exam.scheme.maximum, scale=details.result_scale, rounding=details.rounding),
        scale=details.result_scale,
        raw_total=raw_total,
        raw_maximum=exam.scheme.maximum,
        questions=_lines(exam.scheme, points, sheet),
        appreciation="".join(appreciation.text for appreciation, _ in sheet.all_of(Appreciation)),
        pages=_pages(page_ids, sheet),
    )


def scaled(points: int, maximum: int, *, scale: int, rounding: int) -> int:
    """Bring points to the result scale: exactly, then rounded once, half up, to a multiple of *rounding*."""
    steps = Fraction(points * scale, maximum * rounding)
    return (2 * steps.numerator + steps.denominator) // (2 * steps.denominator) * rounding


def written(points: int, language: str) -> str:
    """Write points as people do: "14,5" in French, "14.5" in English."""
    whole, rest = divmod(points, 100)
    text = f"{whole}.{rest:02}".rstrip("0").rstrip(".") if rest else str(whole)
    return text.replace(".", ",") if language == "fr" else text


def _complete(scheme: Scheme, sheet: Sheet) -> dict[str, int]:
    if not scheme.leaves:
        raise SchemeEmpty
    marks = sheet.marks
    if unmarked := [leaf for leaf in scheme.leaves if marks.get(leaf) is None]:
        raise CopyIncomplete(questions=",".join(unmarked))
    return {question: points for question, points in marks.items() if points is not None}


def _lines(scheme: Scheme, marks: dict[str, int], sheet: Sheet) -> tuple[ResultQuestion, ...]:
    remarks = {remark.question_id: remark.text for remark, _ in sheet.all_of(Remark)}
    sums = _sums(scheme, marks)
    return tuple(
        ResultQuestion(
            question=question,
            depth=scheme.depths[question.id],
            is_leaf=question.id in scheme.leaves,
            points=sums[question.id],
            remark=remarks.get(question.id, ""),
        )
        for question in scheme.questions
    )


def _sums(scheme: Scheme, marks: dict[str, int]) -> dict[str, int]:
    sums = {leaf: marks[leaf] for leaf in scheme.leaves}
    for question in reversed(scheme.questions):
        if question.parent_id:
            sums[question.parent_id] = sums.get(question.parent_id, 0) + sums[question.id]
    return sums


def _pages(page_ids: tuple[str, ...], sheet: Sheet) -> tuple[ResultPage, ...]:
    annotations = [annotation for annotation, _ in sheet.all_of(Annotation)]
    return tuple(
        ResultPage(page_id, tuple(a for a in annotations if a.page_id == page_id)) for page_id in page_ids
    )
