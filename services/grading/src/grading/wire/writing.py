"""What markers write, as messages: acts, marks, remarks, annotations."""

from typing import assert_never

from google.protobuf.timestamp_pb2 import Timestamp
from korrigo.grading.v1 import grading_pb2 as pb

from grading.domain.acts import Act, AsideAct, Outcome
from grading.domain.marks import Annotation, AnnotationKind, Appreciation, Content, Erasure, Mark, Remark
from grading.domain.sheet import Sheet


def act_of(act: pb.Act) -> Act:
    """Read an act."""
    return Act(
        id=act.act_id,
        journal_id=act.journal_id,
        sequence=act.sequence,
        base_version=act.base_version,
        content=_content_of(act),
        scheme_version=act.set_mark.scheme_version,
    )


def _content_of(act: pb.Act) -> Content | None:
    match act.WhichOneof("what"):
        case "set_mark":
            mark = act.set_mark
            return Mark(mark.question_id, mark.points if mark.HasField("points") else None)
        case "set_remark":
            return Remark(act.set_remark.question_id, act.set_remark.text)
        case "set_appreciation":
            return Appreciation(act.set_appreciation.text)
        case "put_annotation":
            return annotation_of(act.put_annotation)
        case "delete_annotation":
            return Erasure(act.delete_annotation.annotation_id)
        case None:
            return None


def act_bytes(act: Act) -> bytes:
    """Write an act for keeping."""
    return _act(act).SerializeToString()


def act_from(body: bytes) -> Act:
    """Read an act that was kept."""
    return act_of(pb.Act.FromString(body))


def _act(act: Act) -> pb.Act:
    message = pb.Act(
        act_id=act.id, journal_id=act.journal_id, sequence=act.sequence, base_version=act.base_version
    )
    match act.content:
        case Mark(question_id, points):
            message.set_mark.CopyFrom(
                pb.SetMark(question_id=question_id, points=points, scheme_version=act.scheme_version)
            )
        case Remark(question_id, text):
            message.set_remark.CopyFrom(pb.SetRemark(question_id=question_id, text=text))
        case Appreciation(text):
            message.set_appreciation.CopyFrom(pb.SetAppreciation(text=text))
        case Annotation() as drawn:
            message.put_annotation.CopyFrom(annotation(drawn))
        case Erasure(erased):
            message.delete_annotation.CopyFrom(pb.DeleteAnnotation(annotation_id=erased))
        case None:
            pass
        case _:
            assert_never(act.content)
    return message


def annotation_of(annotation: pb.Annotation) -> Annotation | None:
    """Read an annotation; None when its kind is unknown."""
    if annotation.kind not in _KINDS:
        return None
    return Annotation(
        id=annotation.id,
        page_id=annotation.page_id,
        kind=_KINDS[annotation.kind],
        points=tuple((point.x, point.y) for point in annotation.points),
        color=annotation.color,
        width=annotation.width,
        size=annotation.size,
        text=annotation.text,
        box_width=annotation.box_width,
        question_id=annotation.question_id,
    )


def annotation(annotation: Annotation, version: int = 0) -> pb.Annotation:
    """Write an annotation."""
    return pb.Annotation(
        id=annotation.id,
        page_id=annotation.page_id,
        kind=pb.Annotation.Kind.Value(f"KIND_{annotation.kind.name}"),
        points=[pb.Point(x=x, y=y) for x, y in annotation.points],
        color=annotation.color,
        width=annotation.width,
        size=annotation.size,
        text=annotation.text,
        box_width=annotation.box_width,
        question_id=annotation.question_id,
        version=version,
    )


def outcome(outcome: Outcome) -> pb.ActOutcome:
    """Write what became of an act."""
    return pb.ActOutcome(
        act_id=outcome.act_id,
        state=pb.ActOutcome.State.Value(f"STATE_{outcome.state.name}"),
        reason=outcome.reason,
        version=outcome.version,
    )


def fill(marking: pb.Marking, sheet: Sheet, kept: list[AsideAct]) -> None:
    """Write all that is on a copy into what the desk shows."""
    for mark, version in sheet.all_of(Mark):
        marking.marks.add(question_id=mark.question_id, points=mark.points, version=version)
    for remark, version in sheet.all_of(Remark):
        marking.remarks.add(question_id=remark.question_id, text=remark.text, version=version)
    for appreciation, version in sheet.all_of(Appreciation):
        marking.appreciation, marking.appreciation_version = appreciation.text, version
    marking.annotations.extend(annotation(drawn, version) for drawn, version in sheet.all_of(Annotation))
    marking.set_aside.extend(map(aside, kept))


def aside(kept: AsideAct) -> pb.SetAsideAct:
    """Write an act that was set aside."""
    at = Timestamp()
    at.FromDatetime(kept.at)
    return pb.SetAsideAct(
        act=_act(kept.act),
        reason=kept.reason,
        at=at,
        exam_id=kept.exam_id,
        copy_id=kept.copy_id,
        copy_code=kept.copy_code,
        is_assigned=kept.is_assigned,
    )


_KINDS = {pb.Annotation.Kind.Value(f"KIND_{kind.name}"): kind for kind in AnnotationKind}
