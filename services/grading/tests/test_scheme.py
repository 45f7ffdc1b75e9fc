"""A scheme is a tree whose leaves are marked and whose ids stay."""

import pytest
from grading.domain.scheme import Question, Scheme, SchemeInvalid
from hypothesis import given
from hypothesis import strategies as st

from services.grading.tests import samples


@st.composite
def trees(draw: st.DrawFn) -> list[Question]:
    """Draw questions in reading order, at most three deep, some without an id."""
    questions: list[Question] = []
    for number in range(draw(st.integers(1, 6))):
        top = f"q{number}"
        questions.append(Question(top, "", f"{number}", "", draw(st.integers(1, 500))))
        for part in range(draw(st.integers(0, 3))):
            id_ = draw(st.sampled_from(["", f"{top}-{part}"]))
            questions.append(Question(id_, top, f"{number}.{part}", "", draw(st.integers(1, 500))))
    return questions


def build(*questions: Question) -> Scheme:
    """Build with numbered new ids."""
    numbers = iter(range(1000))
    return Scheme.build(questions, new_id=lambda: f"new{next(numbers)}")


@given(trees())
def test_ids_survive_saving_again(questions: list[Question]) -> None:
    first = build(*questions)

    again = build(*first.questions)

    assert again == first
    assert again.has_structure_of(first)


@given(trees())
def test_given_ids_are_kept(questions: list[Question]) -> None:
    built = build(*questions)

    assert [q.id for q in questions if q.id] == [
        new.id for old, new in zip(questions, built.questions, strict=True) if old.id
    ]


@given(trees())
def test_roots_add_up_to_the_maximum(questions: list[Question]) -> None:
    built = build(*questions)

    assert sum(q.maximum for q in built.questions if not q.parent_id) == built.maximum


def test_a_parent_has_the_sum_of_its_children() -> None:
    built = samples.scheme()

    assert [(q.id, q.maximum) for q in built.questions] == [
        ("q1", 500),
        ("q1a", 200),
        ("q1b", 300),
        ("q2", 300),
    ]
    assert list(built.leaves) == ["q1a", "q1b", "q2"]
    assert built.depths == {"q1": 0, "q1a": 1, "q1b": 1, "q2": 0}


@pytest.mark.parametrize(
    ("problem", "questions"),
    [
        ("ID_REPEATED", [Question("a", "", "1", "", 1), Question("a", "", "2", "", 1)]),
        ("ID_INVALID", [Question("a b", "", "1", "", 1)]),
        ("PARENT_UNKNOWN", [Question("a", "z", "1", "", 1)]),
        ("PARENT_UNKNOWN", [Question("a", "b", "1", "", 1), Question("b", "", "2", "", 1)]),
        ("LABEL_INVALID", [Question("a", "", " ", "", 1)]),
        ("TITLE_INVALID", [Question("a", "", "1", "x" * 501, 1)]),
        ("MAXIMUM_INVALID", [Question("a", "", "1", "", 0)]),
        ("MAXIMUM_INVALID", [Question("a", "", "1", "", -100)]),
        ("TOO_MANY_QUESTIONS", [Question(f"q{n}", "", "1", "", 1) for n in range(501)]),
        ("TOO_DEEP", [Question(f"q{n}", f"q{n - 1}" if n else "", "1", "", 1) for n in range(6)]),
    ],
)
def test_what_is_no_tree_is_refused(problem: str, questions: list[Question]) -> None:
    with pytest.raises(SchemeInvalid) as caught:
        build(*questions)

    assert caught.value.metadata["problem"] == problem


def test_a_new_label_is_no_new_structure_but_a_new_maximum_is() -> None:
    old = build(Question("a", "", "1", "", 100))

    assert build(Question("a", "", "I", "Suites", 100)).has_structure_of(old)
    assert not build(Question("a", "", "1", "", 150)).has_structure_of(old)
