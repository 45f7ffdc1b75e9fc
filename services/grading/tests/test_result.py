"""Totals are exact, rounded once, half up; a result freezes everything that a student will see."""

from fractions import Fraction

import orjson
import pytest
from grading.domain.copy import CopyIncomplete
from grading.domain.exam import Exam
from grading.domain.marks import AnnotationKind, Appreciation, Content, Mark, Remark
from grading.domain.result import freeze, scaled, written
from grading.domain.scheme import SchemeEmpty
from grading.domain.sheet import Revision, Sheet, Written
from grading.wire.stamping import stamping
from hypothesis import given
from hypothesis import strategies as st

from services.grading.tests import samples

FULL: list[Content] = [Mark("q1a", 150), Mark("q1b", 0), Mark("q2", 275)]


def sheet(*contents: Content) -> Sheet:
    """Lay out contents in their first version."""
    return Sheet.of(Written(content, Revision(1, "tab", 1)) for content in contents)


@st.composite
def totals(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """Draw points, their maximum, a scale and a rounding that divides it."""
    maximum = draw(st.integers(1, 10_000))
    rounding = draw(st.integers(1, 100))
    return draw(st.integers(0, maximum)), maximum, rounding * draw(st.integers(1, 100)), rounding


@given(totals())
def test_a_total_is_the_nearest_step_and_halves_go_up(drawn: tuple[int, int, int, int]) -> None:
    points, maximum, scale, rounding = drawn
    exact = Fraction(points * scale, maximum)

    total = scaled(points, maximum, scale=scale, rounding=rounding)

    assert total % rounding == 0
    assert -Fraction(rounding, 2) < total - exact <= Fraction(rounding, 2) or exact == total
    assert total - exact != -Fraction(rounding, 2)
    assert 0 <= total <= scale


@given(st.integers(1, 10_000), st.integers(1, 100), st.integers(1, 100))
def test_a_perfect_copy_gets_the_whole_scale(maximum: int, rounding: int, steps: int) -> None:
    scale = rounding * steps

    assert scaled(maximum, maximum, scale=scale, rounding=rounding) == scale
    assert scaled(0, maximum, scale=scale, rounding=rounding) == 0


@pytest.mark.parametrize(
    ("points", "maximum", "rounding", "total"),
    [
        (1545, 2000, 1, 1545),
        (1545, 2000, 50, 1550),
        (1525, 2000, 50, 1550),
        (1524, 2000, 50, 1500),
        (2750, 3800, 1, 1447),
        (2750, 3800, 10, 1450),
        (1, 3200, 1, 1),
        (1, 80_000, 1, 0),
        (1, 4000, 1, 1),
    ],
)
def test_totals_out_of_20(points: int, maximum: int, rounding: int, total: int) -> None:
    assert scaled(points, maximum, scale=2000, rounding=rounding) == total


@pytest.mark.parametrize(
    ("points", "french", "english"),
    [
        (0, "0", "0"),
        (1450, "14,5", "14.5"),
        (1545, "15,45", "15.45"),
        (5, "0,05", "0.05"),
        (2000, "20", "20"),
    ],
)
def test_points_are_written_as_people_do(points: int, french: str, english: str) -> None:
    assert written(points, "fr") == french
    assert written(points, "en") == english


def test_an_unmarked_question_is_named_and_zero_is_not_unmarked() -> None:
    with pytest.raises(CopyIncomplete) as caught:
        freeze(samples.exam(), samples.copy(), sheet(Mark("q1a", None), Mark("q1b", 0)), samples.PAGES)

    assert caught.value.metadata == {"questions": "q1a,q2"}


def test_an_exam_without_a_scheme_has_no_results() -> None:
    with pytest.raises(SchemeEmpty):
        freeze(Exam.create("exam", samples.DETAILS), samples.copy(), sheet(), samples.PAGES)


def test_a_result_has_every_question_with_sums_for_parents() -> None:
    result = freeze(
        samples.exam(),
        samples.copy(),
        sheet(*FULL, Remark("q1", "à revoir"), Appreciation("Bien.")),
        samples.PAGES,
    )

    assert (result.raw_total, result.raw_maximum, result.total, result.scale) == (425, 800, 1063, 2000)
    assert [(line.question.label, line.points, line.depth, line.is_leaf) for line in result.questions] == [
        ("1", 150, 0, False),
        ("1a", 150, 1, True),
        ("1b", 0, 1, True),
        ("2", 275, 0, True),
    ]
    assert result.questions[0].remark == "à revoir"
    assert result.appreciation == "Bien."
    assert result.content_version == 1
    assert result.pdf_key == "results/copy/1.pdf"


def test_the_stamped_file_reads_as_people_write() -> None:
    text = samples.annotation(
        id="word", kind=AnnotationKind.TEXT, points=((0.6, 0.2),), size=11.0, text="√∞é", page_id="verso"
    )
    marker = samples.annotation(id="glow", kind=AnnotationKind.HIGHLIGHTER)
    result = freeze(samples.exam(), samples.copy(), sheet(*FULL, text, marker), samples.PAGES)

    file = orjson.loads(stamping(result, samples.exam()))

    assert file["exam"] == {"name": "Bac blanc", "date": "12/03/2026"}
    assert file["copy"] == {"code": "BCDFGH"}
    assert file["student"] is None
    assert (file["total"], file["scale"], file["language"]) == ("10,63", "20", "fr")
    assert file["questions"][1] == {
        "label": "1a",
        "depth": 1,
        "title": "",
        "mark": "1,5",
        "maximum": "2",
        "remark": "",
    }
    assert [page["page"] for page in file["pages"]] == [1, 2]
    (glow,), (word,) = (page["annotations"] for page in file["pages"])
    assert (glow["kind"], glow["opacity"], glow["points"]) == ("highlighter", 0.35, [[0.1, 0.1], [0.2, 0.25]])
    assert (word["kind"], word["text"], word["box"]) == ("text", "√∞é", [0.6, 0.2, 0.4])
