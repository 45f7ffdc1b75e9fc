"""The office arranges copies and says whose they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingest.app.ids import new_id
from ingest.domain.copy import Copy, Placement
from ingest.domain.refusals import StudentHasCopy
from ingest.store import Store


async def arrange(
    store: Store,
    exam_id: str,
    copy_id: str,
    *,
    version: int,
    placements: Sequence[Placement],
    set_aside: Mapping[str, str],
) -> Copy:
    """Set the ordered pages of a copy."""
    (copy,) = await store.lock_copies(exam_id, copy_id)
    copy.expect(version)
    own = {page.id: page for page in copy.pages}
    named = {placement.page_id for placement in placements} | set_aside.keys()
    known = own | await store.lock_pages(exam_id, named - own.keys())
    await store.place_pages(copy.arrange(placements, set_aside, known))
    return await _saved(store, copy)


async def split(
    store: Store, exam_id: str, copy_id: str, *, version: int, before_page_id: str
) -> tuple[Copy, Copy]:
    """Move the pages from one on to a new copy."""
    (copy,) = await store.lock_copies(exam_id, copy_id)
    copy.expect(version)
    (number,) = await store.numbers(exam_id, 1)
    created = copy.split(before_page_id, new_id=new_id(), number=number)
    await store.add_copies([created])
    await store.place_pages(created.pages)
    saved = await _saved(store, copy)
    return saved, await store.copy(exam_id, created.id)


async def merge(store: Store, exam_id: str, *, target: tuple[str, int], source: tuple[str, int]) -> Copy:
    """Append the pages of the source to the target; each is named by id and version."""
    onto, eaten = await store.lock_copies(exam_id, target[0], source[0])
    onto.expect(target[1])
    eaten.expect(source[1])
    onto.merge(eaten)
    # The source first: a student has one copy at any moment.
    await store.save_copies(eaten)
    await store.place_pages(onto.pages)
    return await _saved(store, onto)


async def link(store: Store, exam_id: str, copy_id: str, *, version: int, student_id: str) -> Copy:
    """Say whose copy it is; nobody's without a student."""
    (copy,) = await store.lock_copies(exam_id, copy_id)
    copy.expect(version)
    if student_id:
        await store.lock_student(exam_id, student_id)
        other = await store.copy_of_student(student_id)
        if other not in (None, copy.id):
            raise StudentHasCopy(copy=str(other))
    copy.link(student_id or None)
    return await _saved(store, copy)


async def _saved(store: Store, copy: Copy) -> Copy:
    await store.save_copies(copy)
    await store.finish(copy.exam_id)
    return await store.copy(copy.exam_id, copy.id)
