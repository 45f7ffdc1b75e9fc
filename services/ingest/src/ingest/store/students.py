"""The roster, and which accounts belong to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from ingest.domain.copy import State
from ingest.domain.refusals import StudentUnknown
from ingest.domain.student import Presence, Student
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
_SELECTED = select(STUDENTS, COPIES.c.id.label("copy_id")).outerjoin(
    COPIES, COPIES.c.student_id == STUDENTS.c.id
)


class Students(Rows):
    """The students expected at each exam."""

    async def lock_roster(self, exam_id: str) -> list[Student]:
        """Read the roster; nobody else imports into it before the transaction ends."""
        await self.lock("roster", exam_id)
        return await self.students(exam_id)

    async def students(self, exam_id: str) -> list[Student]:
        """List the roster of an exam by name."""
        found = _SELECTED.where(STUDENTS.c.exam_id == exam_id)
        ordered = found.order_by(STUDENTS.c.name_key, STUDENTS.c.birth_date, STUDENTS.c.id)
        return [_student(row) for row in await self.session.execute(ordered)]

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
        """List what an account is linked to, in every exam."""
        found = _SELECTED.where(STUDENTS.c.account_id == account_id).order_by(STUDENTS.c.id)
        return [_student(row) for row in await self.session.execute(found)]

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
    )
