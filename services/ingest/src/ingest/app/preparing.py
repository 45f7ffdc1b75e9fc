"""Validated copies are redacted and extracted, then open for marking."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.app.ids import new_id
from ingest.domain.copy import Copy, State
from ingest.domain.page import Page, Rendition
from ingest.domain.preparation import ExtractedPage, ReadyPage
from ingest.domain.zones import Zone, Zones
from ingest.store import Store


async def put_zones(store: Store, exam_id: str, zones: Sequence[Zone], *, none_confirmed: bool) -> Zones:
    """Decide what shows the writer, for copies that are validated from now on."""
    known = await store.zones(exam_id, is_locked=True)
    decided = known.replaced(zones, none_confirmed=none_confirmed)
    await store.save_zones(decided)
    return decided


async def validate(store: Store, exam_id: str, copy_ids: Sequence[str]) -> int:
    """Prepare copies for marking, by default all that are staged or failed."""
    zones = (await store.zones(exam_id, is_locked=True)).decided()
    if copy_ids:
        copies = await store.lock_copies(exam_id, *dict.fromkeys(copy_ids))
    else:
        copies = await store.lock_arrangeable(exam_id)
    sources = await store.sources([copy.id for copy in copies])
    for copy in copies:
        copy.prepare(zones, sources)
    await store.save_copies(*copies)
    await store.finish(exam_id)
    return len(copies)


async def open_copy(
    store: Store,
    exam_id: str,
    copy_id: str,
    *,
    pages_version: int,
    pdf_key: str,
    pages: Sequence[ExtractedPage],
) -> float | None:
    """Open a prepared copy under fresh image keys; tell how many seconds its preparation took."""
    copy = await _preparing(store, exam_id, copy_id, pages_version)
    if copy is None:
        return None
    seconds = await store.unchanged_for(copy_id)
    made = [_redacted(page) for page in pages]
    await store.forget_redacted([page.page_id for page in pages])
    await store.add_renditions([rendition for images in made for rendition in images.values()])
    own = {page.id: page for page in copy.pages}
    ready = [_ready(page, images, own[page.page_id]) for page, images in zip(pages, made, strict=True)]
    copy.open(pdf_key, ready)
    await store.save_copies(copy)
    await store.finish(exam_id)
    return seconds


async def fail_copy(store: Store, exam_id: str, copy_id: str, *, pages_version: int, reason: str) -> None:
    """Remember why a copy could not be prepared."""
    copy = await _preparing(store, exam_id, copy_id, pages_version)
    if copy is None:
        return
    copy.fail(reason)
    await store.save_copies(copy)
    await store.finish(exam_id)


async def _preparing(store: Store, exam_id: str, copy_id: str, pages_version: int) -> Copy | None:
    """Read a copy that still waits for this preparation."""
    (copy,) = await store.lock_copies(exam_id, copy_id)
    is_awaited = copy.state is State.PREPARING and copy.pages_version == pages_version
    return copy if is_awaited else None


def _redacted(page: ExtractedPage) -> dict[str, Rendition]:
    files = {"image": page.image_key, "thumbnail": page.thumbnail_key}
    return {
        kind: Rendition.of(page.page_id, kind, key, new_id, is_redacted=True)
        for kind, key in files.items()
        if key
    }


def _ready(page: ExtractedPage, images: dict[str, Rendition], own: Page) -> ReadyPage:
    """Describe a page to grading; one that was neither painted nor turned has its own size."""
    thumbnail = images["thumbnail"].key if "thumbnail" in images else ""
    width, height = page.width or own.width, page.height or own.height
    return ReadyPage(page.page_id, images["image"].key, thumbnail, width, height)
