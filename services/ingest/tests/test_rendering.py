"""Slices become pages and copies on a real database; a repeat changes nothing."""

from __future__ import annotations

import asyncio

import pytest
from ingest.app import rendering
from ingest.domain.batch import Crop
from ingest.domain.copy import SHORT, State
from ingest.domain.ledger import OpenCounts
from ingest.domain.refusals import SideNotFailed
from ingest.domain.scan import State as ScanState
from ingest.domain.side import Outcome, Side
from korrigo.ingest.v1.ingest_events_pb2 import LedgerChanged, ScanChanged
from korrigo.rasterizer.v1.rasterizer_work_pb2 import RenderSides

from services.ingest.tests import paper
from services.ingest.tests.desk import A3, FILE, Desk, Statements


def _rendered(first: int, last: int) -> list[Outcome]:
    return [paper.rendered(side) for side in range(first, last + 1)]


async def test_the_first_sides_are_ordered_first_and_the_rest_as_slices_settle(desk: Desk) -> None:
    scan = await desk.rendering(200)

    await desk.settle(scan, _rendered(1, 4))

    ordered = [list(order.sides) for order in await desk.told(RenderSides, "work.")]
    assert ordered[0] == [1, 2, 3, 4]
    assert len(ordered) == 9
    assert [side for slice_ in ordered for side in slice_] == list(range(1, 133))


async def test_the_first_copy_is_staged_with_the_first_slice(desk: Desk) -> None:
    scan = await desk.rendering(200)

    await desk.settle(scan, _rendered(1, 4))

    (copy,) = await desk.copies()
    assert [page.side for page in copy.pages] == [1, 2, 3, 4]
    assert all(page.image and page.thumbnail and not page.preview for page in copy.pages)


async def test_a_scan_without_sides_is_refused(desk: Desk) -> None:
    scan = await desk.rendering(0)

    assert (scan.state, scan.reason) == (ScanState.REFUSED, "EMPTY")


async def test_a_copy_waits_for_a_slice_that_is_late(desk: Desk) -> None:
    scan = await desk.rendering(8)

    await desk.settle(scan, _rendered(3, 8))
    before = [[page.side for page in copy.pages] for copy in await desk.copies()]
    await desk.settle(scan, _rendered(1, 2))

    assert before == [[5, 6, 7, 8]]
    assert [[page.side for page in copy.pages] for copy in await desk.copies()] == [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
    ]


async def test_a_repeated_slice_changes_nothing(desk: Desk) -> None:
    scan = await desk.rendering(8)
    await desk.settle(scan, _rendered(1, 8))
    before = await desk.ledger(), await desk.scan(scan.id), len(await desk.told(ScanChanged))

    await desk.settle(scan, _rendered(1, 8))
    await desk.settle(scan, [Outcome(2, "DAMAGED"), Outcome(99, "DAMAGED")])

    assert (await desk.ledger(), await desk.scan(scan.id), len(await desk.told(ScanChanged))) == before


async def test_two_consumers_that_each_see_one_side_missing_lose_nothing(desk: Desk) -> None:
    scan = await desk.rendering(64)
    slices = [_rendered(first, first + 1) for first in range(1, 64, 2)]

    await asyncio.gather(
        *(desk.settle(scan, part) for part in slices), *(desk.settle(scan, part) for part in slices)
    )

    ledger = await desk.ledger()
    assert (ledger.copies, ledger.pages_on_copies, ledger.imbalance) == (16, 64, 0)
    assert (await desk.scan(scan.id)).state is ScanState.SETTLED


async def test_a_failed_side_is_one_exception_and_blocks_its_own_copy_only(desk: Desk) -> None:
    scan = await desk.rendering(8)

    await desk.settle(scan, [Outcome(2, "SIDE_DAMAGED"), *(o for o in _rendered(1, 8) if o.side != 2)])

    assert [[page.side for page in copy.pages] for copy in await desk.copies()] == [[5, 6, 7, 8]]
    ledger = await desk.ledger()
    assert ledger.open == OpenCounts(sides_failed=1, pages_waiting=3, copies_staged=1, copies_unlinked=1)
    (failed,) = await desk.exceptions(Side)
    assert (failed.number, failed.reason, failed.attempts, failed.file_name) == (
        2,
        "SIDE_DAMAGED",
        1,
        "scan.pdf",
    )


async def test_a_side_without_faces_is_a_failure(desk: Desk) -> None:
    scan = await desk.rendering(4)

    await desk.settle(scan, [*_rendered(1, 3), Outcome(4)])

    (failed,) = await desk.exceptions(Side)
    assert failed.reason == "NO_FACES"


