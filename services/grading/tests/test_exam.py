"""Settings, scheme versions and the release of an exam."""

from dataclasses import replace

import pytest
from grading.domain.exam import MOVES, ExamInvalid, ExamStale, ScaleInUse, State
from grading.domain.news import ExamChanged, ResultsReleased
from grading.domain.scheme import Question, Scheme, SchemeInUse

from services.grading.tests import samples


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", MOVES)
def test_an_exam_moves_only_along_the_table(state: State, move: str) -> None:
    exam = samples.exam()
    exam.state = state
    allowed, target = MOVES[move]
    assert state in allowed

    exam.release_results()

    assert exam.state is target


def test_each_release_is_counted_and_told_once() -> None:
    exam = samples.exam()

    exam.release_results()
    exam.release_results()

    assert [news for news in exam.news if isinstance(news, ResultsReleased)] == [
        ResultsReleased("exam", "Bac blanc", 1),
        ResultsReleased("exam", "Bac blanc", 2),
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "x" * 201),
        ("date", "12/03/2026"),
        ("date", "20260312"),
        ("time_zone", "Europe/Atlantis"),
        ("time_zone", "../etc/passwd"),
        ("language", "de"),
        ("result_scale", 0),
        ("rounding", 0),
        ("rounding", 300),
        ("mark_step", 0),
    ],
)
def test_an_impossible_setting_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(ExamInvalid) as caught:
        replace(samples.DETAILS, **{field: value}).checked()  # type: ignore[arg-type]  # wrong on purpose

    assert caught.value.metadata == {"field": field}


def test_a_stale_change_is_refused() -> None:
    exam = samples.exam()

    with pytest.raises(ExamStale):
        exam.update(samples.DETAILS, version=exam.version - 1, has_frozen_copies=False)
    with pytest.raises(ExamStale):
        exam.put_scheme(exam.scheme, scheme_version=exam.scheme_version - 1, is_marked=False)


def test_the_scale_is_frozen_with_the_first_result_and_the_name_is_not() -> None:
    exam = samples.exam()

    exam.update(replace(samples.DETAILS, name="Bac"), version=exam.version, has_frozen_copies=True)

    assert exam.details.name == "Bac"
    assert isinstance(exam.news[-1], ExamChanged)
    with pytest.raises(ScaleInUse):
        exam.update(replace(exam.details, result_scale=1000), version=exam.version, has_frozen_copies=True)


def test_once_marked_only_labels_and_titles_change() -> None:
    exam = samples.exam()
    labelled = Scheme(tuple(replace(q, label=f"Ex {q.label}", title="Titre") for q in exam.scheme.questions))

    exam.put_scheme(labelled, scheme_version=exam.scheme_version, is_marked=True)

    assert exam.scheme == labelled
    shorter = Scheme(exam.scheme.questions[:-1])
    with pytest.raises(SchemeInUse):
        exam.put_scheme(shorter, scheme_version=exam.scheme_version, is_marked=True)


def test_a_mark_outlives_a_new_label_but_not_a_new_structure() -> None:
    exam = samples.exam()
    seen = exam.scheme_version

    exam.put_scheme(
        Scheme(tuple(replace(q, title="Titre") for q in exam.scheme.questions)),
        scheme_version=seen,
        is_marked=False,
    )
    assert exam.knows_scheme(seen)
    assert not exam.knows_scheme(exam.scheme_version + 1)

    more = Scheme.build([*exam.scheme.questions, Question("q3", "", "3", "", 100)], new_id=str)
    exam.put_scheme(more, scheme_version=exam.scheme_version, is_marked=False)
    assert not exam.knows_scheme(seen)
