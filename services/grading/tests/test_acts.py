"""Which acts are wrong, which come too late, and which may be written."""

import math
from datetime import UTC, datetime

import pytest
from grading.domain.acts import Act, ActsInvalid, Outcome, OutcomeState, check_journal, verdict
from grading.domain.copy import State
from grading.domain.leases import Lease
from grading.domain.marks import AnnotationKind, Appreciation, Content, Erasure, Mark, Remark
from hypothesis import given
from hypothesis import strategies as st

from services.grading.tests import samples

THEN = datetime(2026, 3, 12, tzinfo=UTC)


def judge(content: Content | None, *, scheme: int = 2) -> Outcome | None:
    """Judge an act on an open copy."""
    act = samples.act(content, scheme=scheme)
    return verdict(act, samples.exam(), samples.copy(), samples.PAGES, author="ada")


@pytest.mark.parametrize(
    ("reason", "content"),
    [
        ("ACT_EMPTY", None),
        ("QUESTION_UNKNOWN", Mark("q9", 100)),
        ("QUESTION_UNKNOWN", Mark("q1", 100)),
        ("POINTS_OUT_OF_BOUNDS", Mark("q1a", -25)),
        ("POINTS_OUT_OF_BOUNDS", Mark("q1a", 225)),
        ("POINTS_OFF_STEP", Mark("q1a", 10)),
        ("QUESTION_UNKNOWN", Remark("q9", "bien")),
        ("TEXT_TOO_LONG", Remark("q1a", "x" * 5001)),
        ("TEXT_TOO_LONG", Appreciation("x" * 5001)),
        ("ANNOTATION_INVALID", Erasure("")),
        ("QUESTION_UNKNOWN", samples.annotation(question_id="q9")),
        ("ANNOTATION_INVALID", samples.annotation(page_id="elsewhere")),
        ("ANNOTATION_INVALID", samples.annotation(id="not an id")),
        ("ANNOTATION_INVALID", samples.annotation(points=())),
        ("ANNOTATION_INVALID", samples.annotation(points=((0.5, 0.5),) * 5001)),
        ("ANNOTATION_INVALID", samples.annotation(points=((0.5, 1.2),))),
        ("ANNOTATION_INVALID", samples.annotation(points=((math.nan, 0.5),))),
        ("ANNOTATION_INVALID", samples.annotation(color="red")),
        ("ANNOTATION_INVALID", samples.annotation(width=0.0)),
        ("ANNOTATION_INVALID", samples.annotation(width=math.inf)),
        ("ANNOTATION_INVALID", samples.annotation(size=math.nan)),
        ("ANNOTATION_INVALID", samples.annotation(box_width=2.0)),
        ("ANNOTATION_INVALID", samples.annotation(text="a pen has no text")),
        ("ANNOTATION_INVALID", samples.annotation(kind=AnnotationKind.RECTANGLE, points=((0.1, 0.1),))),
        ("ANNOTATION_INVALID", samples.annotation(kind=AnnotationKind.TICK, points=((0.1, 0.1),), size=0.0)),
        ("ANNOTATION_INVALID", samples.annotation(kind=AnnotationKind.TEXT, points=((0.1, 0.1),), size=11.0)),
    ],
)
def test_a_wrong_act_is_refused_with_its_reason(reason: str, content: Content | None) -> None:
    outcome = judge(content)

    assert outcome is not None
    assert (outcome.state, outcome.reason) == (OutcomeState.REFUSED, reason)


@pytest.mark.parametrize(
    "content",
    [
        Mark("q1a", None),
        Mark("q1a", 0),
        Mark("q1a", 200),
        Remark("q1", "√2 ≤ ∞, très bien"),
        Remark("q1a", ""),
        Appreciation("x" * 5000),
        Erasure("stroke"),
        samples.annotation(),
        samples.annotation(points=((-0.04, 0.5), (1.04, 0.5)), question_id="q1a"),
        samples.annotation(kind=AnnotationKind.TEXT, points=((0.1, 0.1),), size=11.0, width=0.0, text="bien"),
        samples.annotation(kind=AnnotationKind.CROSS, points=((0.1, 0.1),), size=14.0),
    ],
)
def test_a_right_act_may_be_written(content: Content) -> None:
    assert judge(content) is None


