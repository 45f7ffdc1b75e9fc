"""Uploads become scans that are known by their hash, whatever is repeated or lost on the way."""

from __future__ import annotations

import asyncio
import hashlib

import pytest
from ingest.app import intake
from ingest.app.intake import Sealed, UploadLost
from ingest.domain.ledger import Open
from ingest.domain.refusals import BatchUnknown, ReasonMissing, ScanUnknown, UploadInvalid
from ingest.domain.scan import REPLACED, Scan, State
from ingest.store import Store
from kit.blobs import Blobs
from korrigo.ingest.v1.ingest_events_pb2 import LedgerChanged, ScanReceived
from korrigo.rasterizer.v1.rasterizer_work_pb2 import InspectScan

from services.ingest.tests import paper
from services.ingest.tests.desk import Desk

CHUNKS = (b"%PDF-1.7 first ", b"second")
WHOLE = b"".join(CHUNKS)
SHA256 = hashlib.sha256(WHOLE).hexdigest()


async def _uploaded(desk: Desk, blobs: Blobs) -> Scan:
    scan = await desk.upload(chunks=len(CHUNKS), size=len(WHOLE))
    for number, chunk in enumerate(CHUNKS):
        await blobs.put(f"{scan.upload_prefix}/{number}", chunk)
    return scan


async def _kept(desk: Desk, blobs: Blobs, scan: Scan, sealed: Sealed) -> Scan:
    """Go on with a joined file as the consumer does."""
    async with desk.store() as store:
        await intake.claim(store, scan, sealed)
    await intake.keep(blobs, scan, sealed)
    return await _seal(desk, scan, sealed)


async def _seal(desk: Desk, scan: Scan, sealed: Sealed) -> Scan:
    async with desk.store() as store:
        await intake.seal(store, scan, sealed)
    return await desk.scan(scan.id)


async def test_chunks_are_joined_into_the_file_that_its_hash_names(desk: Desk, blobs: Blobs) -> None:
    scan = await _uploaded(desk, blobs)

    sealed = await intake.join(blobs, scan)
    scan = await _kept(desk, blobs, scan, sealed)

    assert sealed == Sealed(SHA256, len(WHOLE))
    assert await blobs.get(scan.key) == WHOLE
    assert scan.state is State.INSPECTING
    (order,) = await desk.told(InspectScan, "work.")
    assert (order.sha256, order.scan_key) == (SHA256, f"scans/{SHA256}.pdf")


async def test_joining_again_ends_with_the_same_file(desk: Desk, blobs: Blobs) -> None:
    scan = await _uploaded(desk, blobs)

    once, twice = await intake.join(blobs, scan), await intake.join(blobs, scan)
    for sealed in (once, twice):
        await intake.keep(blobs, scan, sealed)

    assert once == twice
    assert await blobs.get(f"scans/{SHA256}.pdf") == WHOLE


async def test_sealing_again_changes_nothing(desk: Desk, blobs: Blobs) -> None:
    scan = await _uploaded(desk, blobs)
    sealed = await intake.join(blobs, scan)
    first = await _seal(desk, scan, sealed)

    second = await _seal(desk, scan, sealed)

    assert first == second
    assert len(await desk.told(InspectScan, "work.")) == 1


async def test_sealed_chunks_are_removed_and_the_file_stays(desk: Desk, blobs: Blobs) -> None:
    scan = await _uploaded(desk, blobs)
    await intake.keep(blobs, scan, await intake.join(blobs, scan))

    await intake.clear(blobs, scan)

    assert [key async for key, _ in blobs.list("uploads/")] == []
    assert await blobs.exists(f"scans/{SHA256}.pdf")


async def test_the_same_file_again_is_recognised(desk: Desk, blobs: Blobs) -> None:
    original = await _seal(desk, await _uploaded(desk, blobs), Sealed(SHA256, len(WHOLE)))

    again = await _seal(desk, await _uploaded(desk, blobs), Sealed(SHA256, len(WHOLE)))

    assert (again.state, again.duplicate_of) == (State.DUPLICATE, original.id)
    assert (await desk.ledger()).open.scans_open == 1


async def test_the_same_file_sealed_twice_at_once_is_one_original(desk: Desk, blobs: Blobs) -> None:
    scans = [await _uploaded(desk, blobs) for _ in range(4)]

    sealed = await asyncio.gather(*(_seal(desk, scan, Sealed(SHA256, len(WHOLE))) for scan in scans))

    assert sorted(scan.state for scan in sealed) == [*[State.DUPLICATE] * 3, State.INSPECTING]


async def test_the_same_file_in_another_exam_is_its_own_scan(desk: Desk, blobs: Blobs) -> None:
    other = Desk(desk.database)
    await _seal(desk, await _uploaded(desk, blobs), Sealed(SHA256, len(WHOLE)))

    scan = await _seal(other, await _uploaded(other, blobs), Sealed(SHA256, len(WHOLE)))

    assert scan.state is State.INSPECTING


@pytest.mark.parametrize("lost", [0, 1])
async def test_an_upload_with_a_lost_chunk_is_not_joined(desk: Desk, blobs: Blobs, lost: int) -> None:
    scan = await _uploaded(desk, blobs)
    await blobs.delete(f"{scan.upload_prefix}/{lost}")

    with pytest.raises(UploadLost):
        await intake.join(blobs, scan)
    assert [key async for key, _ in blobs.list("scans/")] == []


