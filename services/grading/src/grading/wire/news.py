"""Facts and work, as the others hear them."""

from typing import assert_never

from google.protobuf.message import Message
from korrigo.grading.v1 import grading_events_pb2 as facts
from korrigo.grading.v1 import grading_pb2 as pb
from korrigo.rasterizer.v1 import rasterizer_work_pb2 as work

from grading.domain.news import CopyChanged, ExamChanged, News, ResultsReleased, StampOrdered


def announce(news: News) -> Message:
    """Write one piece of news as its message."""
    match news:
        case ExamChanged():
            return facts.ExamChanged(
                exam_id=news.exam_id,
                version=news.version,
                state=pb.Exam.State.Value(f"STATE_{news.state.upper()}"),
            )
        case CopyChanged():
            return _copy_changed(news)
        case ResultsReleased():
            return facts.ResultsReleased(exam_id=news.exam_id, exam_name=news.exam_name, release=news.release)
        case StampOrdered():
            return _stamp_copy(news)
    assert_never(news)


def _copy_changed(news: CopyChanged) -> facts.CopyChanged:
    return facts.CopyChanged(
        copy_id=news.copy_id,
        exam_id=news.exam_id,
        version=news.version,
        state=pb.Copy.State.Value(f"STATE_{news.state.upper()}"),
        marker_id=news.marker_id,
        questions=news.questions,
        questions_marked=news.questions_marked,
    )


def _stamp_copy(news: StampOrdered) -> work.StampCopy:
    return work.StampCopy(
        copy_id=news.copy_id,
        exam_id=news.exam_id,
        content_version=news.content_version,
        copy_pdf_key=news.copy_pdf_key,
        frozen_key=news.frozen_key,
        result_key=news.result_key,
    )
