"""What a marker does at the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from grading import metrics
from grading.domain.acts import Act, ActUnknown, AsideAct, Outcome, check_journal, verdict
from grading.domain.copy import Copy, CopyFinalized, CopyPage, State
from grading.domain.exam import Exam
from grading.domain.leases import Lease, LeaseLost, id_for
from grading.domain.marks import Annotation, Erasure
from grading.domain.sheet import Sheet, Thing
from grading.store import Store


@dataclass(frozen=True, slots=True)
class Desk:
    """A marker before one copy: whoever reads or writes it is named here and must have it assigned."""

    marker_id: str
    exam_id: str
    copy_id: str


@dataclass(frozen=True, slots=True)
class Marking:
    """Everything that the desk shows."""

    copy: Copy
    exam: Exam
    pages: tuple[CopyPage, ...]
    sheet: Sheet
    set_aside: list[AsideAct]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of some acts."""

    outcomes: list[Outcome]
    copy_version: int
    #: The marker's lease now; None when the copy cannot be written on.
    lease: Lease | None


async def look(store: Store, desk: Desk) -> Copy:
    """Read a copy that is assigned to the marker, or refuse."""
    return await store.copies.get(desk.copy_id, exam_id=desk.exam_id, marker_id=desk.marker_id)


async def get_marking(store: Store, desk: Desk) -> Marking:
    """Read everything that the desk shows."""
    copy = await look(store, desk)
    return Marking(
        copy=copy,
        exam=await store.exams.get(copy.exam_id),
        pages=await store.copies.pages(copy.id),
        sheet=await store.sheets.get(copy.id),
        set_aside=await store.sheets.set_aside(copy.id, desk.marker_id),
    )


async def acquire_lease(store: Store, desk: Desk, *, new_id: str, length: timedelta) -> Lease:
    """Take, or take up again, the right to write."""
    await store.copies.lock(desk.copy_id)
    copy = await look(store, desk)
    if copy.state is not State.OPEN:
        raise CopyFinalized
    lease_id = id_for(desk.marker_id, copy.lease, new_id=new_id)
    return await store.leases.grant(copy.id, lease_id, desk.marker_id, length)


async def renew_lease(store: Store, desk: Desk, lease_id: str, *, length: timedelta) -> Lease:
    """Extend a lease from now, even one that has expired and that nobody took."""
    await look(store, desk)
    lease = await store.leases.renew(desk.copy_id, lease_id, desk.marker_id, length)
    if lease is None:
        raise LeaseLost
    return lease


async def release_lease(store: Store, desk: Desk, lease_id: str) -> None:
    """Give the right to write back."""
    await look(store, desk)
    await store.leases.release(desk.copy_id, lease_id, desk.marker_id)


async def record_acts(
    store: Store, desk: Desk, acts: Sequence[Act], *, new_id: str, length: timedelta
) -> Recorded:
    """
    Store acts, each at most once and on its own; an expired lease that is free is granted again.

    A marker whose copy was given to another meanwhile may still send what they wrote: it is set aside.
    """
    check_journal(acts)
    exam = await store.exams.get(desk.exam_id, lock="share")
    await store.copies.lock(desk.copy_id)
    copy = await store.copies.get_for_author(desk.copy_id, desk.exam_id, desk.marker_id)
    outcomes = await store.sheets.outcomes(copy.id, desk.marker_id, acts)
    fresh = [act for act in acts if act.id not in outcomes]
    outcomes |= await _write(store, exam, copy, fresh, author=desk.marker_id)
    lease = await _lease_in_force(store, copy, desk.marker_id, new_id=new_id, length=length)
    return Recorded([outcomes[act.id] for act in acts], copy.version, lease)


async def dismiss_act(store: Store, desk: Desk, act_id: str) -> None:
    """Show an act that was set aside no more; its author may have lost the copy."""
    copy = await store.copies.get_for_author(desk.copy_id, desk.exam_id, desk.marker_id)
    if not await store.sheets.dismiss(copy.id, desk.marker_id, act_id):
        raise ActUnknown(act=act_id)


async def _write(
    store: Store, exam: Exam, copy: Copy, acts: Sequence[Act], *, author: str
) -> dict[str, Outcome]:
    if not acts:
        return {}
    annotation_ids = {act.content.id for act in acts if isinstance(act.content, Annotation | Erasure)}
    page_ids = {page.page_id for page in await store.copies.pages(copy.id)} if annotation_ids else set()
    sheet = await store.sheets.get_part(copy.id, annotation_ids)
    done = [
        (act, verdict(act, exam, copy, page_ids, author=author) or sheet.apply(act))
        for act in sorted(acts, key=lambda act: (act.journal_id, act.sequence))
    ]
    await _save(store, copy, sheet)
    await store.sheets.add_acts(copy.id, author, done)
    for _, outcome in done:
        metrics.ACTS.labels(outcome.state, outcome.reason).inc()
    return {act.id: outcome for act, outcome in done}


async def _save(store: Store, copy: Copy, sheet: Sheet) -> None:
    if not sheet.changed:
        return
    await store.sheets.save(copy.id, copy.marker_id, sheet)
    has_new_marks = any(thing is Thing.MARK for thing, _ in sheet.changed)
    copy.write(sheet.marks if has_new_marks else None)
    await store.copies.save(copy)
    await store.tell(copy.news)


async def _lease_in_force(
    store: Store, copy: Copy, marker_id: str, *, new_id: str, length: timedelta
) -> Lease | None:
    lease = copy.lease
    if copy.marker_id != marker_id or copy.state is not State.OPEN:
        return None
    if lease and lease.is_current:
        return None if lease.is_held_against(marker_id) else lease
    lease_id = id_for(marker_id, lease, new_id=new_id)
    return await store.leases.grant(copy.id, lease_id, marker_id, length)
