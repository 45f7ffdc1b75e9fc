"""Which files of the store no row names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import text

from ingest.store.rows import Rows

# What a file is named by decides who may miss it.
_UNNAMED = text("""
SELECT key FROM unnest(CAST(:keys AS text[])) AS found (key)
WHERE NOT CASE split_part(key, '/', 1)
  WHEN 'uploads' THEN EXISTS (SELECT FROM scans WHERE state = 'sealing'
    AND starts_with(key, upload_prefix || '/'))
  WHEN 'scans' THEN EXISTS (SELECT FROM scans WHERE sha256 = split_part(split_part(key, '/', 2), '.', 1))
  WHEN 'pages' THEN EXISTS (SELECT FROM renditions WHERE blob_key = key)
  WHEN 'copies' THEN EXISTS (SELECT FROM copies WHERE id::text = split_part(key, '/', 2)
    AND (state = 'preparing' OR key = 'copies/' || id || '/' || pages_version || '.pdf'))
    OR EXISTS (SELECT FROM renditions WHERE blob_key = key)
  WHEN 'exports' THEN EXISTS (SELECT FROM exports WHERE 'exports/' || id || '.csv' = key)
  ELSE true END""")
_REMEMBER = text("""
INSERT INTO orphans (key) SELECT unnest(CAST(:keys AS text[])) ON CONFLICT DO NOTHING""")
_FORGET = text(
    "DELETE FROM orphans WHERE key = ANY(CAST(:keys AS text[])) AND NOT key = ANY(CAST(:unnamed AS text[]))"
)
_OLD = text(
    "SELECT key FROM orphans WHERE seen_at < now() - CAST(:age AS interval) ORDER BY key LIMIT :limit"
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

    async def unnamed_for(self, age: timedelta, limit: int) -> list[str]:
        """List files that nothing has named for that long, as of now."""
        old = list((await self.session.execute(_OLD, {"age": age, "limit": limit})).scalars())
        return list((await self.session.execute(_UNNAMED, {"keys": old})).scalars())

    async def forget_orphans(self, keys: Sequence[str]) -> None:
        """Forget files that are gone."""
        await self.session.execute(_REMOVED, {"keys": list(keys)})