async def test_a_retried_side_completes_its_copy(desk: Desk) -> None:
    scan = await desk.rendering(4)
    await desk.settle(scan, [*_rendered(1, 3), Outcome(4, "SIDE_DAMAGED")])

    async with desk.store() as store:
        await rendering.retry_side(store, desk.exam, scan.id, 4)
    await desk.settle(scan, _rendered(4, 4))

    (copy,) = await desk.copies()
    assert [page.side for page in copy.pages] == [1, 2, 3, 4]
    assert [list(order.sides) for order in await desk.told(RenderSides, "work.")][-1] == [4]


async def test_a_side_set_aside_leaves_a_short_copy(desk: Desk) -> None:
    scan = await desk.rendering(4)
    await desk.settle(scan, [*_rendered(1, 3), Outcome(4, "SIDE_DAMAGED")])

    async with desk.store() as store:
        await rendering.set_side_aside(store, desk.exam, scan.id, 4, "torn")

    (copy,) = await desk.copies()
    ledger = await desk.ledger()
    assert ([page.side for page in copy.pages], copy.reason) == ([1, 2, 3], SHORT)
    assert (ledger.sides_set_aside, ledger.open.pages_waiting, ledger.imbalance) == (1, 0, 0)


async def test_a_side_retried_after_it_was_set_aside_joins_at_its_natural_place(desk: Desk) -> None:
    scan = await desk.rendering(4)
    await desk.settle(scan, [Outcome(2, "SIDE_DAMAGED"), *(o for o in _rendered(1, 4) if o.side != 2)])
    async with desk.store() as store:
        await rendering.set_side_aside(store, desk.exam, scan.id, 2, "torn")
    async with desk.store() as store:
        await rendering.retry_side(store, desk.exam, scan.id, 2)

    await desk.settle(scan, _rendered(2, 2))

    (copy,) = await desk.copies()
    assert [page.side for page in copy.pages] == [1, 2, 3, 4]
    assert (await desk.ledger()).imbalance == 0


async def test_only_a_failed_side_is_set_aside(desk: Desk) -> None:
    scan = await desk.rendering(4)
    await desk.settle(scan, _rendered(1, 4))

    with pytest.raises(SideNotFailed):
        async with desk.store() as store:
            await rendering.set_side_aside(store, desk.exam, scan.id, 4, "torn")


async def test_a_file_per_copy_is_made_when_all_of_it_is_settled(desk: Desk) -> None:
    scan = await desk.rendering(20, FILE)
    await desk.settle(scan, _rendered(5, 20))
    before = await desk.copies()

    await desk.settle(scan, _rendered(1, 4))

    (copy,) = await desk.copies()
    assert before == []
    assert [page.side for page in copy.pages] == list(range(1, 21))


async def test_copies_are_numbered_in_the_order_of_the_pile_whatever_comes_first(desk: Desk) -> None:
    scan, next_scan = await desk.rendering(12), await desk.rendering(4)

    await desk.settle(scan, _rendered(9, 12))
    await desk.settle(next_scan, _rendered(1, 4))
    await desk.settle(scan, _rendered(1, 8))

    assert [copy.number for copy in await desk.copies()] == [1, 2, 3, 4]


async def test_a3_booklets_come_in_reading_order(desk: Desk) -> None:
    scan = await desk.rendering(4, A3)

    await desk.settle(scan, [paper.rendered(side, (Crop.LEFT, Crop.RIGHT)) for side in range(1, 5)])

    (copy,) = await desk.copies()
    sides = [(page.side, page.crop) for page in copy.pages]
    assert sides[:4] == [(1, Crop.RIGHT), (2, Crop.LEFT), (2, Crop.RIGHT), (1, Crop.LEFT)]
    assert copy.state is State.STAGED


async def test_a_500_side_scan_takes_few_statements_a_slice_and_balances(desk: Desk) -> None:
    scan = await desk.rendering(500)
    numbers = list(range(1, 501))
    slices = [numbers[:4], *(numbers[i : i + 16] for i in range(4, 500, 16))]

    with Statements().of(desk.database) as statements:
        for part in slices:
            await desk.settle(scan, _rendered(part[0], part[-1]))

    ledger = await desk.ledger()
    assert len(statements.seen) / len(slices) <= 18
    assert (ledger.sides_rendered, ledger.pages_on_copies, ledger.copies) == (500, 500, 125)
    assert ledger.imbalance == 0


async def test_the_ledger_is_told_once_for_each_transaction_that_changes_what_is_open(desk: Desk) -> None:
    scan = await desk.rendering(8)
    before = len(await desk.told(LedgerChanged))

    await desk.settle(scan, _rendered(1, 4))
    await desk.settle(scan, _rendered(1, 4))

    told = await desk.told(LedgerChanged)
    assert len(told) == before + 1
    assert {kind.reason: kind.count for kind in told[-1].open} == {
        "SCANS_OPEN": 1,
        "COPIES_STAGED": 1,
        "COPIES_UNLINKED": 1,
    }
    assert told[-1].version == (await desk.ledger()).version
