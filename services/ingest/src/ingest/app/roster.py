"""The roster, presence, and the accounts that belong to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ingest.app.ids import new_id
from ingest.domain.refusals import PresenceMissing, StudentUnknown
from ingest.domain.roster import Import, match, read
from ingest.domain.student import Presence, Student
from ingest.store import Store


async def import_roster(store: Store, exam_id: str, content: bytes, *, dry_run: bool) -> tuple[Import, bool]:
    """Read a roster file; all of it is imported, or with one refused line nothing."""
    sheet = read(content)
    plan = match(sheet, await store.lock_roster(exam_id), exam_id, new_id)
    if plan.refused or dry_run:
        return plan, False
    await store.add_students(plan.added)
    await store.save_students(plan.updated)
    return plan, True


async def set_presence(store: Store, exam_id: str, student_id: str, presence: Presence | None) -> Student:
    """Say whether a student was there."""
    if presence is None:
        raise PresenceMissing
    student = replace(await store.lock_student(exam_id, student_id), presence=presence)
    await store.save_students([student])
    return student


async def link_accounts(store: Store, exam_id: str, accounts: Mapping[str, str]) -> int:
    """Let accounts see the results of students, given by student."""
    roster = {student.id: student for student in await store.lock_roster(exam_id)}
    if unknown := accounts.keys() - roster.keys():
        raise StudentUnknown(student=min(unknown))
    linked = [
        replace(roster[student_id], account_id=account_id or None)
        for student_id, account_id in accounts.items()
        if roster[student_id].account_id != (account_id or None)
    ]
    await store.save_students(linked)
    return len(linked)
