"""The ledger of an exam: counted from the rows themselves, numbered when what is open changes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from ingest.domain.ledger import Census, Ledger, LedgerChanged, OpenCounts
from ingest.domain.zones import Area, Zone, Zones
from ingest.store.rows import Rows
from ingest.store.tables import LEDGERS, ZONES

_COUNT_OPEN = """
(SELECT count(*) FROM scans WHERE exam_id = :exam_id AND state IN ('sealing', 'inspecting', 'rendering'))
  AS scans_open,
(SELECT count(*) FROM scans WHERE exam_id = :exam_id AND state = 'refused') AS scans_refused,
(SELECT count(*) FROM sides WHERE exam_id = :exam_id AND state = 'failed') AS sides_failed,
(SELECT count(*) FROM pages WHERE exam_id = :exam_id AND copy_id IS NULL AND set_aside_reason IS NULL)
  AS pages_waiting,
copies.staged AS copies_staged, copies.preparing AS copies_preparing, copies.failed AS copies_failed,
copies.late AS copies_late, copies.unlinked AS copies_unlinked"""
_COPIES = """
(SELECT count(*) FILTER (WHERE state = 'staged') AS staged,
  count(*) FILTER (WHERE state = 'preparing') AS preparing,
  count(*) FILTER (WHERE state = 'failed') AS failed,
  count(*) FILTER (WHERE state = 'ready') AS ready,
  count(*) FILTER (WHERE state = 'staged' AND home_id IS NOT NULL) AS late,
  count(*) FILTER (WHERE student_id IS NULL AND NOT EXISTS
    (SELECT FROM copies AS homes WHERE homes.id = copies.home_id AND homes.state <> 'consumed')) AS unlinked,
  count(*) AS total
FROM copies WHERE exam_id = :exam_id AND state <> 'consumed') AS copies"""
_OPEN = text(f"SELECT {_COUNT_OPEN} FROM {_COPIES}")
_SUMS = text(f"""
SELECT {_COUNT_OPEN}, copies.total AS copies, copies.ready AS copies_ready,
  scans.*, sides.*, pages.*, students.*
FROM {_COPIES},
(SELECT coalesce(sum(sides), 0) AS sides FROM scans WHERE exam_id = :exam_id) AS scans,
(SELECT count(*) FILTER (WHERE state = 'pending') AS sides_pending,
  count(*) FILTER (WHERE state = 'rendered') AS sides_rendered,
  count(*) FILTER (WHERE state = 'set_aside') AS sides_set_aside
  FROM sides WHERE exam_id = :exam_id) AS sides,
(SELECT count(*) AS pages, count(*) FILTER (WHERE copies.state <> 'consumed') AS pages_on_copies,
  count(*) FILTER (WHERE set_aside_reason IS NOT NULL) AS pages_set_aside
  FROM pages LEFT JOIN copies ON copies.id = pages.copy_id WHERE pages.exam_id = :exam_id) AS pages,
