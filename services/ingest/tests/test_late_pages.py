"""A page that comes after its copy was validated becomes a copy of its own."""

from __future__ import annotations

from ingest.app import preparing, rendering, roster, staging
from ingest.domain.copy import Copy, Home, Placement, State
from ingest.domain.ledger import Open
from ingest.domain.side import Outcome

from services.ingest.tests import paper
from services.ingest.tests.desk import Desk

ROSTER = "Nom;Prénom\nDUPONT;Jean\n".encode()


async def _late(desk: Desk, *homes: Copy) -> Copy:
    (late,) = [copy for copy in await desk.copies() if copy.id not in [home.id for home in homes]]
    return late


async def _linked(desk: Desk, copy: Copy) -> None:
    async with desk.store() as store:
        await roster.import_roster(store, desk.exam, ROSTER, dry_run=False)
    async with desk.store() as store:
        (student,) = await store.students(desk.exam)
        await staging.link(store, desk.exam, copy.id, version=copy.version, student_id=student.id)


async def test_a_late_page_says_which_page_of_which_copy_it_would_be(desk: Desk) -> None:
    scan, ready = await desk.opened_without(3)

    await desk.retry(scan, 3)

    late = await _late(desk, ready)
    assert (late.state, [page.side for page in late.pages]) == (State.STAGED, [3])
    assert late.home == Home(ready.id, position=3, number=ready.number)
    assert [page.side for page in (await desk.copy(ready.id)).pages] == [1, 2, 4]


async def test_a_late_first_page_belongs_to_the_copy_of_the_page_after_it(desk: Desk) -> None:
    scan, ready = await desk.opened_without(1)

    await desk.retry(scan, 1)

    late = await _late(desk, ready)
    assert late.home == Home(ready.id, position=1, number=ready.number)


async def test_it_is_the_one_reason_against_a_release_until_it_is_decided(desk: Desk) -> None:
    scan, ready = await desk.opened_without(3)
    await _linked(desk, ready)
    before = (await desk.ledger()).open.reasons()

    await desk.retry(scan, 3)

    ledger = await desk.ledger()
    assert before == ()
    assert ledger.open.reasons() == (Open("COPIES_LATE", 1),)
    assert ledger.imbalance == 0


async def test_set_aside_with_a_reason_it_blocks_nothing(desk: Desk) -> None:
    scan, ready = await desk.opened_without(3)
    await _linked(desk, ready)
    await desk.retry(scan, 3)
    late = await _late(desk, ready)

    async with desk.store() as store:
        await staging.arrange(
            store,
            desk.exam,
            late.id,
            version=late.version,
            placements=[],
            set_aside={late.pages[0].id: "blank"},
        )

    ledger = await desk.ledger()
    assert ledger.open.reasons() == ()
    assert (ledger.pages_on_copies, ledger.pages_set_aside, ledger.imbalance) == (3, 1, 0)


async def test_validated_it_is_marked_as_a_copy_that_nobody_has_to_link(desk: Desk) -> None:
    scan, ready = await desk.opened_without(3)
    await _linked(desk, ready)
    await desk.retry(scan, 3)
    late = await _late(desk, ready)

    await desk.validate()
    await desk.extracted(late)

    ledger = await desk.ledger()
    assert (await desk.copy(late.id)).state is State.READY
    assert (ledger.open.reasons(), ledger.copies_ready) == ((), 2)


async def test_the_late_pages_of_a_copy_share_one(desk: Desk) -> None:
    scan, ready = await desk.opened_without(2, 4)

    await desk.retry(scan, 4, 2)

    late = await _late(desk, ready)
    assert [page.side for page in late.pages] == [2, 4]


async def test_a_page_late_for_late_pages_still_names_the_copy_that_all_belong_to(desk: Desk) -> None:
    scan, ready = await desk.opened_without(3, 4)
    await desk.retry(scan, 3)
    first = await _late(desk, ready)
    await desk.validate()

    await desk.retry(scan, 4)

    second = await _late(desk, ready, first)
    assert second.home == Home(ready.id, position=4, number=ready.number)


