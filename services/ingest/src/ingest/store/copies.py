"""Staged copies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from kit import db
from sqlalchemy import Row, Select, bindparam, func, insert, select, text, update

from ingest.domain.copy import ARRANGEABLE, Copy, Home, ListPlace, State
from ingest.domain.page import Page
from ingest.domain.refusals import CopyUnknown
from ingest.domain.scan import Scan
from ingest.store.pages import Pages
from ingest.store.tables import COPIES, PAGES, SCANS, STUDENTS

_NUMBERS = text("""
INSERT INTO ledgers (exam_id, copies_made) VALUES (:exam_id, :count)
ON CONFLICT (exam_id) DO UPDATE SET copies_made = ledgers.copies_made + excluded.copies_made
RETURNING copies_made""")
_KEPT = ("state", "reason", "pages_version", "version", "student_id")
_HOME = ("home_id", "home_position")
_HOMES = COPIES.alias("homes")
_SAVE = (
    update(COPIES)
    .where(COPIES.c.id == bindparam("copy_id"))
    .values({name: bindparam(f"new_{name}") for name in (*_KEPT, *_HOME)} | {"changed_at": func.now()})
)


class Copies(Pages):
    """Copies and the pages on them."""

    async def numbers(self, exam_id: str, count: int) -> range:
        """Take the next copy numbers of an exam."""
        taken = await self.session.execute(_NUMBERS, {"exam_id": exam_id, "count": count})
        last: int = taken.scalar_one()
        return range(last - count + 1, last + 1)

    async def first_number(self, scan: Scan) -> int:
        """Give the number of a scan's first copy; the others follow it in the order of the pile."""
        first = COPIES.c.number - COPIES.c.group_number
        of_scan = (COPIES.c.scan_id == scan.id) & COPIES.c.group_number.is_not(None)
        known: int | None = (await self.session.execute(select(first).where(of_scan).limit(1))).scalar()
        return known or (await self.numbers(scan.exam_id, scan.layout.group(scan.sides) + 1)).start

    async def add_copies(self, copies: Sequence[Copy]) -> None:
        """Keep new copies, not yet their pages."""
        rows = [
            {
                "id": copy.id,
                "exam_id": copy.exam_id,
                "scan_id": copy.scan_id,
                "group_number": copy.group,
                "first_side": copy.first_side,
                "number": copy.number,
                **_kept(copy),
            }
            for copy in copies
        ]
        await self.session.execute(insert(COPIES), rows)
        self._keep_news(copies)

    async def save_copies(self, *copies: Copy) -> None:
        """Keep copies as they are now, not their pages, and what they tell."""
        rows = [
            {"copy_id": copy.id} | {f"new_{name}": value for name, value in _kept(copy).items()}
            for copy in copies
        ]
        if rows:
            await self.session.execute(_SAVE, rows)
        self._keep_news(copies)

    async def copy(self, exam_id: str, copy_id: str) -> Copy:
        """Read a copy of an exam as the office sees it."""
        found = _copies().where(COPIES.c.id == copy_id, COPIES.c.exam_id == exam_id)
        copies = await self._with_images(found)
        if not copies:
            raise CopyUnknown
        return copies[0]

    async def copies(
        self, exam_id: str, after: ListPlace | None = None, limit: int | None = None
    ) -> list[Copy]:
        """List copies as the office sees them, in the order of the paper."""
        place = (SCANS.c.arrival, COPIES.c.first_side, COPIES.c.number)
        found = _copies().where(COPIES.c.exam_id == exam_id, COPIES.c.state != State.CONSUMED)
        return await self._with_images(found.where(db.after(place, after)).order_by(*place).limit(limit))

    async def unchanged_for(self, copy_id: str) -> float:
        """Tell how many seconds ago a copy was changed last."""
        age = select(func.extract("epoch", func.now() - COPIES.c.changed_at)).where(COPIES.c.id == copy_id)
        return float((await self.session.execute(age)).scalar_one())

    async def lock_copies(self, exam_id: str, *copy_ids: str) -> list[Copy]:
        """Read copies that nobody else changes before the transaction ends, in the order asked for."""
        found = _copies().where(COPIES.c.exam_id == exam_id, COPIES.c.id.in_(copy_ids))
        copies = {copy.id: copy for copy in await self._locked(found)}
        if len(copies) != len(set(copy_ids)):
            raise CopyUnknown
        return [copies[copy_id] for copy_id in copy_ids]

    async def lock_arrangeable(self, exam_id: str) -> list[Copy]:
        """Read every copy of an exam that is staged or failed, locked."""
        return await self._locked(
            _copies().where(COPIES.c.exam_id == exam_id, COPIES.c.state.in_(ARRANGEABLE))
        )

    async def lock_copies_with(self, scan: Scan, groups: Collection[int]) -> list[Copy]:
        """Read the copies that hold pages of groups of a scan, locked."""
        first = scan.layout.sides_of(min(groups), scan.sides).start
        last = scan.layout.sides_of(max(groups), scan.sides).stop - 1
        holders = select(PAGES.c.copy_id).where(PAGES.c.scan_id == scan.id, PAGES.c.side.between(first, last))
        return await self._locked(_copies().where(COPIES.c.id.in_(holders)))

    async def lock_stalled(self, age: timedelta) -> list[Copy]:
        """Read copies that have been preparing for longer than their work takes, locked."""
        is_old = COPIES.c.changed_at < func.now() - age
        return await self._locked(_copies().where(COPIES.c.state == State.PREPARING, is_old))

    async def copy_of_student(self, student_id: str) -> str | None:
        """Find the copy of a student."""
        found = select(COPIES.c.id).where(COPIES.c.student_id == student_id)
        return (await self.session.execute(found)).scalar_one_or_none()

    async def _locked(self, found: Select[Any]) -> list[Copy]:
        rows = (await self.session.execute(found.order_by(COPIES.c.id).with_for_update(of=COPIES))).all()
        return _read(rows, await self.plain_pages_of([row.id for row in rows]))

    async def _with_images(self, found: Select[Any]) -> list[Copy]:
        rows = (await self.session.execute(found)).all()
        return _read(rows, await self.pages_of([row.id for row in rows]))

    def _keep_news(self, copies: Sequence[Copy]) -> None:
        for copy in copies:
            self.keep(copy.news)


