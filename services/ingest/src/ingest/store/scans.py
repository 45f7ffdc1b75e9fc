"""Batches, scans and their sides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from kit import db
from sqlalchemy import Row, Select, func, insert, select, text, update

from ingest.domain.batch import Batch, BatchPlace, Layout, Mode
from ingest.domain.refusals import BatchUnknown, ScanUnknown, SideUnknown
from ingest.domain.scan import OPEN, Scan, State
from ingest.domain.side import Side
from ingest.domain.side import State as SideState
from ingest.store.rows import Rows
from ingest.store.tables import BATCHES, SCANS, SIDES

_KNOWN_BY_HASH = (State.INSPECTING, State.RENDERING, State.SETTLED)
_KEPT = (
    "state",
    "bytes",
    "sha256",
    "reason",
    "dismissal",
    "replaced_by",
    "duplicate_of",
    "sides",
    "released",
    "rendered",
    "failed",
    "set_aside",
    "copies",
    "version",
)

_OPEN_SIDES = text("""
INSERT INTO sides (scan_id, exam_id, number) SELECT :scan_id, :exam_id, generate_series(1, :sides)""")
_SETTLE_SIDES = text("""
UPDATE sides SET state = new.state, reason = new.reason, attempts = new.attempts,
  set_aside_reason = new.set_aside_reason
FROM unnest(CAST(:numbers AS int[]), CAST(:states AS text[]), CAST(:reasons AS text[]),
  CAST(:attempts AS int[]), CAST(:asides AS text[]))
  AS new (number, state, reason, attempts, set_aside_reason)
