"""Exports in the making."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from ingest.domain.export import Export, State
from ingest.domain.refusals import ExportUnknown
from ingest.store.rows import Rows
from ingest.store.tables import EXPORTS


class Exports(Rows):
    """Files made for the office."""

    async def add_export(self, export: Export) -> None:
        """Keep a new export."""
        row = {
            "id": export.id,
            "exam_id": export.exam_id,
            "language": export.language,
            "state": export.state,
        }
        await self.session.execute(insert(EXPORTS).values(row))
        self.keep(export.news)

    async def export(self, exam_id: str, export_id: str, *, is_locked: bool = False) -> Export:
        """Read an export of an exam."""
        found = select(EXPORTS).where(EXPORTS.c.id == export_id, EXPORTS.c.exam_id == exam_id)
        row = (await self.session.execute(found.with_for_update() if is_locked else found)).first()
        if row is None:
            raise ExportUnknown
        return Export(row.id, row.exam_id, row.language, State(row.state), row.file_name, row.reason)

    async def save_export(self, export: Export) -> None:
        """Keep an export as it is now, and what it tells."""
        values = {"state": export.state, "file_name": export.file_name, "reason": export.reason}
        await self.session.execute(update(EXPORTS).where(EXPORTS.c.id == export.id).values(values))
        self.keep(export.news)