def test_full_marks_can_be_given_even_off_the_step() -> None:
    exam = samples.exam(mark_step=70)

    assert verdict(samples.act(Mark("q1a", 200)), exam, samples.copy(), (), author="ada") is None


def test_a_mark_of_another_scheme_is_refused() -> None:
    outcome = judge(Mark("q1a", 100), scheme=1)

    assert outcome is not None
    assert outcome.reason == "SCHEME_CHANGED"


@given(st.integers(-1_000, 1_000))
def test_points_are_written_only_within_bounds_and_on_the_step(points: int) -> None:
    is_right = 0 <= points <= 300 and points % 25 == 0

    assert (judge(Mark("q1b", points)) is None) == is_right


@pytest.mark.parametrize("state", [state for state in State if state is not State.OPEN])
def test_an_act_on_a_frozen_copy_is_set_aside(state: State) -> None:
    outcome = verdict(samples.act(Mark("q1a", 100)), samples.exam(), samples.copy(state), (), author="ada")

    assert outcome is not None
    assert (outcome.state, outcome.reason) == (OutcomeState.SET_ASIDE, "COPY_FINALIZED")


@pytest.mark.parametrize("state", State)
def test_whose_copy_went_to_another_only_hears_that_the_lease_is_lost(state: State) -> None:
    outcome = verdict(samples.act(Mark("q1a", 100)), samples.exam(), samples.copy(state), (), author="bob")

    assert outcome is not None
    assert (outcome.state, outcome.reason) == (OutcomeState.SET_ASIDE, "LEASE_LOST")


@pytest.mark.parametrize(
    ("marker", "is_current", "reason"),
    [("bob", True, "LEASE_LOST"), ("bob", False, None), ("ada", True, None), ("ada", False, None)],
)
def test_only_a_current_lease_of_another_sets_an_act_aside(
    marker: str, is_current: bool, reason: str | None
) -> None:
    copy = samples.copy(lease=Lease("lease", marker, THEN, is_current))

    outcome = verdict(samples.act(Mark("q1a", 100)), samples.exam(), copy, (), author="ada")

    assert (outcome and outcome.reason) == reason


@pytest.mark.parametrize(
    "acts",
    [
        [Act("", "tab", 1, 0, Appreciation("bien"))],
        [Act("a", "", 1, 0, Appreciation("bien"))],
        [Act("a", "tab", 0, 0, Appreciation("bien"))],
        [Act("a", "tab", 1, 0, Appreciation("bien")), Act("a", "tab", 2, 0, Appreciation("mieux"))],
        [Act("a", "tab", 1, 0, Appreciation("bien")), Act("b", "tab", 1, 0, Appreciation("mieux"))],
        [Act(f"a{n}", "tab", n, 0, None) for n in range(1, 502)],
    ],
)
def test_acts_that_have_no_place_of_their_own_are_refused_together(acts: list[Act]) -> None:
    with pytest.raises(ActsInvalid):
        check_journal(acts)


def test_a_drawing_knows_the_shape_of_every_kind() -> None:
    sizes = {"size": 12.0}
    points = {AnnotationKind.RECTANGLE: ((0.1, 0.1), (0.5, 0.5))}
    drawn = [
        samples.annotation(
            kind=kind,
            points=points.get(kind, ((0.1, 0.1),)),
            text="bien" if kind is AnnotationKind.TEXT else "",
            **sizes,
        )
        for kind in AnnotationKind
    ]

    assert all(annotation.is_drawable for annotation in drawn)