WHERE sides.scan_id = :scan_id AND sides.number = new.number""")
_GROUPS = text("""
SELECT DISTINCT (number - 1) / :size AS number, false AS is_made FROM sides
WHERE scan_id = :scan_id AND number BETWEEN :first AND :last AND state IN ('pending', 'failed')
UNION ALL
SELECT group_number, true FROM copies WHERE scan_id = :scan_id AND group_number = ANY(:groups)""")


class Scans(Rows):
    """Batches, scans and sides."""

    async def add_batch(self, batch: Batch) -> None:
        """Keep a new batch."""
        row = {
            "id": batch.id,
            "exam_id": batch.exam_id,
            "name": batch.name,
            "mode": batch.layout.mode,
            "sides_per_copy": batch.layout.sides_per_copy,
            "created_at": batch.created_at,
        }
        await self.session.execute(insert(BATCHES).values(row))

    async def batch(self, exam_id: str, batch_id: str) -> Batch:
        """Read a batch of an exam."""
        found = select(BATCHES).where(BATCHES.c.id == batch_id, BATCHES.c.exam_id == exam_id)
        row = (await self.session.execute(found)).first()
        if row is None:
            raise BatchUnknown
        return _batch(row)

    async def batches(
        self, exam_id: str, after: BatchPlace | None = None, limit: int | None = None
    ) -> list[tuple[Batch, list[Scan]]]:
        """List batches of an exam with their scans, newest first."""
        place = (BATCHES.c.created_at, BATCHES.c.id)
        found = select(BATCHES).where(BATCHES.c.exam_id == exam_id, db.after(place, after, descending=True))
        ordered = found.order_by(*(column.desc() for column in place)).limit(limit)
        batches = [_batch(row) for row in await self.session.execute(ordered)]
        scans: dict[str, list[Scan]] = defaultdict(list)
        in_them = selected_scans().where(SCANS.c.batch_id.in_([batch.id for batch in batches]))
        for row in await self.session.execute(in_them.order_by(SCANS.c.arrival)):
            scans[row.batch_id].append(read_scan(row))
        return [(batch, scans[batch.id]) for batch in batches]

    async def scans_in(self, batch: Batch) -> int:
        """Count the scans of a batch."""
        counted = select(func.count()).where(SCANS.c.batch_id == batch.id)
        return (await self.session.execute(counted)).scalar_one()

    async def add_scan(self, scan: Scan) -> None:
        """Keep a new scan."""
        row = {name: getattr(scan, name) for name in ("id", "exam_id", "batch_id", "received_at", *_KEPT)}
        row |= {"file_name": scan.file_name, "upload_prefix": scan.upload_prefix, "chunks": scan.chunks}
        added = insert(SCANS).values(row).returning(SCANS.c.arrival)
        scan.arrival = (await self.session.execute(added)).scalar_one()
        self.keep(scan.news)

    async def save_scan(self, scan: Scan) -> None:
        """Keep a scan as it is now, and what it tells."""
        values = {name: getattr(scan, name) for name in _KEPT} | {"changed_at": func.now()}
        await self.session.execute(update(SCANS).where(SCANS.c.id == scan.id).values(values))
        self.keep(scan.news)

    async def scan(self, exam_id: str, scan_id: str, *, is_locked: bool = False) -> Scan:
        """Read a scan of an exam; locked, nobody else changes it before the transaction ends."""
        found = selected_scans().where(SCANS.c.id == scan_id, SCANS.c.exam_id == exam_id)
        row = (await self.session.execute(found.with_for_update(of=SCANS) if is_locked else found)).first()
        if row is None:
            raise ScanUnknown
        return read_scan(row)

    async def original_of(self, scan: Scan, sha256: str) -> str | None:
        """Find the scan of the exam that is this very file; nobody else decides the same meanwhile."""
        await self.lock("sha256", scan.exam_id, sha256)
        found = select(SCANS.c.id).where(
            SCANS.c.exam_id == scan.exam_id, SCANS.c.sha256 == sha256, SCANS.c.state.in_(_KNOWN_BY_HASH)
        )
        return (await self.session.execute(found)).scalar_one_or_none()

    async def open_sides(self, scan: Scan) -> None:
        """Open a ledger row for each side."""
        values = {"scan_id": scan.id, "exam_id": scan.exam_id, "sides": scan.sides}
        await self.session.execute(_OPEN_SIDES, values)

    async def sides(self, scan_id: str, numbers: Collection[int]) -> dict[int, Side]:
        """Read sides of a scan, by number."""
        found = select(SIDES).where(SIDES.c.scan_id == scan_id, SIDES.c.number.in_(numbers))
        return {row.number: read_side(row) for row in await self.session.execute(found)}

    async def side(self, scan: Scan, number: int) -> Side:
        """Read one side of a scan."""
        found = await self.sides(scan.id, [number])
        if number not in found:
            raise SideUnknown
        return found[number]

    async def save_sides(self, scan: Scan, sides: Sequence[Side]) -> None:
        """Keep sides of one scan as they are now."""
        values = {
            "scan_id": scan.id,
            "numbers": [side.number for side in sides],
            "states": [side.state.value for side in sides],
            "reasons": [side.reason for side in sides],
            "attempts": [side.attempts for side in sides],
            "asides": [side.set_aside_reason for side in sides],
        }
        await self.session.execute(_SETTLE_SIDES, values)

    async def complete_groups(self, scan: Scan, numbers: Collection[int]) -> tuple[set[int], set[int]]:
        """
        Name the groups with one of these sides that have no copy and no side pending or undecided.

        Then those whose copy is already there, whatever else of them is still to come.
        """
        groups = {scan.layout.group(number) for number in numbers}
        values = {
            "scan_id": scan.id,
            "groups": sorted(groups),
            "size": scan.layout.sides_per_copy or scan.sides,
            "first": scan.layout.sides_of(min(groups), scan.sides).start,
            "last": scan.layout.sides_of(max(groups), scan.sides).stop - 1,
        }
        rows = (await self.session.execute(_GROUPS, values)).all()
        made = {row.number for row in rows if row.is_made}
        blocked = {row.number for row in rows if not row.is_made}
        return groups - blocked - made, made

    async def stalled_scans(self, age: timedelta) -> list[tuple[Scan, list[int]]]:
        """List open scans of which nothing was heard for long, with their sides that are out, locked."""
        is_old = SCANS.c.changed_at < func.now() - age
        found = (
            selected_scans()
            .where(SCANS.c.state.in_(OPEN), is_old)
            .with_for_update(of=SCANS, skip_locked=True)
        )
        scans = [read_scan(row) for row in await self.session.execute(found)]
        return [(scan, await self._out(scan)) for scan in scans]

    async def _out(self, scan: Scan) -> list[int]:
        found = select(SIDES.c.number).where(
            SIDES.c.scan_id == scan.id,
            SIDES.c.state == SideState.PENDING,
            SIDES.c.number <= scan.released,
        )
        return list((await self.session.execute(found.order_by(SIDES.c.number))).scalars())


def selected_scans() -> Select[Any]:
    return select(SCANS, BATCHES.c.mode, BATCHES.c.sides_per_copy).join(
        BATCHES, BATCHES.c.id == SCANS.c.batch_id
    )


def _layout(row: Row[Any]) -> Layout:
    return Layout(Mode(row.mode), row.sides_per_copy)


def _batch(row: Row[Any]) -> Batch:
    return Batch(row.id, row.exam_id, row.name, _layout(row), row.created_at)


def read_scan(row: Row[Any]) -> Scan:
    return Scan(
        id=row.id,
        exam_id=row.exam_id,
        batch_id=row.batch_id,
        layout=_layout(row),
        file_name=row.file_name,
        upload_prefix=row.upload_prefix,
        chunks=row.chunks,
        bytes=row.bytes,
        received_at=row.received_at,
        state=State(row.state),
        sha256=row.sha256,
        reason=row.reason,
        dismissal=row.dismissal,
        replaced_by=row.replaced_by,
        duplicate_of=row.duplicate_of,
        sides=row.sides,
        released=row.released,
        rendered=row.rendered,
        failed=row.failed,
        set_aside=row.set_aside,
        copies=row.copies,
        version=row.version,
        arrival=row.arrival,
    )


def read_side(row: Row[Any], file_name: str = "") -> Side:
    return Side(
        row.scan_id,
        row.number,
        SideState(row.state),
        row.reason,
        row.attempts,
        row.set_aside_reason,
        file_name,
    )
