"""Lost work is ordered again, and only files that nothing names are removed."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import Any

import pytest
from ingest import metrics, watch
from ingest.app import intake
from ingest.app.intake import Sealed
from ingest.domain.scan import Scan, State
from ingest.store import Store
from kit.blobs import Blobs
from korrigo.ingest.v1.ingest_events_pb2 import FaultRaised, ScanReceived
from korrigo.rasterizer.v1.rasterizer_work_pb2 import ExtractCopy, InspectScan, RenderSides
from sqlalchemy import text

from services.ingest.tests import paper
from services.ingest.tests.desk import Desk

NOW = timedelta()
DAY, WEEK = timedelta(days=1), timedelta(days=7)
CONTENT = b"%PDF-1.7 once more"


async def test_work_that_is_lost_is_ordered_again(desk: Desk) -> None:
    await desk.upload()
    inspecting = await desk.upload()
    async with desk.store() as store:
        await intake.seal(store, inspecting, Sealed("cd" * 32, 10))
    scan = await desk.rendering(30)
    await desk.settle(scan, [paper.rendered(side) for side in range(1, 5)])
    await desk.validate()

    again = await watch.order_again(desk.database, longer_than=NOW)

    assert again == 4
    assert len(await desk.told(ScanReceived)) == 4
    assert len(await desk.told(InspectScan, "work.")) == 3
    repeated = [list(order.sides) for order in await desk.told(RenderSides, "work.")][3:]
    assert [side for sides in repeated for side in sides] == list(range(5, 31))
    first, second = await desk.told(ExtractCopy, "work.")
    assert first == second


async def test_work_that_is_merely_under_way_is_left_alone(desk: Desk) -> None:
    await desk.rendering(30)

    assert await watch.order_again(desk.database, longer_than=DAY) == 0


async def test_only_files_that_nothing_has_named_for_long_are_removed(desk: Desk, blobs: Blobs) -> None:
    kept = await _named_files(desk, blobs)
    orphans = [
        "pages/old.jpg",
        "scans/" + "ef" * 32 + ".pdf",
        "exports/1.csv",
        "copies/1/1.pdf",
    ]
    for key in [*orphans, "results/1/1.pdf", "frozen/1/1.json"]:
        await blobs.put(key, b"x")

    fresh = await _remove_orphans(desk, blobs, is_dry=False)
    await _age(desk)
    dry = await _remove_orphans(desk, blobs, is_dry=True)
    before = await _keys(blobs)
    removed = await _remove_orphans(desk, blobs, is_dry=False)

    assert (fresh, sorted(dry), sorted(removed)) == ([], sorted(orphans), sorted(orphans))
    assert set(orphans) <= before
    assert await _keys(blobs) == {*kept, "results/1/1.pdf", "frozen/1/1.json"}


async def test_chunks_are_kept_for_as_long_as_an_upload_may_rest(desk: Desk, blobs: Blobs) -> None:
    await blobs.put("uploads/given-up/0", b"x")
    await _remove_orphans(desk, blobs, is_dry=False)
    await _age(desk)
    after_two_days = await _remove_orphans(desk, blobs, is_dry=False)
    for _ in range(3):
        await _age(desk)

    assert after_two_days == []
    assert await _remove_orphans(desk, blobs, is_dry=False) == ["uploads/given-up/0"]


async def test_a_file_that_is_named_again_is_kept(desk: Desk, blobs: Blobs) -> None:
    scan = await desk.upload()
    await blobs.put(f"scans/{'ab' * 32}.pdf", b"x")
    await _remove_orphans(desk, blobs, is_dry=False)
    await _age(desk)
    async with desk.store() as store:
        await intake.seal(store, scan, Sealed("ab" * 32, 10))

    assert await _remove_orphans(desk, blobs, is_dry=False) == []


async def test_a_file_that_is_sealed_again_after_a_sweep_looked_is_kept(
    desk: Desk, blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await _orphaned_scan(desk, blobs)
    look = Store.unnamed_for

    async def look_and_be_late(store: Store, *ages: Any, **more: Any) -> list[str]:
        found = await look(store, *ages, **more)
        await _sealed_again(desk, blobs)
        return found

    monkeypatch.setattr(Store, "unnamed_for", look_and_be_late)

    assert await _remove_orphans(desk, blobs, is_dry=False) == []
    assert await blobs.get(key) == CONTENT


async def test_a_file_that_is_sealed_again_while_a_sweep_removes_it_is_written_anew(
    desk: Desk, blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await _orphaned_scan(desk, blobs)
    remove, sealing = Blobs.delete, list[asyncio.Task[Scan]]()

    async def remove_slowly(store: Blobs, name: str) -> None:
        if name == key:
            sealing.append(asyncio.create_task(_sealed_again(desk, blobs)))
            await _until_one_waits(desk)
        await remove(store, name)

    monkeypatch.setattr(Blobs, "delete", remove_slowly)

    assert await _remove_orphans(desk, blobs, is_dry=False) == [key]
    (scan,) = await asyncio.gather(*sealing)
    assert scan.state is State.INSPECTING
    assert await blobs.get(key) == CONTENT


async def test_a_file_that_an_operator_names_goes_at_once_unless_something_else_names_it(
    desk: Desk, blobs: Blobs
) -> None:
    named, orphan = await _named_files(desk, blobs), f"scans/{'ef' * 32}.pdf"
    await blobs.put(orphan, CONTENT)
    keys = (named[0], orphan)

    tried = [await watch.remove_now(desk.database, blobs, key, is_dry=True) for key in keys]
    before = await _keys(blobs)
    removed = [await watch.remove_now(desk.database, blobs, key, is_dry=False) for key in keys]

    assert tried == removed == [[], [orphan]]
    assert before - await _keys(blobs) == {orphan}


async def test_images_of_work_under_way_are_left_alone(desk: Desk, blobs: Blobs) -> None:
    scan = await desk.rendering(4)
    preparing, _ = await desk.staged()
    await desk.validate()
    made = [
        f"pages/{scan.sha256}/r1/1-full.jpg",
        f"pages/{(await desk.scan(preparing.scan_id)).sha256}/r1/redacted-1.jpg",
    ]
    for key in [*made, f"pages/{'ef' * 32}/r1/1-full.jpg"]:
        await blobs.put(key, b"x")
    await _remove_orphans(desk, blobs, is_dry=False)
    await _age(desk)

    removed = await _remove_orphans(desk, blobs, is_dry=False)

    assert removed == [f"pages/{'ef' * 32}/r1/1-full.jpg"]


async def _orphaned_scan(desk: Desk, blobs: Blobs) -> str:
    """Leave a file that nothing has named for long; gives its key."""
    key = f"scans/{hashlib.sha256(CONTENT).hexdigest()}.pdf"
    await blobs.put(key, CONTENT)
    await _remove_orphans(desk, blobs, is_dry=False)
    await _age(desk)
    return key


async def _sealed_again(desk: Desk, blobs: Blobs) -> Scan:
    """Upload the same file once more, and seal it as the consumer does."""
    scan = await desk.upload(size=len(CONTENT))
    await blobs.put(f"{scan.upload_prefix}/0", CONTENT)
    sealed = await intake.join(blobs, scan)
    async with desk.store() as store:
        await intake.claim(store, scan, sealed)
    await intake.keep(blobs, scan, sealed)
    async with desk.store() as store:
        await intake.seal(store, scan, sealed)
    return await desk.scan(scan.id)


async def _until_one_waits(desk: Desk) -> None:
    """Wait until a transaction waits for the lock of a file."""
    async with asyncio.timeout(5):
        while True:
            async with desk.database.transaction() as session:
                if await session.scalar(_WAITING):
                    return
            await asyncio.sleep(0.01)


_WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


async def test_the_census_finds_a_side_that_is_nowhere(desk: Desk) -> None:
    await desk.staged()
    census = watch.Census(desk.database)
    await census.count()
    before = metrics.IMBALANCE._value.get()
    async with desk.database.transaction() as session:
        await session.execute(text("DELETE FROM renditions"))
        await session.execute(text("DELETE FROM pages WHERE side = 1"))

    await census.count()

    assert (before, metrics.IMBALANCE._value.get()) == (0, 1)


async def test_an_imbalance_is_told_once_and_again_when_it_grows(desk: Desk) -> None:
    await desk.staged()
    census = watch.Census(desk.database)
    told = []
    for broken in (
        "DELETE FROM renditions",
        "DELETE FROM pages WHERE side = 1",
        "DELETE FROM pages WHERE side = 2",
    ):
        async with desk.database.transaction() as session:
            await session.execute(text(broken))
        for _ in range(2):
            await census.count()
        told.append(await _faults(desk))

    assert told == [0, 1, 2]


async def test_the_end_of_an_imbalance_is_told(desk: Desk) -> None:
    await desk.staged()
    census = watch.Census(desk.database)
    async with desk.database.transaction() as session:
        await session.execute(text("CREATE TABLE kept AS SELECT * FROM pages WHERE side = 1"))
        await session.execute(text("DELETE FROM renditions"))
        await session.execute(text("DELETE FROM pages WHERE side = 1"))
    await census.count()
    async with desk.database.transaction() as session:
        await session.execute(text("INSERT INTO pages SELECT * FROM kept"))
    await census.count()

    assert [fault.is_over for fault in await desk.told(FaultRaised)] == [False, True]


async def _faults(desk: Desk) -> int:
    query = text("SELECT count(*) FROM outbox WHERE subject = 'korrigo.ingest.v1.FaultRaised'")
    async with desk.database.transaction() as session:
        return int(await session.scalar(query))


async def _remove_orphans(desk: Desk, blobs: Blobs, *, is_dry: bool) -> list[str]:
    return await watch.remove_orphans(desk.database, blobs, age=DAY, upload_age=WEEK, is_dry=is_dry)


async def _named_files(desk: Desk, blobs: Blobs) -> list[str]:
    copy, _ = await desk.staged()
    await desk.validate()
    await desk.extracted(copy)
    uploading = await desk.upload()
    scan = await desk.scan(copy.scan_id)
    copy = await desk.copy(copy.id)
    own = [f"pages/{page.side}-full.jpg" for page in copy.pages]
    redacted = [f"pages/red-{page.id}.jpg" for page in copy.pages]
    kept = [scan.key, copy.pdf_key, f"{uploading.upload_prefix}/0", *own, *redacted]
    for key in kept:
        await blobs.put(key, b"x")
    return kept


async def _age(desk: Desk) -> None:
    async with desk.database.transaction() as session:
        await session.execute(text("UPDATE orphans SET seen_at = seen_at - interval '2 days'"))


async def _keys(blobs: Blobs) -> set[str]:
    return {key async for key, _ in blobs.list("")}
