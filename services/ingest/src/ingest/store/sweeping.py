"""Which files of the store no row names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import text

from ingest.store.rows import Rows

# What a file is named by decides who may miss it. Images are made, or found there already, before a row names
# them: those of a scan or copy that is being worked on are left alone.
_UNNAMED = text("""
SELECT file FROM unnest(CAST(:keys AS text[])) AS found (file)
WHERE NOT CASE split_part(file, '/', 1)
  WHEN 'uploads' THEN EXISTS (SELECT FROM scans
    WHERE scans.state = 'sealing' AND starts_with(file, scans.upload_prefix || '/'))
  WHEN 'scans' THEN EXISTS (SELECT FROM scans
    WHERE scans.sha256 = split_part(split_part(file, '/', 2), '.', 1))
  WHEN 'pages' THEN EXISTS (SELECT FROM renditions WHERE renditions.blob_key = file)
    OR EXISTS (SELECT FROM scans WHERE scans.sha256 = split_part(file, '/', 2)
      AND scans.state IN ('sealing', 'inspecting', 'rendering'))
    OR EXISTS (SELECT FROM scans JOIN pages ON pages.scan_id = scans.id
      JOIN copies ON copies.id = pages.copy_id AND copies.state = 'preparing'
      WHERE scans.sha256 = split_part(file, '/', 2))
  WHEN 'copies' THEN EXISTS (SELECT FROM copies
    WHERE file = 'copies/' || copies.id || '/' || copies.pages_version || '.pdf')
  WHEN 'exports' THEN EXISTS (SELECT FROM exports WHERE file = 'exports/' || exports.id || '.csv')
  ELSE true END""")
_REMEMBER = text("""
INSERT INTO orphans (key) SELECT unnest(CAST(:keys AS text[])) ON CONFLICT DO NOTHING""")
_FORGET = text(
    "DELETE FROM orphans WHERE key = ANY(CAST(:keys AS text[])) AND NOT key = ANY(CAST(:unnamed AS text[]))"
)
_OLD = text(
    "SELECT key FROM orphans WHERE seen_at < now() - CASE WHEN starts_with(key, 'uploads/') "
    "THEN CAST(:upload_age AS interval) ELSE CAST(:age AS interval) END ORDER BY key LIMIT :limit"
)
_REMOVED = text("DELETE FROM orphans WHERE key = ANY(CAST(:keys AS text[]))")


class Sweeping(Rows):
    """Files that nothing names, and since when."""

    async def note_unnamed(self, keys: Sequence[str]) -> list[str]:
        """Remember which of these files nothing names; those named again are forgotten."""
        unnamed = list((await self.session.execute(_UNNAMED, {"keys": list(keys)})).scalars())
        await self.session.execute(_FORGET, {"keys": list(keys), "unnamed": unnamed})
        await self.session.execute(_REMEMBER, {"keys": unnamed})
        return unnamed

    async def unnamed_for(self, age: timedelta, limit: int, *, upload_age: timedelta) -> list[str]:
        """List files that nothing has named for that long, chunks of uploads for longer, as of now."""
        ages = {"age": age, "upload_age": upload_age, "limit": limit}
        old = list((await self.session.execute(_OLD, ages)).scalars())
        return list((await self.session.execute(_UNNAMED, {"keys": old})).scalars())

    async def lock_unnamed(self, key: str) -> bool:
        """Say whether still nothing names a file; nobody begins to before the transaction ends."""
        await self.lock_file(key.split("/")[1].removesuffix(".pdf"))
        return bool((await self.session.execute(_UNNAMED, {"keys": [key]})).first())

    async def forget_orphans(self, keys: Sequence[str]) -> None:
        """Forget files that are gone."""
        await self.session.execute(_REMOVED, {"keys": list(keys)})
