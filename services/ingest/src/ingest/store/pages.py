"""Pages and their renditions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select, text

from ingest.domain.batch import Crop, Layout, Mode
from ingest.domain.page import Page, Rendition, Resolved
from ingest.domain.preparation import Source
from ingest.domain.refusals import RenditionUnknown
from ingest.store.rows import Rows
from ingest.store.tables import PAGES, RENDITIONS

_PLACE = text("""
UPDATE pages SET copy_id = new.copy_id, position = new.position, rotation = new.rotation,
  set_aside_reason = new.set_aside_reason
FROM unnest(CAST(:ids AS uuid[]), CAST(:copies AS uuid[]), CAST(:positions AS int[]),
  CAST(:rotations AS int[]), CAST(:reasons AS text[]))
  AS new (id, copy_id, position, rotation, set_aside_reason)
WHERE pages.id = new.id""")
_SOURCES = text("""
SELECT pages.id, pages.side, pages.rank, scans.sha256, batches.mode, batches.sides_per_copy,
  image.blob_key AS image, coalesce(thumbnail.blob_key, '') AS thumbnail
FROM pages JOIN scans ON scans.id = pages.scan_id JOIN batches ON batches.id = scans.batch_id
JOIN renditions image ON image.page_id = pages.id AND image.kind = 'image' AND NOT image.is_redacted
LEFT JOIN renditions thumbnail
  ON thumbnail.page_id = pages.id AND thumbnail.kind = 'thumbnail' AND NOT thumbnail.is_redacted
WHERE pages.copy_id = ANY(CAST(:copies AS uuid[]))""")


class Pages(Rows):
    """Pages, wherever they are, and the images made of them."""

    async def add_pages(self, pages: Sequence[Page], renditions: Sequence[Rendition]) -> None:
        """Keep new pages and their images."""
        if pages:
            await self.session.execute(insert(PAGES), [_row(page) for page in pages])
            await self.add_renditions(renditions)

    async def add_renditions(self, renditions: Sequence[Rendition]) -> None:
        """Keep images under their keys."""
        rows = [
            {
                "key": made.key,
                "page_id": made.page_id,
                "kind": made.kind,
                "blob_key": made.blob_key,
                "is_redacted": made.is_redacted,
            }
            for made in renditions
        ]
        if rows:
            await self.session.execute(insert(RENDITIONS), rows)

    async def forget_redacted(self, page_ids: Collection[str]) -> None:
        """Forget the images that an earlier preparation made for markers."""
        old = delete(RENDITIONS).where(RENDITIONS.c.page_id.in_(page_ids), RENDITIONS.c.is_redacted)
        await self.session.execute(old)

    async def place_pages(self, pages: Sequence[Page]) -> None:
        """Keep where pages are now."""
        if not pages:
            return
        values = {
            "ids": [page.id for page in pages],
            "copies": [page.copy_id for page in pages],
            "positions": [page.position for page in pages],
            "rotations": [page.rotation for page in pages],
            "reasons": [page.set_aside_reason for page in pages],
        }
        await self.session.execute(_PLACE, values)

    async def lock_waiting_pages(self, scan_id: str, sides: range) -> list[Page]:
        """List the waiting pages of some sides of a scan; nobody moves them before the transaction ends."""
        found = select(PAGES).where(
            PAGES.c.scan_id == scan_id,
            PAGES.c.side.between(sides.start, sides.stop - 1),
            PAGES.c.copy_id.is_(None),
            PAGES.c.set_aside_reason.is_(None),
        )
        ordered = found.order_by(PAGES.c.id).with_for_update()
        return [page(row) for row in await self.session.execute(ordered)]

    async def lock_pages(self, exam_id: str, page_ids: Collection[str]) -> dict[str, Page]:
        """Read pages of an exam that nobody moves before the transaction ends."""
        found = (
            select(PAGES)
            .where(PAGES.c.id.in_(page_ids), PAGES.c.exam_id == exam_id)
            .order_by(PAGES.c.id)
            .with_for_update()
        )
        return {row.id: page(row) for row in await self.session.execute(found)}

    async def sources(self, copy_ids: Collection[str]) -> dict[str, Source]:
        """Find the files behind the pages of copies, by page."""
        rows = await self.session.execute(_SOURCES, {"copies": list(copy_ids)})
        return {str(row.id): _source(row) for row in rows}

    async def resolve(self, key: str) -> Resolved:
        """Say what a rendition key means."""
        found = (
            select(RENDITIONS, PAGES.c.exam_id, PAGES.c.copy_id)
            .join(PAGES, PAGES.c.id == RENDITIONS.c.page_id)
            .where(RENDITIONS.c.key == key)
        )
        row = (await self.session.execute(found)).first()
        if row is None:
            raise RenditionUnknown
        made = Rendition(row.key, row.page_id, row.kind, row.blob_key, row.is_redacted)
        return Resolved(row.exam_id, row.copy_id or "", made.is_redacted, made.blob_key, made.media_type)

    async def pages_of(self, copy_ids: Collection[str]) -> list[Page]:
        """List the pages of copies in their order, with the images the office sees."""
        found = shown_pages().where(PAGES.c.copy_id.in_(copy_ids)).order_by(PAGES.c.copy_id, PAGES.c.position)
        return [page(row) for row in await self.session.execute(found)]

    async def plain_pages_of(self, copy_ids: Collection[str]) -> list[Page]:
        """List the pages of copies in their order, without images."""
        found = select(PAGES).where(PAGES.c.copy_id.in_(copy_ids)).order_by(PAGES.c.copy_id, PAGES.c.position)
        return [page(row) for row in await self.session.execute(found)]


def shown_pages() -> Select[Any]:
    """Select pages with the keys of the images that the office sees."""
    keys = (
        select(func.jsonb_object_agg(RENDITIONS.c.kind, RENDITIONS.c.key))
        .where(RENDITIONS.c.page_id == PAGES.c.id, ~RENDITIONS.c.is_redacted)
        .scalar_subquery()
    )
    return select(PAGES, keys.label("images"))


def page(row: Row[Any]) -> Page:
    """Read a page."""
    keys = getattr(row, "images", None) or {}
    return Page(
        id=row.id,
        exam_id=row.exam_id,
        scan_id=row.scan_id,
        side=row.side,
        crop=Crop(row.crop),
        rank=row.rank,
        is_blank=row.is_blank,
        width=row.width,
        height=row.height,
        rotation=row.rotation,
        copy_id=row.copy_id,
        position=row.position,
        set_aside_reason=row.set_aside_reason,
        image=keys.get("image", ""),
        thumbnail=keys.get("thumbnail", ""),
        preview=keys.get("preview", ""),
    )


def _source(row: Row[Any]) -> Source:
    position = Layout(Mode(row.mode), row.sides_per_copy).position(row.side, row.rank)
    return Source(row.sha256, f"scans/{row.sha256}.pdf", row.image, row.thumbnail, position)


def _row(page: Page) -> dict[str, object]:
    return {
        "id": page.id,
        "exam_id": page.exam_id,
        "scan_id": page.scan_id,
        "side": page.side,
        "crop": page.crop,
        "rank": page.rank,
        "is_blank": page.is_blank,
        "width": page.width,
        "height": page.height,
        "rotation": page.rotation,
        "copy_id": page.copy_id,
        "position": page.position,
        "set_aside_reason": page.set_aside_reason,
    }