(SELECT count(*) AS students, count(*) FILTER (WHERE presence = 'present' AND NOT EXISTS
  (SELECT FROM copies WHERE student_id = students.id)) AS students_without_copy
  FROM students WHERE exam_id = :exam_id) AS students""")
_IMBALANCE = text("""
SELECT
  (SELECT coalesce(sum(abs(scans.sides - found.sides) + abs(scans.rendered - found.rendered)
    + abs(scans.failed - found.failed) + abs(scans.set_aside - found.set_aside)), 0)
  FROM scans, LATERAL (SELECT count(*) AS sides, count(*) FILTER (WHERE sides.state = 'rendered') AS rendered,
    count(*) FILTER (WHERE sides.state = 'failed') AS failed,
    count(*) FILTER (WHERE sides.state = 'set_aside') AS set_aside
    FROM sides WHERE sides.scan_id = scans.id) AS found)
  + (SELECT count(*) FROM pages JOIN copies ON copies.id = pages.copy_id WHERE copies.state = 'consumed')
  + (SELECT count(*) FROM sides WHERE state = 'rendered' AND NOT EXISTS
    (SELECT FROM pages WHERE pages.scan_id = sides.scan_id AND pages.side = sides.number))""")
_SCANS = text("""
SELECT state, count(*) AS scans, sum(released - rendered - failed - set_aside) AS sides_out
FROM scans GROUP BY state""")
_COPY_STATES = text("SELECT state, count(*) AS copies FROM copies GROUP BY state")
_EXCEPTIONS = text("""
SELECT (SELECT count(*) FROM sides WHERE state = 'failed') AS sides_failed,
  (SELECT count(*) FROM pages WHERE copy_id IS NULL AND set_aside_reason IS NULL) AS pages_waiting,
  (SELECT count(*) FROM copies WHERE state = 'failed') AS copies_failed,
  (SELECT count(*) FROM copies WHERE state <> 'consumed' AND student_id IS NULL) AS copies_unlinked""")


class Ledgers(Rows):
    """The conservation sums, and the identity zones."""

    async def finish(self, exam_id: str) -> None:
        """
        Tell everything that the transaction changed; its last act.

        The ledger's row is locked before counting, so that of two transactions the later one counts both.
        """
        before = await self._lock_ledger(exam_id)
        counts = OpenCounts(**(await self.session.execute(_OPEN, {"exam_id": exam_id})).one()._mapping)
        if asdict(counts) == before.open:
            return await self.tell()
        numbered = update(LEDGERS).where(LEDGERS.c.exam_id == exam_id).returning(LEDGERS.c.version)
        values = {"version": LEDGERS.c.version + 1, "open": asdict(counts)}
        version: int = (await self.session.execute(numbered.values(values))).scalar_one()
        return await self.tell(LedgerChanged(exam_id, version, counts.reasons()))

    async def ledger(self, exam_id: str) -> Ledger:
        """Count an exam."""
        row = (await self.session.execute(_SUMS, {"exam_id": exam_id})).one()
        sums = dict(row._mapping)
        counts = OpenCounts(**{name: sums.pop(name) for name in OpenCounts.__slots__})
        version = select(LEDGERS.c.version).where(LEDGERS.c.exam_id == exam_id)
        number: int | None = (await self.session.execute(version)).scalar_one_or_none()
        return Ledger(exam_id, number or 0, counts, **sums)

    async def census(self) -> Census:
        """Count scans over all exams, and compare their counters with their rows."""
        states = (await self.session.execute(_SCANS)).all()
        copies = (await self.session.execute(_COPY_STATES)).all()
        return Census(
            imbalance=int((await self.session.execute(_IMBALANCE)).scalar_one()),
            sides_out=sum(int(row.sides_out) for row in states),
            scans={row.state: row.scans for row in states},
            copies={row.state: row.copies for row in copies},
            exceptions=dict((await self.session.execute(_EXCEPTIONS)).one()._mapping),
        )

    async def zones(self, exam_id: str, *, is_locked: bool = False) -> Zones:
        """Read the identity zones of an exam."""
        if is_locked:
            await self.lock("zones", exam_id)
        row = (await self.session.execute(select(ZONES).where(ZONES.c.exam_id == exam_id))).first()
        return _zones(row) if row else Zones(exam_id)

    async def save_zones(self, zones: Zones) -> None:
        """Keep the identity zones of an exam."""
        row = {
            "exam_id": zones.exam_id,
            "zones": [asdict(zone) for zone in zones.zones],
            "none_confirmed": zones.none_confirmed,
            "version": zones.version,
        }
        await self.session.execute(
            upsert(ZONES).values(row).on_conflict_do_update(index_elements=["exam_id"], set_=row)
        )

    async def _lock_ledger(self, exam_id: str) -> Row[Any]:
        found = select(LEDGERS).where(LEDGERS.c.exam_id == exam_id).with_for_update()
        row = (await self.session.execute(found)).first()
        if row is not None:
            return row
        await self.session.execute(upsert(LEDGERS).values(exam_id=exam_id).on_conflict_do_nothing())
        return (await self.session.execute(found)).one()


def _zones(row: Row[Any]) -> Zones:
    zones = tuple(Zone(zone["page"], zone["every"], Area(**zone["area"])) for zone in row.zones)
    return Zones(row.exam_id, zones, row.none_confirmed, row.version)
