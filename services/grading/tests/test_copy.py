"""State × move of a copy: each pair either leads where the table says or is refused."""

from collections.abc import Callable
from random import Random

import pytest
from grading.domain.copy import (
    ALPHABET,
    CODE_LENGTH,
    MOVES,
    Copy,
    CopyWrongState,
    ReasonMissing,
    State,
    draw_code,
)
from grading.domain.news import CopyChanged

from services.grading.tests import samples

MOVE: dict[str, Callable[[Copy], None]] = {
    "freeze": Copy.freeze,
    "retry": Copy.retry,
    "finish": Copy.finish,
    "fail": lambda copy: copy.fail("FONT_MISSING"),
    "reopen": lambda copy: copy.reopen("a page was overlooked"),
}


def test_every_move_has_a_method() -> None:
    assert set(MOVE) == set(MOVES)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", MOVES)
def test_a_copy_moves_only_along_the_table(state: State, move: str) -> None:
    copy = samples.copy(state)
    allowed, target = MOVES[move]
    assert copy.can(move) == (state in allowed)

    if state in allowed:
        MOVE[move](copy)
        assert (copy.state, copy.version, len(copy.news)) == (target, 2, 1)
    else:
        with pytest.raises(CopyWrongState):
            MOVE[move](copy)
        assert (copy.state, copy.version, copy.news) == (state, 1, [])


def test_each_freeze_has_a_content_version_of_its_own() -> None:
    copy = samples.copy()

    copy.freeze()
    copy.finish()
    copy.reopen("a page was overlooked")
    copy.freeze()

    assert copy.content_version == 2


def test_a_retry_stamps_the_same_content() -> None:
    copy = samples.copy()

    copy.freeze()
    copy.fail("FONT_MISSING")
    assert (copy.reason, copy.attempts) == ("FONT_MISSING", 1)
    copy.retry()

    assert copy.content_version == 1


def test_reopening_forgets_the_failures() -> None:
    copy = samples.copy(State.FINALIZE_FAILED, reason="FONT_MISSING", attempts=3)

    copy.reopen("remove the broken symbol")

    assert (copy.reason, copy.attempts) == ("", 0)


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 5001, "\0"])
def test_reopening_needs_a_reason(reason: str) -> None:
    with pytest.raises(ReasonMissing):
        samples.copy(State.FINALIZED).reopen(reason)


def test_only_a_change_of_progress_is_told() -> None:
    copy = samples.copy()

    copy.write({"q1a": 100, "q1b": None})
    copy.write({"q1a": 100, "q1b": None})
    copy.write(None)

    assert copy.version == 4
    assert (copy.questions_marked, copy.points) == (1, 100)
    assert copy.news == [CopyChanged("copy", "exam", 2, "open", "ada", questions=3, questions_marked=1)]


def test_codes_have_nothing_to_misread() -> None:
    codes = {draw_code(Random(seed)) for seed in range(100)}

    assert len(codes) == 100
    assert all(len(code) == CODE_LENGTH for code in codes)
    assert not set("0O1IL5EAUÀ") & set(ALPHABET)
