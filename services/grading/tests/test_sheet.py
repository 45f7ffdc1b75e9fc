"""Two tabs never overwrite each other silently, and one tab never conflicts with itself."""

from grading.domain.acts import Act, OutcomeState
from grading.domain.marks import Annotation, Appreciation, Content, Erasure, Mark, Remark
from grading.domain.sheet import Revision, Sheet, Thing, Written
from hypothesis import given
from hypothesis import strategies as st

from services.grading.tests import samples

MARK = (Thing.MARK, "q1a")


def act(content: Content, sequence: int, *, base: int = 0, journal: str = "tab") -> Act:
    """Give an act at a place of a journal."""
    return samples.act(content, sequence=sequence, base=base, journal=journal)


def marked(points: int | None = 100, version: int = 3) -> Sheet:
    """Give a sheet with one mark that another tab has changed three times."""
    return Sheet.of([Written(Mark("q1a", points), Revision(version, "other", 9))])


def test_an_act_builds_on_the_version_that_its_marker_saw() -> None:
    sheet = marked()

    outcome = sheet.apply(act(Mark("q1a", 150), 1, base=3))

    assert (outcome.state, outcome.version) == (OutcomeState.ACCEPTED, 4)
    assert sheet.marks == {"q1a": 150}
    assert sheet.changed == [MARK]


def test_an_act_on_an_older_version_is_set_aside_with_the_current_one() -> None:
    sheet = marked()

    outcome = sheet.apply(act(Mark("q1a", 150), 1, base=2))

    assert (outcome.state, outcome.reason, outcome.version) == (OutcomeState.SET_ASIDE, "VERSION_CONFLICT", 3)
    assert sheet.marks == {"q1a": 100}
    assert sheet.changed == []


def test_acts_of_one_journal_build_on_one_another() -> None:
    sheet = marked()

    outcomes = [
        sheet.apply(act(Mark("q1a", 150), 1, base=3)),
        sheet.apply(act(Mark("q1a", None), 2, base=3)),
        sheet.apply(act(Mark("q1a", 25), 3, base=3)),
    ]

    assert [outcome.version for outcome in outcomes] == [4, 5, 6]
    assert sheet.marks == {"q1a": 25}


def test_a_late_act_of_the_same_journal_changes_nothing() -> None:
    sheet = Sheet.of([])
    sheet.apply(act(Mark("q1a", 150), 5))

    outcome = sheet.apply(act(Mark("q1a", 25), 4))

    assert (outcome.state, outcome.version) == (OutcomeState.ACCEPTED, 1)
    assert sheet.marks == {"q1a": 150}


def test_a_journal_that_was_overtaken_conflicts_like_any_other() -> None:
    sheet = Sheet.of([])
    sheet.apply(act(Appreciation("bien"), 1))
    sheet.apply(act(Appreciation("très bien"), 1, base=1, journal="other"))

    outcome = sheet.apply(act(Appreciation("assez bien"), 2, base=0))

    assert outcome.reason == "VERSION_CONFLICT"


def test_an_erased_annotation_can_be_undone_by_its_journal() -> None:
    sheet = Sheet.of([])
    sheet.apply(act(samples.annotation(), 1))
    sheet.apply(act(Erasure("stroke"), 2))
    assert sheet.all_of(Annotation) == []

    outcome = sheet.apply(act(samples.annotation(width=3.0), 3))

    assert outcome.version == 3
    assert sheet.all_of(Annotation) == [(samples.annotation(width=3.0), 3)]


def test_erasing_what_is_gone_or_never_was_is_success() -> None:
    sheet = Sheet.of([Written(Erasure("stroke"), Revision(2, "other", 2))])

    outcomes = [sheet.apply(act(Erasure("stroke"), 1, base=1)), sheet.apply(act(Erasure("never"), 2))]

    assert {outcome.state for outcome in outcomes} == {OutcomeState.ACCEPTED}
    assert sheet.changed == []


def test_a_mark_and_a_remark_of_a_question_are_two_things() -> None:
    sheet = Sheet.of([])

    outcomes = [
        sheet.apply(act(Mark("q1a", 0), 1)),
        sheet.apply(act(Remark("q1a", "non"), 1, journal="other")),
    ]

    assert {outcome.state for outcome in outcomes} == {OutcomeState.ACCEPTED}


@given(
    st.permutations(range(1, 7)), st.lists(st.one_of(st.none(), st.integers(0, 8)), min_size=6, max_size=6)
)
def test_the_order_of_arrival_does_not_matter_within_a_journal(
    arrival: list[int], points: list[int | None]
) -> None:
    acts = {sequence: act(Mark("q1a", points[sequence - 1]), sequence) for sequence in arrival}
    sheet = Sheet.of([])

    for sequence in arrival:
        assert sheet.apply(acts[sequence]).state is OutcomeState.ACCEPTED

    assert sheet.marks == {"q1a": points[-1]}
