"""Copies, their pages, and which marker each is assigned to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from kit import db
from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Row,
    Select,
    Text,
    and_,
    any_,
    case,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from grading.domain.copy import Copy, CopyPage, CopyUnknown, State
from grading.domain.leases import Lease
from grading.domain.progress import Lot, LotPlace
from grading.domain.release import Tally
from grading.store.tables import PART, ROUND, assignments, copies, exams, leases, past_assignments

_STUCK_AT_ONCE = 500
_NOW = func.clock_timestamp()
_MINE = and_(assignments.c.copy_id == copies.c.id, assignments.c.part == PART, assignments.c.round == ROUND)
_ITS_LEASE = and_(leases.c.copy_id == copies.c.id, leases.c.part == PART, leases.c.round == ROUND)


class Copies:
    """The copies in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def exists(self, copy_id: str) -> bool:
        """Tell whether a copy was opened."""
        return bool(await self._session.scalar(select(1).where(copies.c.id == copy_id)))

    async def add(self, copy: Copy, pages: Sequence[CopyPage], pages_version: int) -> bool:
        """Store a new copy; False when its id or its code is taken."""
        values = {
            "id": copy.id,
            "exam_id": copy.exam_id,
            "code": copy.code,
            "pdf_key": copy.pdf_key,
            "pages": [asdict(page) for page in pages],
            "pages_version": pages_version,
            "page_count": len(pages),
            **_columns(copy),
        }
        added = upsert(copies).values(values).on_conflict_do_nothing().returning(copies.c.id)
        return (await self._session.execute(added)).first() is not None

    async def save(self, copy: Copy) -> None:
        """Store the changes of a copy that is locked."""
        moved = case((copies.c.state != copy.state, _NOW), else_=copies.c.moved_at)
        changed = update(copies).where(copies.c.id == copy.id)
        await self._session.execute(changed.values(**_columns(copy), moved_at=moved))

    async def lock(self, copy_id: str) -> None:
        """
        Be alone with a copy and all that is written on it, until the transaction ends.

        Read the copy afterwards, in a statement of its own: one that waited for the lock has still seen the
        lease and the marks of before.
        """
        await self._session.execute(select(1).where(copies.c.id == copy_id).with_for_update())

    async def get(self, copy_id: str, *, exam_id: str | None = None, marker_id: str | None = None) -> Copy:
        """Read a copy, if it belongs to that exam and is assigned to that marker; else there is none."""
        query = _copies().where(copies.c.id == copy_id)
        if exam_id is not None:
            query = query.where(copies.c.exam_id == exam_id)
        if marker_id is not None:
            query = query.where(assignments.c.marker_id == marker_id)
        row = (await self._session.execute(query)).first()
        if row is None:
            raise CopyUnknown(copy=copy_id)
        return _copy(row)

    async def get_for_author(self, copy_id: str, exam_id: str, marker_id: str) -> Copy:
        """Read a copy of that exam that is, or once was, assigned to that marker; else there is none."""
        had = select(past_assignments).where(
            past_assignments.c.copy_id == copies.c.id, past_assignments.c.marker_id == marker_id
        )
        query = _copies().where(copies.c.id == copy_id, copies.c.exam_id == exam_id)
        row = (
            await self._session.execute(query.where(or_(assignments.c.marker_id == marker_id, had.exists())))
        ).first()
        if row is None:
            raise CopyUnknown(copy=copy_id)
        return _copy(row)

    async def pages(self, copy_id: str) -> tuple[CopyPage, ...]:
        """Read the pages of a copy in reading order."""
        pages = await self._session.scalar(select(copies.c.pages).where(copies.c.id == copy_id))
        return tuple(CopyPage(**page) for page in pages or ())

    async def of_exam(
        self, exam_id: str, *, marker_id: str | None = None, after_code: str = "", limit: int | None = None
    ) -> list[Copy]:
        """List copies by code, which says nothing about the order of scanning."""
        query = _copies().where(copies.c.exam_id == exam_id, copies.c.code > after_code)
        if marker_id is not None:
            query = query.where(assignments.c.marker_id == marker_id)
        rows = await self._session.execute(query.order_by(copies.c.code).limit(limit))
        return [_copy(row) for row in rows]

    async def unassigned(self, exam_id: str) -> list[str]:
        """List the copies that no marker has."""
        query = (
            select(copies.c.id)
            .outerjoin(assignments, _MINE)
            .where(copies.c.exam_id == exam_id, assignments.c.copy_id.is_(None))
            .order_by(copies.c.code)
        )
        return list(await self._session.scalars(query))

    async def unfinished(self, exam_id: str, marker_id: str) -> list[str]:
        """List the copies that a marker has still to finalize."""
        query = (
            select(copies.c.id)
            .join(assignments, _MINE)
            .where(
                copies.c.exam_id == exam_id,
                assignments.c.marker_id == marker_id,
                copies.c.state.in_([State.OPEN, State.FINALIZE_FAILED]),
            )
            .order_by(copies.c.id)
        )
        return list(await self._session.scalars(query.with_for_update(of=copies)))

    async def assign(self, shares: Mapping[str, str]) -> list[Copy]:
        """Give copies to markers, take any lease from who had them, and return them as they are now."""
        rows = [
            {"copy_id": copy, "part": PART, "round": ROUND, "marker_id": marker}
            for copy, marker in shares.items()
        ]
        await self._end_assignments(shares)
        await self._session.execute(delete(leases).where(_among(leases.c.copy_id, shares)))
        await self._session.execute(insert(assignments), rows)
        counted = update(copies).where(_among(copies.c.id, shares)).values(version=copies.c.version + 1)
        await self._session.execute(counted)
        rows_now = await self._session.execute(_copies().where(_among(copies.c.id, shares)))
        return [_copy(row) for row in rows_now]

    async def _end_assignments(self, copy_ids: Iterable[str]) -> None:
        names = ("copy_id", "part", "round", "marker_id")
        ended = delete(assignments).where(_among(assignments.c.copy_id, copy_ids))
        gone = ended.returning(*(assignments.c[name] for name in names)).cte("gone")
        kept = upsert(past_assignments).from_select(names, select(gone))
        await self._session.execute(kept.on_conflict_do_nothing())

    async def tallies(self, exam_id: str) -> list[Tally]:
        """Count an exam's copies by marker and state."""
        query = (
            select(
                func.coalesce(assignments.c.marker_id, ""),
                copies.c.state,
                func.count(),
                func.sum(copies.c.questions_marked),
            )
            .outerjoin(assignments, _MINE)
            .where(copies.c.exam_id == exam_id)
            .group_by(assignments.c.marker_id, copies.c.state)
        )
        rows = await self._session.execute(query)
        return [Tally(marker, State(state), count, marked) for marker, state, count, marked in rows]

    async def lots(
        self, marker_id: str, after: LotPlace | None = None, limit: int | None = None
    ) -> list[Lot]:
        """List a marker's shares of exams; the copy to continue with is one already begun, if any."""
        place = (exams.c.date, exams.c.name, exams.c.id)
        to_do = copies.c.state.in_([State.OPEN, State.FINALIZE_FAILED])
        in_order = aggregate_order_by(copies.c.id, copies.c.questions_marked == 0, copies.c.code)
        query = (
            select(
                exams.c.id.label("exam_id"),
                exams.c.name.label("exam_name"),
                exams.c.date.label("exam_date"),
                func.count().label("copies"),
                func.count().filter(copies.c.state == State.FINALIZED).label("finalized"),
                (func.count() * exams.c.questions).label("questions"),
                func.sum(copies.c.questions_marked).label("questions_marked"),
                func.coalesce(func.array_agg(in_order).filter(to_do)[1], "").label("next_copy_id"),
            )
            .select_from(assignments)
            .join(copies, _MINE)
            .join(exams, exams.c.id == copies.c.exam_id)
            .where(assignments.c.marker_id == marker_id, db.after(place, after))
            .group_by(exams.c.id)
            .order_by(*place)
        )
        return [Lot(**row._mapping) for row in await self._session.execute(query.limit(limit))]

    async def release(self, exam_id: str) -> bool:
        """Show students what is finalized now; False when they already see exactly that."""
        stale = and_(copies.c.exam_id == exam_id, copies.c.released_version != copies.c.content_version)
        shown = update(copies).where(stale).values(released_version=copies.c.content_version)
        return (await self._session.execute(shown.returning(copies.c.id))).first() is not None

    async def stuck(self, longer_than: timedelta) -> list[str]:
        """List the copies whose PDF is long in coming, and start to wait for them anew."""
        is_late = and_(copies.c.state == State.FINALIZING, copies.c.moved_at < _NOW - longer_than)
        oldest = select(copies.c.id).where(is_late).order_by(copies.c.moved_at).limit(_STUCK_AT_ONCE)
        chosen = oldest.with_for_update(skip_locked=True).scalar_subquery()
        waiting = update(copies).where(copies.c.id.in_(chosen)).values(moved_at=_NOW)
        return list(await self._session.scalars(waiting.returning(copies.c.id)))

    async def counts(self) -> dict[str, int]:
        """Count all copies by state."""
        rows = await self._session.execute(
            select(copies.c.state, func.count().label("copies")).group_by(copies.c.state)
        )
        return {row.state: row.copies for row in rows}


