"""From counted sides to pages on copies."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ingest.app.ids import new_id
from ingest.domain.assembly import assemble, settle_late
from ingest.domain.copy import Copy
from ingest.domain.page import Page, Rendition
from ingest.domain.scan import Scan
from ingest.domain.scan import State as ScanState
from ingest.domain.side import Outcome, Side, State, pages_of
from ingest.store import Store

# A file without sides would never settle.
EMPTY = "EMPTY"


async def open_scan(store: Store, exam_id: str, scan_id: str, sides: int) -> None:
    """Open the ledger of a scan and order its first slices."""
    scan = await store.scan(exam_id, scan_id, is_locked=True)
    if scan.state is not ScanState.INSPECTING:
        return
    if sides < 1:
        scan.refuse(EMPTY)
    else:
        scan.open(sides)
        await store.open_sides(scan)
    await store.save_scan(scan)
    await store.finish(exam_id)


async def settle_slice(store: Store, exam_id: str, scan_id: str, outcomes: Sequence[Outcome]) -> Scan | None:
    """
    Take what became of a slice: pages, failed sides, and the copies that are complete by it.

    Sides that are already settled are left alone; None if all were.
    """
    scan = await store.scan(exam_id, scan_id, is_locked=True)
    sides = await store.sides(scan.id, [outcome.side for outcome in outcomes])
    fresh = _settle(sides, outcomes)
    if not fresh:
        return None
    await store.save_sides(scan, [side for side, _ in fresh])
    made = [pair for _, outcome in fresh for pair in pages_of(scan, outcome, new_id)]
    copies = await _assemble(store, scan, [side.number for side, _ in fresh], [page for page, _ in made])
    await store.add_pages(*_apart(made))
    failed = sum(side.state is State.FAILED for side, _ in fresh)
    scan.settle(rendered=len(fresh) - failed, failed=failed, copies=copies)
    await store.save_scan(scan)
    await store.finish(exam_id)
    return scan


async def retry_side(store: Store, exam_id: str, scan_id: str, number: int) -> Scan:
    """Order a failed side again."""
    scan = await store.scan(exam_id, scan_id, is_locked=True)
    side = await store.side(scan, number)
    was_set_aside = side.state is State.SET_ASIDE
    side.retry()
    scan.retry(number, was_set_aside=was_set_aside)
    await store.save_sides(scan, [side])
    await store.save_scan(scan)
    await store.finish(exam_id)
    return scan


async def set_side_aside(store: Store, exam_id: str, scan_id: str, number: int, reason: str) -> Scan:
    """Decide that a failed side has no page; its copy may be complete by that."""
    scan = await store.scan(exam_id, scan_id, is_locked=True)
    side = await store.side(scan, number)
    side.set_aside(reason)
    await store.save_sides(scan, [side])
    scan.set_side_aside(copies=await _assemble(store, scan, [number], []))
    await store.save_scan(scan)
    await store.finish(exam_id)
    return scan


def _settle(sides: dict[int, Side], outcomes: Iterable[Outcome]) -> list[tuple[Side, Outcome]]:
    fresh = []
    for outcome in outcomes:
        side = sides.get(outcome.side)
        if side and side.state is State.PENDING:
            side.settle(outcome)
            fresh.append((side, outcome))
    return fresh


async def _assemble(store: Store, scan: Scan, numbers: Collection[int], fresh: Sequence[Page]) -> int:
    """Put pages on the copies that are complete now; give back how many were made."""
    complete, made = await store.complete_groups(scan, numbers)
    await _settle_late(store, scan, made, fresh)
    if not complete:
        return 0
    first, last = (
        scan.layout.sides_of(min(complete), scan.sides),
        scan.layout.sides_of(max(complete), scan.sides),
    )
    earlier = await store.lock_waiting_pages(scan.id, range(first.start, last.stop))
    copies = assemble(scan, [*earlier, *fresh], complete, new_id)
    if copies:
        await _add(store, scan, copies)
        await store.place_pages([page for page in earlier if page.copy_id])
    return len(copies)


async def _add(store: Store, scan: Scan, copies: Sequence[Copy]) -> None:
    first = await store.first_number(scan)
    for copy in copies:
        assert copy.group is not None
        copy.number = first + copy.group
    await store.add_copies(copies)


async def _settle_late(store: Store, scan: Scan, groups: Collection[int], fresh: Iterable[Page]) -> None:
    """Let late pages join their copies while those can be arranged; else they become copies of their own."""
    late = sorted((page for page in fresh if scan.layout.group(page.side) in groups), key=lambda it: it.rank)
    if not late:
        return
    copies = await store.lock_copies_with(scan, groups)
    present = [page for copy in copies for page in copy.pages]
    known = len(copies)
    for page in late:
        settle_late(scan, page, copies, new_id)
    await store.place_pages(present)
    await store.save_copies(*copies[:known])
    if made := copies[known:]:
        for copy, number in zip(made, await store.numbers(scan.exam_id, len(made)), strict=True):
            copy.number = number
        await store.add_copies(made)


def _apart(made: Sequence[tuple[Page, list[Rendition]]]) -> tuple[list[Page], list[Rendition]]:
    return [page for page, _ in made], [rendition for _, images in made for rendition in images]
