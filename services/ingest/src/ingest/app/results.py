"""Whatever joins a name to a mark: the student's own results, exports, and who is told of a release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from kit.errors import NotFound

from ingest.app.ids import new_id
from ingest.domain.export import Export, State
from ingest.domain.page import Page
from ingest.domain.refusals import ResultUnknown
from ingest.domain.results import Exam, Result, announcements, file_name, table
from ingest.domain.student import Student
from ingest.store import Store


class Grading(Protocol):
    """What ingest asks of grading, under its own identity."""

    async def exams(self, exam_ids: Sequence[str]) -> list[Exam]:
        """Read exams by id."""
        ...

    async def results(self, exam_id: str) -> tuple[Exam, list[Result]]:
        """Read the results of an exam."""
        ...

    async def result(self, copy_id: str) -> tuple[Exam, Result]:
        """Read one result with its annotations."""
        ...


#: Where a result stands in its student's list: date of the exam, copy.
ResultPlace = tuple[str, str]


@dataclass(frozen=True, slots=True)
class MyResult:
    """A released result of one student."""

    exam: Exam
    result: Result
    student: Student

    @property
    def list_place(self) -> ResultPlace:
        return self.exam.date, self.result.copy_id


async def my_results(
    grading: Grading, students: Sequence[Student], after: ResultPlace | None, limit: int
) -> list[MyResult]:
    """List released results of a person, newest first, given as the students they are in their exams."""
    exams = await grading.exams([student.exam_id for student in students if student.copy_id])
    dates = {exam.id: exam.date for exam in exams if exam.is_released}
    places = {(dates[one.exam_id], one.copy_id or ""): one for one in students if one.exam_id in dates}
    found: list[MyResult] = []
    for place in sorted(places, reverse=True):
        if len(found) < limit and (after is None or place < after):
            mine = await _my_result(grading, places[place])
            found += [mine] if mine else []
    return found


async def my_result(grading: Grading, students: Sequence[Student], copy_id: str) -> MyResult:
    """Read one released result of a person; whatever is not theirs is unknown."""
    for student in students:
        if student.copy_id == copy_id and (mine := await _my_result(grading, student)):
            return mine
    raise ResultUnknown


async def _my_result(grading: Grading, student: Student) -> MyResult | None:
    if not student.copy_id:
        return None
    try:
        exam, result = await grading.result(student.copy_id)
    except NotFound:
        return None
    return MyResult(exam, result, student) if exam.is_released and result.is_released else None


async def pages_of(store: Store, mine: MyResult) -> dict[str, Page]:
    """Read the student's own pages, by id."""
    return {page.id: page for page in await store.pages_of([mine.result.copy_id])}


async def announce(store: Store, exam_id: str, exam_name: str, release: int) -> None:
    """Tell a release to the accounts of students with a copy."""
    accounts = await store.accounts_with_copies(exam_id)
    await store.tell(*announcements(exam_id, exam_name, release, accounts))


async def request_export(store: Store, exam_id: str, language: str) -> Export:
    """Ask for a file of results."""
    export = Export(new_id(), exam_id, language)
    export.request()
    await store.add_export(export)
    await store.tell()
    return export


async def export_content(grading: Grading, export: Export, students: Sequence[Student]) -> tuple[str, bytes]:
    """Make the name and the content of an export."""
    exam, results = await grading.results(export.exam_id)
    return file_name(exam, export.language), table(students, results, export.language)


async def deliver_export(store: Store, export: Export, name: str) -> None:
    """Hand out a written export."""
    export = await store.export(export.exam_id, export.id, is_locked=True)
    export.deliver(name)
    await _saved(store, export)


async def fail_export(store: Store, export: Export, reason: str) -> None:
    """Give up on an export with a reason."""
    export = await store.export(export.exam_id, export.id, is_locked=True)
    export.fail(reason)
    await _saved(store, export)


async def students_of_export(
    store: Store, exam_id: str, export_id: str
) -> tuple[Export, list[Student]] | None:
    """Read what an export is made of; None once it is made."""
    export = await store.export(exam_id, export_id)
    return (export, await store.students_with_each_copy(exam_id)) if export.state is State.MAKING else None


async def _saved(store: Store, export: Export) -> None:
    await store.save_export(export)
    await store.tell()