async def test_a_late_page_joins_the_part_that_its_neighbour_was_split_off_to(desk: Desk) -> None:
    scan = await desk.rendering(4)
    await desk.settle(scan, [*map(paper.rendered, (1, 2, 3)), Outcome(4, "SIDE_DAMAGED")])
    async with desk.store() as store:
        await rendering.set_side_aside(store, desk.exam, scan.id, 4, "torn")
    (copy,) = await desk.copies()
    async with desk.store() as store:
        _, part = await staging.split(
            store, desk.exam, copy.id, version=copy.version, before_page_id=copy.pages[2].id
        )

    await desk.retry(scan, 4)

    assert [page.side for page in (await desk.copy(part.id)).pages] == [3, 4]


async def test_a_late_page_does_not_wait_for_another_that_is_still_to_come(desk: Desk) -> None:
    scan = await desk.rendering(4)
    await desk.settle(scan, [*map(paper.rendered, (1, 4)), *(Outcome(side, "DAMAGED") for side in (2, 3))])
    for side in (2, 3):
        async with desk.store() as store:
            await rendering.set_side_aside(store, desk.exam, scan.id, side, "torn")

    await desk.retry(scan, 2, 3)

    (copy,) = await desk.copies()
    assert [page.side for page in copy.pages] == [1, 2, 3, 4]
    assert (await desk.ledger()).open.pages_waiting == 0


async def test_a_late_page_whose_copy_was_emptied_is_a_copy_to_be_linked(desk: Desk) -> None:
    scan = await desk.rendering(4)
    await desk.settle(scan, [*map(paper.rendered, (1, 2, 3)), Outcome(4, "SIDE_DAMAGED")])
    async with desk.store() as store:
        await rendering.set_side_aside(store, desk.exam, scan.id, 4, "torn")
    (copy,) = await desk.copies()
    async with desk.store() as store:
        blank = {page.id: "blank" for page in copy.pages}
        await staging.arrange(store, desk.exam, copy.id, version=copy.version, placements=[], set_aside=blank)

    await desk.retry(scan, 4)

    (late,) = await desk.copies()
    ledger = await desk.ledger()
    assert (late.home, [page.side for page in late.pages]) == (None, [4])
    assert (ledger.open.copies_unlinked, ledger.imbalance) == (1, 0)


async def test_late_pages_merged_with_a_whole_copy_are_to_be_linked_again(desk: Desk) -> None:
    scan, ready = await desk.opened_without(3)
    await desk.retry(scan, 3)
    late = await _late(desk, ready)
    other = next(copy for copy in await desk.staged(4) if copy.id not in (ready.id, late.id))

    async with desk.store() as store:
        merged = await staging.merge(
            store, desk.exam, target=(late.id, late.version), source=(other.id, other.version)
        )

    assert merged.home is None
    assert (await desk.ledger()).open.copies_unlinked == 2


async def test_arranged_late_pages_keep_their_home(desk: Desk) -> None:
    scan, ready = await desk.opened_without(3)
    await desk.retry(scan, 3)
    late = await _late(desk, ready)

    async with desk.store() as store:
        turned = [Placement(late.pages[0].id, 180)]
        await staging.arrange(
            store, desk.exam, late.id, version=late.version, placements=turned, set_aside={}
        )

    assert (await desk.copy(late.id)).home == late.home


async def test_the_ready_copy_is_not_prepared_again(desk: Desk) -> None:
    scan, ready = await desk.opened_without(3)
    await desk.retry(scan, 3)
    late = await _late(desk, ready)

    async with desk.store() as store:
        validated = await preparing.validate(store, desk.exam, [late.id])

    assert validated == 1
    assert await desk.copy(ready.id) == ready