def _copies() -> Select[Any]:
    return (
        select(
            COPIES,
            SCANS.c.arrival,
            STUDENTS.c.last_name,
            STUDENTS.c.first_name,
            _HOMES.c.number.label("home_number"),
        )
        .join(SCANS, SCANS.c.id == COPIES.c.scan_id)
        .outerjoin(STUDENTS, STUDENTS.c.id == COPIES.c.student_id)
        .outerjoin(_HOMES, _HOMES.c.id == COPIES.c.home_id)
    )


def _kept(copy: Copy) -> dict[str, object]:
    home = (copy.home.copy_id, copy.home.position) if copy.home else (None, None)
    return {name: getattr(copy, name) for name in _KEPT} | dict(zip(_HOME, home, strict=True))


def _read(rows: Sequence[Row[Any]], pages: Sequence[Page]) -> list[Copy]:
    on: dict[str | None, list[Page]] = defaultdict(list)
    for page in pages:
        on[page.copy_id].append(page)
    return [_copy(row, on[row.id]) for row in rows]


def _copy(row: Row[Any], pages: list[Page]) -> Copy:
    return Copy(
        id=row.id,
        exam_id=row.exam_id,
        scan_id=row.scan_id,
        group=row.group_number,
        first_side=row.first_side,
        number=row.number,
        state=State(row.state),
        reason=row.reason,
        pages=pages,
        pages_version=row.pages_version,
        version=row.version,
        student_id=row.student_id,
        student_name=f"{row.last_name} {row.first_name}" if row.student_id else "",
        arrival=row.arrival,
        home=Home(row.home_id, row.home_position, row.home_number) if row.home_id else None,
    )
