"""What did not go as it should: refused scans, sides without a page, pages that were set aside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kit import db
from sqlalchemy import ColumnElement, Select, literal, select

from ingest.domain.page import Page
from ingest.domain.scan import Scan, State
from ingest.domain.side import Side
from ingest.domain.side import State as SideState
from ingest.store.pages import Pages, page, shown_pages
from ingest.store.scans import Scans, read_scan, read_side, selected_scans
from ingest.store.tables import PAGES, SCANS, SIDES

#: Where one stands in the list: its kind, the arrival of its scan, its place there.
ExceptionPlace = tuple[int, int, int]
Placed = tuple[ExceptionPlace, Scan | Side | Page]

#: The arrival and the place there of the last one of its kind that was seen.
Seen = Sequence[int]
_NONE_SEEN = (0, 0)


class Exceptions(Scans, Pages):
    """One list of three kinds, so that a page of it may end within any of them."""

    async def exceptions(
        self, exam_id: str, after: ExceptionPlace | None = None, limit: int | None = None
    ) -> list[Placed]:
        """List exceptions by kind, in the order of the paper."""
        seen, *place = after or (0, *_NONE_SEEN)
        found: list[Placed] = []
        for kind, read in enumerate((self._refused, self._failed, self._aside)):
            left = None if limit is None else limit - len(found)
            if kind >= seen and left != 0:
                found += await read(exam_id, kind, place if kind == seen else _NONE_SEEN, left)
        return found

    async def _refused(self, exam_id: str, kind: int, after: Seen, limit: int | None) -> list[Placed]:
        found = selected_scans().where(SCANS.c.exam_id == exam_id, SCANS.c.state == State.REFUSED)
        rows = await self.session.execute(_beyond(found, literal(0), after).limit(limit))
        return [((kind, row.arrival, 0), read_scan(row)) for row in rows]

    async def _failed(self, exam_id: str, kind: int, after: Seen, limit: int | None) -> list[Placed]:
        without_page = SIDES.c.state.in_([SideState.FAILED, SideState.SET_ASIDE])
        found = select(SIDES, SCANS.c.file_name, SCANS.c.arrival).join(SCANS, SCANS.c.id == SIDES.c.scan_id)
        found = found.where(SIDES.c.exam_id == exam_id, without_page)
        rows = await self.session.execute(_beyond(found, SIDES.c.number, after).limit(limit))
        return [((kind, row.arrival, row.number), read_side(row, row.file_name)) for row in rows]

    async def _aside(self, exam_id: str, kind: int, after: Seen, limit: int | None) -> list[Placed]:
        found = shown_pages().add_columns(SCANS.c.arrival).join(SCANS, SCANS.c.id == PAGES.c.scan_id)
        found = found.where(
            PAGES.c.exam_id == exam_id, PAGES.c.copy_id.is_(None), PAGES.c.set_aside_reason.is_not(None)
        )
        rows = await self.session.execute(_beyond(found, PAGES.c.rank, after).limit(limit))
        return [((kind, row.arrival, row.rank), page(row)) for row in rows]


def _beyond(found: Select[Any], place: ColumnElement[int], after: Seen) -> Select[Any]:
    places = (SCANS.c.arrival, place)
    return found.where(db.after(places, after)).order_by(*places)
