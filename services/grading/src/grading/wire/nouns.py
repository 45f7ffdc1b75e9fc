"""Exams, copies, leases, lots and results as messages."""

from collections.abc import Iterable

from google.protobuf.timestamp_pb2 import Timestamp
from korrigo.grading.v1 import grading_pb2 as pb

from grading.domain.copy import Copy, CopyPage
from grading.domain.copy import State as CopyState
from grading.domain.exam import Exam
from grading.domain.leases import Lease
from grading.domain.progress import Lot, MarkerProgress, Progress
from grading.domain.release import Blocker
from grading.domain.result import Kept, Result, ResultQuestion
from grading.domain.scheme import Question
from grading.wire import writing


def exam(exam: Exam) -> pb.Exam:
    """Write an exam."""
    details = exam.details
    return pb.Exam(
        id=exam.id,
        name=details.name,
        date=details.date,
        time_zone=details.time_zone,
        state=pb.Exam.State.Value(f"STATE_{exam.state.name}"),
        result_scale=details.result_scale,
        rounding=details.rounding,
        mark_step=details.mark_step,
        scheme=[_question(question) for question in exam.scheme.questions],
        scheme_version=exam.scheme_version,
        version=exam.version,
        release=exam.release,
        language=details.language,
    )


def _question(question: Question) -> pb.Question:
    return pb.Question(
        id=question.id,
        parent_id=question.parent_id,
        label=question.label,
        title=question.title,
        maximum=question.maximum,
    )


def questions_of(scheme: Iterable[pb.Question]) -> list[Question]:
    """Read the questions of a scheme."""
    return [Question(q.id, q.parent_id, q.label, q.title, q.maximum) for q in scheme]


def copy(copy: Copy) -> pb.Copy:
    """Write a copy."""
    return pb.Copy(
        id=copy.id,
        exam_id=copy.exam_id,
        code=copy.code,
        state=state(copy.state),
        reason=copy.reason,
        attempts=copy.attempts,
        version=copy.version,
        content_version=copy.content_version,
        marker_id=copy.marker_id,
        questions=copy.questions,
        questions_marked=copy.questions_marked,
        points=copy.points,
        pages=copy.pages,
        lease=lease(copy.lease) if copy.lease and copy.lease.is_current else None,
    )


def state(state: CopyState) -> pb.Copy.State.ValueType:
    """Write the state of a copy."""
    return pb.Copy.State.Value(f"STATE_{state.name}")


def page(page: CopyPage) -> pb.CopyPage:
    """Write a page as a marker sees it."""
    return pb.CopyPage(
        page_id=page.page_id,
        image=page.image,
        thumbnail=page.thumbnail,
        width=page.width,
        height=page.height,
    )


def lease(lease: Lease) -> pb.Lease:
    """Write a lease."""
    expires_at = Timestamp()
    expires_at.FromDatetime(lease.expires_at)
    return pb.Lease(id=lease.id, marker_id=lease.marker_id, expires_at=expires_at)


def lot(lot: Lot) -> pb.Lot:
    """Write a marker's share of an exam."""
    return pb.Lot(
        exam_id=lot.exam_id,
        exam_name=lot.exam_name,
        exam_date=lot.exam_date,
        copies=lot.copies,
        finalized=lot.finalized,
        questions=lot.questions,
        questions_marked=lot.questions_marked,
        next_copy_id=lot.next_copy_id,
    )


def progress(progress: Progress) -> pb.Progress:
    """Write the progress of an exam."""
    return pb.Progress(
        copies=progress.copies,
        unassigned=progress.unassigned,
        open=progress.open,
        finalizing=progress.finalizing,
        finalized=progress.finalized,
        failed=progress.failed,
        questions=progress.questions,
        questions_marked=progress.questions_marked,
        markers=[_marker(marker) for marker in progress.markers],
    )


def _marker(marker: MarkerProgress) -> pb.MarkerProgress:
    return pb.MarkerProgress(
        marker_id=marker.marker_id,
        copies=marker.copies,
        finalized=marker.finalized,
        questions=marker.questions,
        questions_marked=marker.questions_marked,
    )


def blockers(blockers: Iterable[Blocker]) -> list[pb.Blocker]:
    """Write what keeps results from being released."""
    return [pb.Blocker(reason=blocker.reason, count=blocker.count) for blocker in blockers]


def frozen(result: Result) -> tuple[bytes, bytes]:
    """Write a result for keeping: its words, and apart from them the annotations, which few read."""
    body = pb.Result(
        copy_id=result.copy_id,
        exam_id=result.exam_id,
        code=result.code,
        content_version=result.content_version,
        total=result.total,
        scale=result.scale,
        raw_total=result.raw_total,
        raw_maximum=result.raw_maximum,
        questions=[_line(line) for line in result.questions],
        appreciation=result.appreciation,
        pdf_key=result.pdf_key,
    )
    pages = pb.Result(
        pages=[
            pb.ResultPage(page_id=page.page_id, annotations=[writing.annotation(a) for a in page.annotations])
            for page in result.pages
        ]
    )
    return body.SerializeToString(), pages.SerializeToString()


def result(kept: Kept) -> pb.Result:
    """Read a kept result back; while there is none it only tells the copy's state."""
    result = pb.Result.FromString(kept.body)
    result.MergeFromString(kept.annotations)
    result.copy_id, result.exam_id, result.code = kept.copy_id, kept.exam_id, kept.code
    result.state, result.is_released = state(kept.state), kept.is_released
    return result


def _line(line: ResultQuestion) -> pb.ResultQuestion:
    return pb.ResultQuestion(
        question_id=line.question.id,
        label=line.question.label,
        title=line.question.title,
        depth=line.depth,
        is_leaf=line.is_leaf,
        points=line.points,
        maximum=line.question.maximum,
        remark=line.remark,
    )
