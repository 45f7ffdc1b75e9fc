"""Finalizing copies, and what becomes of their results."""

from dataclasses import dataclass
from datetime import timedelta

from kit.errors import Aborted
from kit.identity import Caller

from grading import metrics
from grading.app.marking import Desk, look
from grading.domain.copy import ActsMissing, Copy, CopyUnknown, State
from grading.domain.exam import Exam
from grading.domain.result import Draft, Kept, freeze
from grading.store import Store


class CopyMoved(Aborted):
    """The copy changed while it was being finalized; try again."""


class ResultUnknown(CopyUnknown):
    """There is no result for this copy."""


@dataclass(frozen=True, slots=True)
class Journal:
    """How far a browser has written: everything up to there must have arrived."""

    id: str
    last_sequence: int


async def draft_result(store: Store, desk: Desk, journal: Journal) -> Draft | None:
    """Make what would be frozen, or refuse with what is missing; None when nothing is left to freeze."""
    copy = await look(store, desk)
    await _check_arrived(store, desk, journal)
    if copy.state is not State.OPEN:
        return None
    exam = await store.exams.get(desk.exam_id)
    pages = tuple(page.page_id for page in await store.copies.pages(copy.id))
    return Draft(freeze(exam, copy, await store.sheets.get(copy.id), pages), exam, copy.version)


async def finalize_copy(
    store: Store, actor: Caller, desk: Desk, journal: Journal, draft: Draft | None
) -> Copy:
    """
    Freeze an open copy as drafted, or have a failed one stamped once more; order its PDF.

    The draft's file lies in the store already. A copy that is finalized stays as it is.
    """
    exam = await store.exams.get(desk.exam_id, lock="share")
    await store.copies.lock(desk.copy_id)
    copy = await look(store, desk)
    await _check_arrived(store, desk, journal)
    if copy.state is State.OPEN:
        await _freeze(store, exam, copy, draft)
    elif copy.state is State.FINALIZE_FAILED:
        copy.retry()
    else:
        return copy
    return await _order(store, actor, copy)


async def refinalize_copy(store: Store, actor: Caller, exam_id: str, copy_id: str) -> Copy:
    """Have a failed copy stamped once more, for the office; one that is on its way or done stays as it is."""
    await store.copies.lock(copy_id)
    copy = await store.copies.get(copy_id, exam_id=exam_id)
    if copy.state in (State.FINALIZING, State.FINALIZED):
        return copy
    copy.retry()
    return await _order(store, actor, copy)


async def reopen_copy(store: Store, actor: Caller, exam_id: str, copy_id: str, reason: str) -> Copy:
    """Let the marker write again; what students see stays as it was released."""
    await store.exams.get(exam_id, lock="share")
    await store.copies.lock(copy_id)
    copy = await store.copies.get(copy_id, exam_id=exam_id)
    copy.reopen(reason)
    await store.copies.save(copy)
    await store.note(actor, "reopen_copy", copy.id, copy.exam_id, reason=reason)
    await store.tell(copy.news)
    return copy


async def hear_stamped(store: Store, copy_id: str, content_version: int, sha256: str) -> None:
    """Take note that a result's PDF exists; of an older content, or a second time, it changes nothing."""
    copy = await _awaiting(store, copy_id, content_version, "finish")
    if copy is None:
        return
    copy.finish()
    metrics.FINALIZE_SECONDS.observe(await store.results.stamped(copy_id, content_version, sha256))
    await store.copies.save(copy)
    await store.tell(copy.news)


async def hear_unstampable(store: Store, copy_id: str, content_version: int, reason: str) -> None:
    """Take note that a result's PDF could not be made."""
    copy = await _awaiting(store, copy_id, content_version, "fail")
    if copy is None:
        return
    copy.fail(reason)
    metrics.FINALIZE_FAILURES.labels(reason).inc()
    await store.copies.save(copy)
    await store.tell(copy.news)


async def order_stuck(store: Store, longer_than: timedelta) -> int:
    """Order again the PDFs that are long in coming, whose work may be lost; return how many."""
    stuck = await store.copies.stuck(longer_than)
    for copy_id in stuck:
        copy = await store.copies.get(copy_id)
        await store.tell([await store.results.order(copy_id, copy.content_version)])
    return len(stuck)


async def get_result(store: Store, copy_id: str) -> tuple[Kept, Exam]:
    """Read the outcome of a copy, or refuse."""
    kept = await store.results.get(copy_id)
    if kept is None or not kept.body:
        raise ResultUnknown(copy=copy_id)
    return kept, await store.exams.get(kept.exam_id)


async def _freeze(store: Store, exam: Exam, copy: Copy, draft: Draft | None) -> None:
    if draft is None or (draft.copy_version, draft.exam.version) != (copy.version, exam.version):
        raise CopyMoved
    copy.freeze()
    await store.results.add(draft.result, draft.frozen_key)
    await store.leases.end(copy.id)
    copy.lease = None


async def _order(store: Store, actor: Caller, copy: Copy) -> Copy:
    await store.copies.save(copy)
    await store.note(actor, "finalize_copy", copy.id, copy.exam_id, content_version=copy.content_version)
    await store.tell([*copy.news, await store.results.order(copy.id, copy.content_version)])
    return copy


async def _check_arrived(store: Store, desk: Desk, journal: Journal) -> None:
    if journal.last_sequence <= 0:
        return
    found = await store.sheets.arrived(desk.copy_id, desk.marker_id, journal.id, journal.last_sequence)
    if found < journal.last_sequence:
        raise ActsMissing(arrived=str(found), expected=str(journal.last_sequence))


async def _awaiting(store: Store, copy_id: str, content_version: int, move: str) -> Copy | None:
    await store.copies.lock(copy_id)
    copy = await store.copies.get(copy_id)
    return copy if copy.can(move) and copy.content_version == content_version else None