def _among(column: Column[Any], values: Iterable[str]) -> ColumnElement[bool]:
    """Test for any number of values: an array is one parameter, and a statement has 65,535 at most."""
    return column == any_(cast(list(values), ARRAY(Text)))


def _copies() -> Select[Any]:
    return (
        select(
            *(column for column in copies.c if column.name != "pages"),
            exams.c.questions,
            func.coalesce(assignments.c.marker_id, "").label("marker_id"),
            leases.c.id.label("lease_id"),
            leases.c.marker_id.label("lease_marker_id"),
            leases.c.expires_at,
            (leases.c.expires_at > _NOW).label("is_current"),
        )
        .select_from(copies)
        .join(exams, exams.c.id == copies.c.exam_id)
        .outerjoin(assignments, _MINE)
        .outerjoin(leases, _ITS_LEASE)
    )


def _columns(copy: Copy) -> dict[str, Any]:
    names = (
        "state",
        "reason",
        "attempts",
        "version",
        "content_version",
        "questions_marked",
        "points",
    )
    return {name: getattr(copy, name) for name in names}


def _copy(row: Row[Any]) -> Copy:
    held = row.lease_id is not None
    return Copy(
        id=row.id,
        exam_id=row.exam_id,
        code=row.code,
        pdf_key=row.pdf_key,
        pages=row.page_count,
        state=State(row.state),
        reason=row.reason,
        attempts=row.attempts,
        version=row.version,
        content_version=row.content_version,
        marker_id=row.marker_id,
        questions=row.questions,
        questions_marked=row.questions_marked,
        points=row.points,
        lease=Lease(row.lease_id, row.lease_marker_id, row.expires_at, row.is_current) if held else None,
    )
