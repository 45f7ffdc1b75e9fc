"""The contract and the domain name the same things, and nothing is lost between them."""

from enum import StrEnum
from typing import Any

import pytest
from grading.domain import acts, copy, exam
from grading.domain.marks import AnnotationKind, Appreciation, Content, Erasure, Mark, Remark
from grading.wire import writing
from korrigo.grading.v1 import grading_pb2 as pb

from services.grading.tests import samples


@pytest.mark.parametrize(
    ("domain", "wire"),
    [
        (copy.State, pb.Copy.State),
        (exam.State, pb.Exam.State),
        (acts.OutcomeState, pb.ActOutcome.State),
        (AnnotationKind, pb.Annotation.Kind),
    ],
)
def test_proto_and_domain_name_the_same_choices(domain: type[StrEnum], wire: Any) -> None:
    names = {name.partition("_")[2].lower() for name, _ in wire.items()} - {"unspecified"}

    assert names == {str(choice) for choice in domain}


@pytest.mark.parametrize(
    "content",
    [
        None,
        Mark("q1a", None),
        Mark("q1a", 0),
        Remark("q1a", "√2"),
        Appreciation("Bien."),
        Erasure("stroke"),
        samples.annotation(kind=AnnotationKind.TEXT, text="∞", box_width=0.3, question_id="q1a"),
    ],
)
def test_an_act_survives_being_kept(content: Content | None) -> None:
    act = samples.act(content, scheme=2 if isinstance(content, Mark) else 0)

    assert writing.act_from(writing.act_bytes(act)) == act


def test_an_annotation_of_a_kind_from_the_future_is_an_empty_act() -> None:
    act = pb.Act(act_id="a", journal_id="tab", sequence=1, put_annotation=pb.Annotation(id="x"))

    assert writing.act_of(act).content is None
