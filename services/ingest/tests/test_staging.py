"""The office at its desk, on a real database: nothing is lost, and races have one winner."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from ingest.app import preparing, roster, staging
from ingest.domain.copy import Copy, Placement, State
from ingest.domain.preparation import ExtractedPage
from ingest.domain.refusals import (
    CopyReadyAlready,
    CopyUnknown,
    PageOnAnotherCopy,
    StudentHasCopy,
    VersionStale,
    ZonesUndecided,
)
from ingest.domain.zones import Area, Zone
from ingest.store import Store
from kit.errors import Refusal
from korrigo.ingest.v1.ingest_events_pb2 import CopyReady, StagedCopyChanged
from korrigo.rasterizer.v1.rasterizer_work_pb2 import ExtractCopy

from services.ingest.tests.desk import Desk

ROSTER = "Nom;Prénom\nDUPONT;Jean\nDURAND;Lea\n".encode()


async def _arrange(desk: Desk, copy: Copy, pages: list[str], set_aside: dict[str, str] | None = None) -> Copy:
    async with desk.store() as store:
        return await staging.arrange(
            store,
            desk.exam,
            copy.id,
            version=copy.version,
            placements=[Placement(page, 0) for page in pages],
            set_aside=set_aside or {},
        )


async def _students(desk: Desk) -> list[str]:
    async with desk.store() as store:
        await roster.import_roster(store, desk.exam, ROSTER, dry_run=False)
    async with desk.store() as store:
        return [student.id for student in await store.students(desk.exam)]


async def _link(desk: Desk, copy: Copy, student_id: str) -> Copy:
    async with desk.store() as store:
        return await staging.link(store, desk.exam, copy.id, version=copy.version, student_id=student_id)


async def _winners(*acts: Awaitable[object]) -> list[object]:
    results = await asyncio.gather(*acts, return_exceptions=True)
    assert all(isinstance(result, Refusal) for result in results if isinstance(result, BaseException))
    return [result for result in results if not isinstance(result, BaseException)]


async def test_a_page_moves_from_one_copy_to_another_by_being_set_aside(desk: Desk) -> None:
    first, second = await desk.staged()
    moving = first.pages[-1].id

    first = await _arrange(desk, first, [page.id for page in first.pages[:-1]], {moving: "of the next"})
    second = await _arrange(desk, second, [moving, *(page.id for page in second.pages)])

    assert [page.side for page in second.pages] == [4, 5, 6, 7, 8]
    assert (await desk.ledger()).pages_set_aside == 0
    assert (first.version, second.version) == (2, 2)


async def test_a_waiting_page_is_taken_by_one_of_two_copies(desk: Desk) -> None:
    first, second, third = await desk.staged(12)
    free = third.pages[-1].id
    await _arrange(desk, third, [page.id for page in third.pages[:-1]], {free: "whose?"})

    winners = await _winners(
        _arrange(desk, first, [*(page.id for page in first.pages), free]),
        _arrange(desk, second, [*(page.id for page in second.pages), free]),
    )

    assert len(winners) == 1
    ledger = await desk.ledger()
    assert (ledger.pages_on_copies, ledger.imbalance) == (12, 0)


async def test_a_page_is_not_taken_from_another_copy(desk: Desk) -> None:
    first, second = await desk.staged()

    with pytest.raises(PageOnAnotherCopy):
        await _arrange(desk, first, [*(page.id for page in first.pages), second.pages[0].id])


async def test_two_edits_of_one_version_have_one_winner(desk: Desk) -> None:
    copy, _ = await desk.staged()
    order = [page.id for page in copy.pages]

    winners = await _winners(_arrange(desk, copy, order[::-1]), _arrange(desk, copy, order))

    assert len(winners) == 1
    with pytest.raises(VersionStale):
        await _arrange(desk, copy, order)


async def test_a_part_split_off_follows_its_copy_in_the_list(desk: Desk) -> None:
    first, second = await desk.staged()

    async with desk.store() as store:
        _, created = await staging.split(
            store, desk.exam, first.id, version=first.version, before_page_id=first.pages[2].id
        )

    assert [copy.id for copy in await desk.copies()] == [first.id, created.id, second.id]
    assert created.number == 3


async def test_copies_are_listed_page_by_page(desk: Desk) -> None:
    await desk.staged(8)
    copies = await desk.staged(8)

    listed: list[Copy] = []
    while True:
        async with desk.store() as store:
            part = await store.copies(desk.exam, listed[-1].list_place if listed else None, 3)
        if not part:
            break
        listed.extend(part)

    assert [copy.id for copy in listed] == [copy.id for copy in copies]
    assert [copy.number for copy in listed] == [1, 2, 3, 4]


async def test_a_merged_copy_leaves_the_list_and_gives_its_student(desk: Desk) -> None:
    target, source = await desk.staged()
    student, _ = await _students(desk)
    source = await _link(desk, source, student)

    async with desk.store() as store:
        merged = await staging.merge(
            store, desk.exam, target=(target.id, target.version), source=(source.id, source.version)
        )

    assert [page.side for page in merged.pages] == list(range(1, 9))
    assert (merged.student_id, merged.student_name) == (student, "DUPONT Jean")
    assert [copy.id for copy in await desk.copies()] == [target.id]
    assert (await desk.copy(source.id)).state is State.CONSUMED
    assert (await desk.ledger()).imbalance == 0


async def test_a_student_has_one_copy_even_in_a_race(desk: Desk) -> None:
    copies = await desk.staged(16)
    student, _ = await _students(desk)

    winners = await _winners(*(_link(desk, copy, student) for copy in copies))

    assert len(winners) == 1
    (loser, *_) = [copy for copy in await desk.copies() if not copy.student_id]
    with pytest.raises(StudentHasCopy):
        await _link(desk, loser, student)


async def test_unlinking_frees_the_student(desk: Desk) -> None:
    first, second = await desk.staged()
    student, _ = await _students(desk)

    first = await _link(desk, await _link(desk, first, student), "")
    second = await _link(desk, second, student)

    assert (first.student_id, second.student_id) == (None, student)
    ledger = await desk.ledger()
    assert (ledger.open.copies_unlinked, ledger.students_without_copy) == (1, 1)


async def test_copies_of_another_exam_are_unknown(desk: Desk) -> None:
    (copy, _), other = await desk.staged(), Desk(desk.database)

    acts: list[Callable[[Store], Awaitable[object]]] = [
        lambda store: store.copy(other.exam, copy.id),
        lambda store: store.lock_copies(other.exam, copy.id),
        lambda store: preparing.validate(store, other.exam, [copy.id]),
    ]
    async with other.store() as store:
        await preparing.put_zones(store, other.exam, [], none_confirmed=True)
    for act in acts:
        with pytest.raises(CopyUnknown):
            async with other.store() as store:
                await act(store)


async def test_nothing_is_validated_before_zones_are_decided(desk: Desk) -> None:
    await desk.staged()

    with pytest.raises(ZonesUndecided):
        async with desk.store() as store:
            await preparing.validate(store, desk.exam, [])


async def test_validating_orders_every_copy_with_its_zones_and_sources(desk: Desk) -> None:
    first, second = await desk.staged()
    async with desk.store() as store:
        await preparing.put_zones(store, desk.exam, [Zone(1, 0, Area(0, 0, 1, 0.3))], none_confirmed=False)

    async with desk.store() as store:
        validated = await preparing.validate(store, desk.exam, [])

    orders = {order.copy_id: order for order in await desk.told(ExtractCopy, "work.")}
    assert validated == 2
    assert orders.keys() == {first.id, second.id}
    order = orders[first.id]
    assert order.pdf_key == f"copies/{first.id}/1.pdf"
    assert [len(page.areas) for page in order.pages] == [1, 0, 0, 0]
    assert [page.image_key for page in order.pages] == [f"pages/{side}-full.jpg" for side in range(1, 5)]
    assert all(page.scan_key == f"scans/{page.sha256}.pdf" for page in order.pages)


async def test_a_prepared_copy_opens_once_with_redacted_images_under_random_keys(desk: Desk) -> None:
    copy, _ = await desk.staged()
    await desk.validate()

    await desk.extracted(copy)
    await desk.extracted(copy)

    (ready,) = await desk.told(CopyReady)
    keys = [key for page in ready.pages for key in (page.image, page.thumbnail)]
    assert len(set(keys)) == 8
    assert all(len(key) == 32 and int(key, 16) for key in keys)
    async with desk.store() as store:
        resolved = [await store.resolve(key) for key in keys]
        own = await store.resolve(copy.pages[0].image)
    assert all(found.is_redacted and found.copy_id == copy.id for found in resolved)
    assert (own.is_redacted, own.media_type) == (False, "image/jpeg")
    assert (await desk.copy(copy.id)).state is State.READY


async def test_a_page_that_was_not_painted_keeps_its_own_size(desk: Desk) -> None:
    copy, _ = await desk.staged()
    await desk.validate()

    async with desk.store() as store:
        await preparing.open_copy(
            store,
            desk.exam,
            copy.id,
            pages_version=1,
            pdf_key="copies/1.pdf",
            pages=[ExtractedPage(page.id, "pages/own.jpg", "", 0, 0) for page in copy.pages],
        )

    (ready,) = await desk.told(CopyReady)
    assert {(page.width, page.height) for page in ready.pages} == {(1653, 2339)}


async def test_an_answer_to_an_older_preparation_is_ignored(desk: Desk) -> None:
    copy, _ = await desk.staged()
    await desk.validate()
    async with desk.store() as store:
        await preparing.fail_copy(store, desk.exam, copy.id, pages_version=1, reason="DAMAGED")
    failed = await desk.copy(copy.id)
    await desk.validate()

    async with desk.store() as store:
        await preparing.fail_copy(store, desk.exam, copy.id, pages_version=1, reason="DAMAGED")

    again = await desk.copy(copy.id)
    assert (failed.state, failed.reason) == (State.FAILED, "DAMAGED")
    assert (again.state, again.pages_version) == (State.PREPARING, 2)


async def test_a_ready_copy_may_be_linked_but_not_arranged(desk: Desk) -> None:
    copy, _ = await desk.staged()
    student, _ = await _students(desk)
    await desk.validate()
    await desk.extracted(copy)
    copy = await desk.copy(copy.id)

    linked = await _link(desk, copy, student)

    assert linked.student_id == student
    with pytest.raises(CopyReadyAlready):
        await _arrange(desk, linked, [page.id for page in copy.pages])


async def test_every_change_of_a_copy_is_told_with_its_version(desk: Desk) -> None:
    copy, _ = await desk.staged()

    await _arrange(desk, copy, [page.id for page in reversed(copy.pages)])

    told = [fact.version for fact in await desk.told(StagedCopyChanged) if fact.copy_id == copy.id]
    assert told == [1, 2]


async def test_the_whole_exam_is_settled_in_the_end(desk: Desk) -> None:
    copies = await desk.staged()
    students = await _students(desk)
    for copy, student in zip(copies, students, strict=True):
        await _link(desk, copy, student)
    await desk.validate()

    for copy in copies:
        await desk.extracted(copy)

    assert (await desk.ledger()).open.reasons() == ()
