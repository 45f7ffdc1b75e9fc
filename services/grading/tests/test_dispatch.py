"""Copies are shared evenly and at random; a lease is one marker's at a time; blockers are all named."""

from collections import Counter
from datetime import UTC, datetime
from random import Random

import pytest
from grading.domain.copy import State
from grading.domain.dispatch import MarkersMissing, share
from grading.domain.leases import Lease, LeaseHeld, id_for
from grading.domain.progress import progress
from grading.domain.release import Blocker, Ledger, Tally, blockers
from hypothesis import given
from hypothesis import strategies as st

THEN = datetime(2026, 3, 12, tzinfo=UTC)
LOADS = st.dictionaries(st.text("abcdef", min_size=1, max_size=4), st.integers(0, 30), min_size=1, max_size=8)


@given(st.integers(0, 120), LOADS, st.randoms(use_true_random=False))
def test_loads_end_as_even_as_they_can(copies: int, loads: dict[str, int], random: Random) -> None:
    shares = share([f"copy{n}" for n in range(copies)], loads, random)

    got = Counter(shares.values())
    after = {marker: load + got[marker] for marker, load in loads.items()}
    assert len(shares) == copies
    assert all(after[marker] <= min(after.values()) + 1 for marker in got)


def test_shares_do_not_follow_the_order_of_the_copies() -> None:
    copies = [f"copy{n:02}" for n in range(40)]

    shares = share(copies, {"ada": 0, "bob": 0}, Random(1))

    assert [copy for copy, marker in shares.items() if marker == "ada"] != copies[:20]
    assert [shares[copy] for copy in copies] != ["ada", "bob"] * 20


@pytest.mark.parametrize("loads", [{}, {"": 0}])
def test_sharing_needs_markers(loads: dict[str, int]) -> None:
    with pytest.raises(MarkersMissing):
        share(["copy"], loads, Random(1))


def test_a_free_copy_gets_a_new_lease() -> None:
    assert id_for("ada", None, new_id="new") == "new"


@pytest.mark.parametrize("is_current", [True, False])
def test_the_owner_takes_up_the_same_lease(is_current: bool) -> None:
    assert id_for("ada", Lease("old", "ada", THEN, is_current), new_id="new") == "old"


def test_an_expired_lease_of_another_is_free() -> None:
    assert id_for("ada", Lease("old", "bob", THEN, is_current=False), new_id="new") == "new"


def test_a_current_lease_of_another_is_held() -> None:
    with pytest.raises(LeaseHeld):
        id_for("ada", Lease("old", "bob", THEN, is_current=True), new_id="new")


def test_every_blocker_is_named_at_once() -> None:
    tallies = [
        Tally("", State.OPEN, 2, 0),
        Tally("ada", State.FINALIZED, 5, 15),
        Tally("ada", State.OPEN, 1, 1),
    ]
    ledger = Ledger(7, (Blocker("PAGES_WAITING", 4), Blocker("SIDES_FAILED", 0)))

    assert blockers(tallies, ledger) == [
        Blocker("COPIES_UNASSIGNED", 2),
        Blocker("COPIES_NOT_FINALIZED", 3),
        Blocker("PAGES_WAITING", 4),
    ]
    assert blockers([], None) == [Blocker("NO_COPIES", 1), Blocker("LEDGER_UNKNOWN", 1)]
    assert blockers([Tally("ada", State.FINALIZED, 5, 15)], Ledger(7, ()), expected=5) == []


def test_no_results_are_released_while_a_copy_is_on_its_way_here() -> None:
    tallies = [Tally("ada", State.FINALIZED, 5, 15)]

    assert blockers(tallies, Ledger(7, ()), expected=6) == [Blocker("COPIES_ARRIVING", 1)]


def test_progress_adds_up() -> None:
    tallies = [
        Tally("", State.OPEN, 2, 0),
        Tally("ada", State.OPEN, 1, 1),
        Tally("ada", State.FINALIZED, 5, 15),
        Tally("bob", State.FINALIZING, 1, 3),
        Tally("bob", State.FINALIZE_FAILED, 1, 3),
    ]

    found = progress(tallies, 3)

    assert (found.copies, found.unassigned, found.open) == (10, 2, 3)
    assert (found.finalizing, found.finalized, found.failed) == (1, 5, 1)
    assert (found.questions, found.questions_marked) == (30, 22)
    assert [(m.marker_id, m.copies, m.finalized, m.questions) for m in found.markers] == [
        ("ada", 6, 5, 18),
        ("bob", 2, 0, 6),
    ]
