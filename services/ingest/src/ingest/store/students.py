"""The roster, and which accounts belong to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kit import db
from sqlalchemy import (
    Date,
    Row,
    Select,
    bindparam,
    false,
    func,
    insert,
    select,
    text,
    true,
    union_all,
    update,
)

from ingest.domain.copy import State
from ingest.domain.refusals import StudentUnknown
from ingest.domain.student import UNKNOWN_BIRTH, Presence, RosterPlace, Student
from ingest.store.rows import Rows
from ingest.store.tables import COPIES, STUDENTS

_KEPT = (
    "last_name",
    "first_name",
    "name_key",
    "birth_date",
    "email",
    "class_name",
    "group_name",
    "presence",
    "account_id",
)
_SAVE = (
    update(STUDENTS)
    .where(STUDENTS.c.id == bindparam("student_id"))
    .values({name: bindparam(f"new_{name}") for name in _KEPT})
)
_SELECTED = select(STUDENTS, COPIES.c.id.label("copy_id"), false().label("is_late")).outerjoin(
    COPIES, COPIES.c.student_id == STUDENTS.c.id
)
_PLACE = (
    STUDENTS.c.name_key,
    func.coalesce(STUDENTS.c.birth_date, UNKNOWN_BIRTH, type_=Date()),
    STUDENTS.c.id,
)
_LATE, _HOME = COPIES.alias("late"), COPIES.alias("home")
_OWNED = union_all(
    select(COPIES.c.id, false().label("is_late")).where(COPIES.c.student_id == STUDENTS.c.id),
    select(_LATE.c.id, true().label("is_late"))
    .join(_HOME, _HOME.c.id == _LATE.c.home_id)
    .where(_HOME.c.student_id == STUDENTS.c.id, _LATE.c.student_id.is_(None), _LATE.c.state == State.READY),
).lateral("owned")
#: A row for each copy of a student: their own, and those of its late pages.
_WITH_EACH_COPY = select(STUDENTS, _OWNED.c.id.label("copy_id"), _OWNED.c.is_late).outerjoin(_OWNED, true())


class Students(Rows):
    """The students expected at each exam."""

    async def lock_roster(self, exam_id: str) -> list[Student]:
        """Read the roster; nobody else imports into it before the transaction ends."""
        await self.lock("roster", exam_id)
        return await self.students(exam_id)

    async def students(
        self, exam_id: str, after: RosterPlace | None = None, limit: int | None = None
    ) -> list[Student]:
        """List the roster of an exam by name."""
        found = _SELECTED.where(STUDENTS.c.exam_id == exam_id, db.after(_PLACE, after))
        return await self._ordered(found.limit(limit))

    async def students_with_each_copy(self, exam_id: str) -> list[Student]:
        """List the roster of an exam by name, students with late pages once more for each copy of those."""
        found = _WITH_EACH_COPY.where(STUDENTS.c.exam_id == exam_id)
        return await self._ordered(found)

    async def lock_student(self, exam_id: str, student_id: str) -> Student:
        """Read a student of an exam whom nobody else links before the transaction ends."""
        found = _SELECTED.where(STUDENTS.c.id == student_id, STUDENTS.c.exam_id == exam_id)
        row = (await self.session.execute(found.with_for_update(of=STUDENTS))).first()
        if row is None:
            raise StudentUnknown
        return _student(row)

    async def add_students(self, students: Sequence[Student]) -> None:
        """Keep new students."""
        rows = [{"id": student.id, "exam_id": student.exam_id} | _values(student) for student in students]
        if rows:
            await self.session.execute(insert(STUDENTS), rows)

    async def save_students(self, students: Sequence[Student]) -> None:
        """Keep students as they are now."""
        rows = [
            {"student_id": student.id} | {f"new_{name}": value for name, value in _values(student).items()}
            for student in students
        ]
        if rows:
            await self.session.execute(_SAVE, rows)

    async def students_of(self, account_id: str) -> list[Student]:
        """List what an account is linked to, in every exam, once for each copy."""
        return await self._ordered(_WITH_EACH_COPY.where(STUDENTS.c.account_id == account_id))

    async def accounts_with_copies(self, exam_id: str) -> list[str]:
        """List the accounts of students whose copy was opened for marking."""
        found = (
            select(STUDENTS.c.account_id)
            .join(COPIES, COPIES.c.student_id == STUDENTS.c.id)
            .where(
                STUDENTS.c.exam_id == exam_id,
                STUDENTS.c.account_id.is_not(None),
                COPIES.c.state == State.READY,
            )
            .distinct()
            .order_by(STUDENTS.c.account_id)
        )
        return [account for account in (await self.session.execute(found)).scalars() if account]

    async def _ordered(self, found: Select[Any]) -> list[Student]:
        ordered = found.order_by(*_PLACE, text("is_late"))
        return [_student(row) for row in await self.session.execute(ordered)]


def _values(student: Student) -> dict[str, object]:
    return {name: getattr(student, name) for name in _KEPT}


def _student(row: Row[Any]) -> Student:
    return Student(
        id=row.id,
        exam_id=row.exam_id,
        last_name=row.last_name,
        first_name=row.first_name,
        birth_date=row.birth_date,
        email=row.email,
        class_name=row.class_name,
        group_name=row.group_name,
        presence=Presence(row.presence),
        account_id=row.account_id,
        copy_id=row.copy_id,
        is_late=bool(row.is_late),
    )
