"""Results of grading in, results of students out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from kit.rpc import Peer
from kit.rpc.paging import read_all
from korrigo.grading.v1 import grading_pb2, grading_service_pb2
from korrigo.grading.v1.grading_service_pb2_grpc import GradingServiceStub
from korrigo.ingest.v1 import ingest_pb2 as nouns

from ingest.domain.page import Page
from ingest.domain.results import Exam, PageMarks, Question, Result
from ingest.domain.student import Student

#: As on the stamped PDF.
HIGHLIGHTER_OPACITY = 0.35


class GradingPeer:
    """What ingest asks of grading, under its own identity."""

    def __init__(self, peer: Peer) -> None:
        self._stub = peer.stub(GradingServiceStub)

    async def exams(self, exam_ids: Sequence[str]) -> list[Exam]:
        """Read exams by id."""
        if not exam_ids:
            return []
        request = grading_service_pb2.ListExamsRequest(exam_ids=exam_ids)
        return [_exam(exam) for page in await read_all(self._stub.ListExams, request) for exam in page.exams]

    async def results(self, exam_id: str) -> tuple[Exam, list[Result]]:
        """Read the results of an exam."""
        request = grading_service_pb2.ListResultsRequest(exam_id=exam_id)
        pages = await read_all(self._stub.ListResults, request)
        return _exam(pages[0].exam), [_result(result) for page in pages for result in page.results]

    async def result(self, copy_id: str) -> tuple[Exam, Result]:
        """Read one result with its annotations."""
        answer = await self._stub.GetResult(grading_service_pb2.GetResultRequest(copy_id=copy_id))
        return _exam(answer.exam), _result(answer.result)


def summary(exam: Exam, result: Result, student: Student) -> nouns.StudentResult:
    """Show a result in a list."""
    return nouns.StudentResult(
        exam_id=exam.id,
        exam_name=exam.name,
        exam_date=exam.date,
        copy_id=result.copy_id,
        code=result.code,
        student_name=student.name,
        total=result.total,
        scale=result.scale,
        raw_total=result.raw_total,
        raw_maximum=result.raw_maximum,
        content_version=result.content_version,
    )


def full(exam: Exam, result: Result, student: Student, pages: Mapping[str, Page]) -> nouns.StudentResult:
    """Show a result with its questions and the student's own pages."""
    shown = summary(exam, result, student)
    shown.questions.extend(map(_shown_question, result.questions))
    shown.appreciation = result.appreciation
    shown.pdf_key = result.pdf_key
    shown.pages.extend(
        _shown_page(marks, pages[marks.page_id]) for marks in result.pages if marks.page_id in pages
    )
    return shown


def _shown_question(question: Question) -> nouns.QuestionResult:
    return nouns.QuestionResult(
        question_id=question.id,
        label=question.label,
        title=question.title,
        depth=question.depth,
        is_leaf=question.is_leaf,
        points=question.points,
        maximum=question.maximum,
        remark=question.remark,
    )


def _shown_page(marks: PageMarks, page: Page) -> nouns.ResultPage:
    return nouns.ResultPage(
        page_id=page.id,
        image=page.image,
        thumbnail=page.thumbnail,
        width=page.width,
        height=page.height,
        annotations=marks.annotations,
        rotation=page.rotation,
    )


def _exam(exam: grading_pb2.Exam) -> Exam:
    return Exam(exam.id, exam.name, exam.date, exam.state == grading_pb2.Exam.STATE_RELEASED)


def _result(result: grading_pb2.Result) -> Result:
    return Result(
        copy_id=result.copy_id,
        exam_id=result.exam_id,
        code=result.code,
        is_final=result.state == grading_pb2.Copy.STATE_FINALIZED,
        is_released=result.is_released,
        content_version=result.content_version,
        total=result.total,
        scale=result.scale,
        raw_total=result.raw_total,
        raw_maximum=result.raw_maximum,
        questions=tuple(map(_question, result.questions)),
        appreciation=result.appreciation,
        pdf_key=result.pdf_key,
        pages=tuple(PageMarks(page.page_id, _annotations(page.annotations)) for page in result.pages),
    )


def _question(question: grading_pb2.ResultQuestion) -> Question:
    return Question(
        id=question.question_id,
        label=question.label,
        title=question.title,
        depth=question.depth,
        is_leaf=question.is_leaf,
        points=question.points if question.HasField("points") else None,
        maximum=question.maximum,
        remark=question.remark,
    )


def _annotations(annotations: Sequence[grading_pb2.Annotation]) -> str:
    """Write annotations in the shape of the stamping file."""
    return json.dumps([_annotation(annotation) for annotation in annotations], ensure_ascii=False)


def _annotation(annotation: grading_pb2.Annotation) -> dict[str, object]:
    points = [[point.x, point.y] for point in annotation.points]
    kind = annotation.kind
    is_text = kind == grading_pb2.Annotation.KIND_TEXT and bool(points)
    return {
        "id": annotation.id,
        "kind": grading_pb2.Annotation.Kind.Name(kind).removeprefix("KIND_").lower(),
        "points": points,
        "color": annotation.color,
        "width": annotation.width,
        "opacity": HIGHLIGHTER_OPACITY if kind == grading_pb2.Annotation.KIND_HIGHLIGHTER else 1,
        "size": annotation.size,
        "text": annotation.text,
        "box": [*points[0], annotation.box_width or 1 - points[0][0]] if is_text else None,
    }