async def test_an_upload_of_another_length_is_not_joined(desk: Desk, blobs: Blobs) -> None:
    scan = await _uploaded(desk, blobs)
    await blobs.put(f"{scan.upload_prefix}/1", b"short")

    with pytest.raises(UploadLost):
        await intake.join(blobs, scan)


async def _refused(desk: Desk) -> Scan:
    scan = await desk.upload()
    async with desk.store() as store:
        await intake.refuse(store, desk.exam, scan.id, "ENCRYPTED", while_in=State.SEALING)
    return await desk.scan(scan.id)


async def test_a_refused_scan_waits_for_a_decision(desk: Desk) -> None:
    scan = await _refused(desk)

    assert scan.reason == "ENCRYPTED"
    assert (await desk.ledger()).open.reasons() == (Open("SCANS_REFUSED", 1),)


async def test_a_dismissed_scan_stays_listed_and_holds_up_nothing(desk: Desk) -> None:
    scan = await _refused(desk)

    async with desk.store() as store:
        await intake.dismiss(store, desk.exam, scan.id, " a letter of the printer ")

    dismissed = await desk.scan(scan.id)
    assert (dismissed.state, dismissed.dismissal) == (State.DISMISSED, "a letter of the printer")
    assert dismissed.reason == "ENCRYPTED"
    assert (await desk.ledger()).open.reasons() == ()


async def test_a_dismissal_says_why(desk: Desk) -> None:
    scan = await _refused(desk)

    with pytest.raises(ReasonMissing):
        async with desk.store() as store:
            await intake.dismiss(store, desk.exam, scan.id, " ")


async def test_a_dismissal_that_is_taken_back_waits_for_a_decision_again(desk: Desk) -> None:
    scan = await _refused(desk)
    async with desk.store() as store:
        await intake.dismiss(store, desk.exam, scan.id, "not needed")

    async with desk.store() as store:
        restored = await intake.restore(store, desk.exam, scan.id)

    assert (restored.state, restored.reason, restored.dismissal) == (State.REFUSED, "ENCRYPTED", "")
    assert (await desk.ledger()).open.scans_refused == 1


async def test_a_scan_that_replaces_a_refused_one_settles_it(desk: Desk) -> None:
    refused = await _refused(desk)

    async with desk.store() as store:
        made = await _add(store, desk.exam, refused.batch_id, "uploads/2", replaces=refused.id)

    settled = await desk.scan(refused.id)
    assert (settled.state, settled.dismissal, settled.replaced_by) == (State.DISMISSED, REPLACED, made.id)
    assert (await desk.ledger()).open.reasons() == (Open("SCANS_OPEN", 1),)


async def test_a_scan_replaces_nothing_that_is_not_refused(desk: Desk) -> None:
    honest = await desk.rendering(4)

    async with desk.store() as store:
        await _add(store, desk.exam, honest.batch_id, "uploads/2", replaces=honest.id)

    assert (await desk.scan(honest.id)).state is State.RENDERING


async def test_a_scan_that_went_on_is_not_refused_by_a_late_voice(desk: Desk) -> None:
    scan = await desk.rendering(4)

    async with desk.store() as store:
        await intake.refuse(store, desk.exam, scan.id, "ENCRYPTED", while_in=State.INSPECTING)

    assert (await desk.scan(scan.id)).state is State.RENDERING


async def test_a_refused_file_may_be_uploaded_again(desk: Desk, blobs: Blobs) -> None:
    first = await _seal(desk, await _uploaded(desk, blobs), Sealed(SHA256, len(WHOLE)))
    async with desk.store() as store:
        await intake.refuse(store, desk.exam, first.id, "TOO_COSTLY", while_in=State.INSPECTING)

    again = await _seal(desk, await _uploaded(desk, blobs), Sealed(SHA256, len(WHOLE)))

    assert again.state is State.INSPECTING


async def test_an_upload_is_announced_and_counted_as_open(desk: Desk) -> None:
    scan = await desk.upload()

    assert [fact.scan_id for fact in await desk.told(ScanReceived)] == [scan.id]
    (told,) = await desk.told(LedgerChanged)
    assert [(kind.reason, kind.count) for kind in told.open] == [("SCANS_OPEN", 1)]


async def test_uploads_belong_to_a_batch_of_the_exam(desk: Desk) -> None:
    scan = await desk.upload()
    other = Desk(desk.database)

    with pytest.raises(BatchUnknown):
        async with other.store() as store:
            await _add(store, other.exam, scan.batch_id, "uploads/1")
    with pytest.raises(ScanUnknown):
        async with other.store() as store:
            await store.scan(other.exam, scan.id)
    with pytest.raises(UploadInvalid):
        async with desk.store() as store:
            await _add(store, desk.exam, scan.batch_id, "scans/1")


async def _add(store: Store, exam_id: str, batch_id: str, prefix: str, *, replaces: str = "") -> Scan:
    return await intake.add_scan(
        store,
        exam_id,
        batch_id,
        file_name="a.pdf",
        upload_prefix=prefix,
        chunks=1,
        size=1,
        now=paper.NOON,
        replaces=replaces,
    )
