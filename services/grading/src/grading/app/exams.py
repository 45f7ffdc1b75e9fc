"""Setting up an exam, and letting students see its results."""

from collections.abc import Callable, Sequence

import orjson
from kit.identity import Caller

from grading.domain.exam import Details, Exam
from grading.domain.release import Blocker, Ledger, LedgerBehind, ReleaseBlocked, blockers
from grading.domain.scheme import Question, Scheme
from grading.store import Store


async def create_exam(store: Store, actor: Caller, details: Details, *, exam_id: str) -> Exam:
    """Create an exam without a scheme."""
    exam = Exam.create(exam_id, details)
    await store.exams.add(exam)
    await store.note(actor, "create_exam", exam.id, exam.id, name=details.name)
    await store.tell(exam.news)
    return exam


async def update_exam(store: Store, actor: Caller, exam_id: str, details: Details, *, version: int) -> Exam:
    """Change the settings of an exam."""
    exam = await store.exams.get(exam_id, lock="update")
    exam.update(details, version=version, has_frozen_copies=await store.exams.has_frozen_copies(exam_id))
    await store.exams.save(exam)
    await store.note(actor, "update_exam", exam.id, exam.id, version=exam.version)
    await store.tell(exam.news)
    return exam


async def put_scheme(
    store: Store,
    actor: Caller,
    exam_id: str,
    questions: Sequence[Question],
    *,
    scheme_version: int,
    new_id: Callable[[], str],
) -> Exam:
    """Replace the scheme of an exam."""
    scheme = Scheme.build(questions, new_id=new_id)
    exam = await store.exams.get(exam_id, lock="update")
    exam.put_scheme(scheme, scheme_version=scheme_version, is_marked=await store.exams.is_marked(exam_id))
    await store.exams.save(exam)
    await store.note(actor, "put_scheme", exam.id, exam.id, scheme_version=exam.scheme_version)
    await store.tell(exam.news)
    return exam


async def hear_ledger(store: Store, exam_id: str, ledger: Ledger) -> None:
    """Take note of what ingest tells about an exam's pages."""
    await store.exams.put_ledger(exam_id, ledger)


async def check_release(store: Store, exam_id: str, *, expected: int) -> list[Blocker]:
    """List what keeps the results from being released; so many copies are ready at ingest."""
    tallies, ledger = await store.copies.tallies(exam_id), await store.exams.ledger(exam_id)
    return blockers(tallies, ledger, expected=expected)


async def release_results(
    store: Store, actor: Caller, exam_id: str, *, ledger_version: int, expected: int
) -> Exam:
    """Let students see the results; a repeat that would show nothing new changes nothing."""
    exam = await store.exams.get(exam_id, lock="update")
    ledger = await store.exams.ledger(exam_id)
    if ledger and ledger.version < ledger_version:
        raise LedgerBehind(heard=str(ledger.version))
    if found := await check_release(store, exam_id, expected=expected):
        raise ReleaseBlocked(blockers=orjson.dumps(found).decode())
    if not await store.copies.release(exam_id):
        return exam
    exam.release_results()
    await store.exams.save(exam)
    await store.note(actor, "release_results", exam.id, exam.id, release=exam.release)
    await store.tell(exam.news)
    return exam
