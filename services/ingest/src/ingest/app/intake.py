"""From upload to sealed scan."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from kit.blobs import BlobNotFound, Blobs
from kit.errors import NotFound

from ingest.app.ids import new_id
from ingest.domain.batch import SCANS_LIMIT, Batch, Mode, checked_name, layout
from ingest.domain.reasons import checked_reason
from ingest.domain.refusals import BatchFull, UploadInvalid
from ingest.domain.scan import REPLACED, Scan, State
from ingest.store import Store

UPLOADS = "uploads/"
CHUNKS_LIMIT = 10_000
# The chunks are gone or not all there; the file must be uploaded again.
UPLOAD_LOST = "UPLOAD_LOST"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A joined file: what it is known by, and how long it is."""

    sha256: str
    bytes: int


class UploadLost(NotFound):
    """The chunks of the upload are not all there."""


async def create_batch(
    store: Store, exam_id: str, name: str, *, mode: Mode | None, sides_per_copy: int, now: datetime
) -> Batch:
    """Open a batch that scans can be added to."""
    batch = Batch(new_id(), exam_id, checked_name(name), layout(mode, sides_per_copy), now)
    await store.add_batch(batch)
    return batch


async def add_scan(
    store: Store,
    exam_id: str,
    batch_id: str,
    *,
    file_name: str,
    upload_prefix: str,
    chunks: int,
    size: int,
    now: datetime,
    replaces: str = "",
) -> Scan:
    """Take over the chunks of a finished upload, perhaps in place of a scan that was refused."""
    if not upload_prefix.startswith(UPLOADS) or not 1 <= chunks <= CHUNKS_LIMIT or size < 1:
        raise UploadInvalid
    batch = await store.batch(exam_id, batch_id)
    if await store.scans_in(batch) >= SCANS_LIMIT:
        raise BatchFull(limit=str(SCANS_LIMIT))
    scan = Scan(
        id=new_id(),
        exam_id=exam_id,
        batch_id=batch.id,
        layout=batch.layout,
        file_name=checked_name(file_name),
        upload_prefix=upload_prefix.rstrip("/"),
        chunks=chunks,
        bytes=size,
        received_at=now,
    )
    scan.receive()
    await store.add_scan(scan)
    if replaces:
        await _replace(store, replaces, scan)
    await store.finish(exam_id)
    return scan


async def _replace(store: Store, refused_id: str, scan: Scan) -> None:
    """Settle a refused scan; one that was decided about meanwhile stays as it is."""
    refused = await store.scan(scan.exam_id, refused_id, is_locked=True)
    if refused.state is State.REFUSED:
        refused.dismiss(REPLACED, replaced_by=scan.id)
        await store.save_scan(refused)


async def dismiss(store: Store, exam_id: str, scan_id: str, reason: str) -> Scan:
    """Decide that a refused scan is not needed."""
    scan = await store.scan(exam_id, scan_id, is_locked=True)
    scan.dismiss(checked_reason(reason))
    return await _saved(store, scan)


async def restore(store: Store, exam_id: str, scan_id: str) -> Scan:
    """Take a dismissal back."""
    scan = await store.scan(exam_id, scan_id, is_locked=True)
    scan.restore()
    return await _saved(store, scan)


async def join(blobs: Blobs, scan: Scan) -> Sealed:
    """
    Join the chunks into one file beside them and hash it, in bounded memory.

    Any repeat ends with the same file; the chunks stay until the scan is sealed.
    """
    digest, size = hashlib.sha256(), 0
    try:
        async with blobs.writer(_joined(scan)) as writer:
            for number in range(scan.chunks):
                # Whole: a chunk is small, and reading it as a stream costs twenty times the CPU.
                chunk = await blobs.get(f"{scan.upload_prefix}/{number}")
                digest.update(chunk)
                size += len(chunk)
                await writer.write(chunk)
    except BlobNotFound as error:
        raise UploadLost from error
    if size != scan.bytes:
        raise UploadLost
    return Sealed(digest.hexdigest(), size)


async def claim(store: Store, scan: Scan, sealed: Sealed) -> None:
    """
    Name the file that the scan will be, before it is looked for.

    So a sweep that is about to remove the very file, because nothing named it for long, either sees the name
    or is done by the time the file is looked for.
    """
    await store.lock_file(sealed.sha256)
    scan = await store.scan(scan.exam_id, scan.id, is_locked=True)
    if scan.state is State.SEALING:
        scan.sha256 = sealed.sha256
        await store.save_scan(scan)


async def keep(blobs: Blobs, scan: Scan, sealed: Sealed) -> None:
    """Give the joined file the name that was claimed, unless it is there; another may be doing the same."""
    key = f"scans/{sealed.sha256}.pdf"
    if await blobs.exists(key):
        return
    try:
        await blobs.rename(_joined(scan), key)
    except BlobNotFound:
        if not await blobs.exists(key):
            raise


async def seal(store: Store, scan: Scan, sealed: Sealed) -> None:
    """Take the joined file as the scan, or as one that the exam already has."""
    scan = await store.scan(scan.exam_id, scan.id, is_locked=True)
    if scan.state is not State.SEALING:
        return
    original = await store.original_of(scan, sealed.sha256)
    if original:
        scan.recognise(sealed.sha256, sealed.bytes, original_id=original)
    else:
        scan.seal(sealed.sha256, sealed.bytes)
    await store.save_scan(scan)
    await store.finish(scan.exam_id)


async def refuse(store: Store, exam_id: str, scan_id: str, reason: str, *, while_in: State) -> None:
    """Give up on a scan that cannot be read, unless it already went on."""
    scan = await store.scan(exam_id, scan_id, is_locked=True)
    if scan.state is not while_in:
        return
    scan.refuse(reason)
    await store.save_scan(scan)
    await store.finish(exam_id)


async def clear(blobs: Blobs, scan: Scan) -> None:
    """Remove the chunks of a sealed scan."""
    for number in range(scan.chunks):
        await blobs.delete(f"{scan.upload_prefix}/{number}")
    await blobs.delete(_joined(scan))


async def _saved(store: Store, scan: Scan) -> Scan:
    await store.save_scan(scan)
    await store.finish(scan.exam_id)
    return scan


def _joined(scan: Scan) -> str:
    return f"{scan.upload_prefix}/sealed.pdf"
