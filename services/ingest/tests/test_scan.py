"""A scan's pace: small first, bounded, and every side ordered exactly once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from ingest.domain.scan import FIRST_SLICE, SLICE, WINDOW, RenderSides, Scan, ScanChanged, State

from services.ingest.tests import paper


def _ordered(scan: Scan) -> list[RenderSides]:
    orders = [news for news in scan.news if isinstance(news, RenderSides)]
    scan.news.clear()
    return orders


def _rendering(sides: int) -> Scan:
    scan = paper.scan(state=State.INSPECTING)
    scan.open(sides)
    return scan


def test_the_first_slice_is_small_so_that_a_page_shows_at_once() -> None:
    orders = _ordered(_rendering(2500))

    assert orders[0].sides == tuple(range(1, FIRST_SLICE + 1))


def test_a_big_scan_has_one_window_of_slices_out() -> None:
    scan = _rendering(2500)

    orders = _ordered(scan)

    assert len(orders) == WINDOW
    assert scan.out <= WINDOW * SLICE


def test_a_settled_slice_makes_room_for_the_next() -> None:
    scan = _rendering(2500)
    first, *_ = _ordered(scan)

    scan.settle(rendered=len(first.sides), failed=0, copies=1)

    assert [len(order.sides) for order in _ordered(scan)] == [SLICE]


@given(st.integers(1, 700), st.randoms())
def test_each_side_is_ordered_once_however_slices_come_back(sides: int, random: object) -> None:
    scan = _rendering(sides)
    out, seen = _ordered(scan), list[int]()
    while out:
        order = out.pop(random.randrange(len(out)))  # type: ignore[attr-defined]  # hypothesis gives a Random
        seen.extend(order.sides)
        scan.settle(rendered=len(order.sides), failed=0, copies=0)
        out.extend(_ordered(scan))

    assert sorted(seen) == list(range(1, sides + 1))
    assert scan.state is State.SETTLED


def test_a_scan_settles_with_failed_sides_that_wait_for_a_decision() -> None:
    scan = _rendering(4)

    scan.settle(rendered=3, failed=1, copies=0)

    assert scan.state is State.SETTLED
    assert (scan.rendered, scan.failed, scan.pending) == (3, 1, 0)


def test_a_retried_side_opens_its_scan_again() -> None:
    scan = _rendering(4)
    scan.settle(rendered=3, failed=1, copies=0)
    _ordered(scan)

    scan.retry(2, was_set_aside=False)

    assert scan.state is State.RENDERING
    assert [order.sides for order in _ordered(scan)] == [(2,)]


def test_every_change_has_its_own_version() -> None:
    scan = paper.scan()
    scan.receive()
    scan.seal("cd" * 32, 99)
    scan.open(4)

    versions = [news.version for news in scan.news if isinstance(news, ScanChanged)]

    assert versions == [1, 2, 3]
