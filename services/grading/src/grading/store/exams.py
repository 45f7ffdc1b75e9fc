"""Exams and the ledgers that ingest told about."""

from dataclasses import asdict
from typing import Any, Literal

from kit import db
from sqlalchemy import ColumnElement, Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from grading.domain.exam import Details, Exam, ExamPlace, ExamUnknown, State
from grading.domain.release import Blocker, Ledger
from grading.domain.scheme import Question, Scheme
from grading.store.tables import copies, exams, ledgers, marks, remarks

Lock = Literal["share", "update"]


class Exams:
    """The exams in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, exam: Exam) -> None:
        """Store a new exam."""
        await self._session.execute(insert(exams).values(id=exam.id, **_columns(exam)))

    async def save(self, exam: Exam) -> None:
        """Store the changes of an exam that was read with lock="update"."""
        await self._session.execute(update(exams).where(exams.c.id == exam.id).values(**_columns(exam)))

    async def get(self, exam_id: str, *, lock: Lock | None = None) -> Exam:
        """
        Read an exam, or refuse.

        lock="share" keeps its scheme and settings as they are until the transaction ends; lock="update" is
        alone with it.
        """
        query = select(exams).where(exams.c.id == exam_id)
        if lock:
            query = query.with_for_update(read=lock == "share")
        row = (await self._session.execute(query)).first()
        if row is None:
            raise ExamUnknown(exam=exam_id)
        return _exam(row)

    async def known(
        self, exam_ids: list[str], after: ExamPlace | None = None, limit: int | None = None
    ) -> list[Exam]:
        """List those of the exams that exist, newest first."""
        place = (exams.c.date, exams.c.name, exams.c.id)
        query = select(exams).where(exams.c.id.in_(exam_ids), db.after(place, after, descending=True))
        ordered = query.order_by(*(column.desc() for column in place)).limit(limit)
        return [_exam(row) for row in await self._session.execute(ordered)]

    async def is_marked(self, exam_id: str) -> bool:
        """Tell whether any question of any copy has points or a remark."""
        marked = _on_copies(marks, exam_id, marks.c.points.is_not(None))
        remarked = _on_copies(remarks, exam_id, remarks.c.text != "")
        return bool(await self._session.scalar(select(marked.exists() | remarked.exists())))

    async def has_frozen_copies(self, exam_id: str) -> bool:
        """Tell whether a result was ever frozen."""
        frozen = select(1).where(copies.c.exam_id == exam_id, copies.c.content_version > 0)
        return bool(await self._session.scalar(select(frozen.exists())))

    async def put_ledger(self, exam_id: str, ledger: Ledger) -> None:
        """Store what ingest told, unless something newer is known."""
        told = {"version": ledger.version, "open": [asdict(blocker) for blocker in ledger.open]}
        statement = upsert(ledgers).values(exam_id=exam_id, **told)
        await self._session.execute(
            statement.on_conflict_do_update(
                index_elements=["exam_id"],
                set_=told | {"heard_at": func.now()},
                where=ledgers.c.version < ledger.version,
            )
        )

    async def ledger(self, exam_id: str) -> Ledger | None:
        """Read what ingest last told; None: nothing yet."""
        row = (await self._session.execute(select(ledgers).where(ledgers.c.exam_id == exam_id))).first()
        return Ledger(row.version, tuple(Blocker(**blocker) for blocker in row.open)) if row else None


def _on_copies(table: Any, exam_id: str, is_written: ColumnElement[bool]) -> Any:
    joined = select(1).select_from(table).join(copies, copies.c.id == table.c.copy_id)
    return joined.where(copies.c.exam_id == exam_id, is_written)


def _columns(exam: Exam) -> dict[str, Any]:
    return {
        **asdict(exam.details),
        "state": exam.state,
        "scheme": [asdict(question) for question in exam.scheme.questions],
        "scheme_version": exam.scheme_version,
        "scheme_since": exam.scheme_since,
        "questions": len(exam.scheme.leaves),
        "version": exam.version,
        "release": exam.release,
    }


def _exam(row: Row[Any]) -> Exam:
    details = Details(
        name=row.name,
        date=row.date,
        time_zone=row.time_zone,
        language=row.language,
        result_scale=row.result_scale,
        rounding=row.rounding,
        mark_step=row.mark_step,
    )
    return Exam(
        id=row.id,
        details=details,
        state=State(row.state),
        scheme=Scheme(tuple(Question(**question) for question in row.scheme)),
        scheme_version=row.scheme_version,
        scheme_since=row.scheme_since,
        version=row.version,
        release=row.release,
    )
