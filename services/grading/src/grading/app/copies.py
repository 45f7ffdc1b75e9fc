"""Opening copies, and sharing them among markers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from kit.identity import Caller

from grading.domain.copy import Copy, CopyPage, draw_code
from grading.domain.dispatch import MarkersMissing, share
from grading.domain.progress import Progress, progress
from grading.store import Store


@dataclass(frozen=True, slots=True)
class ReadyCopy:
    """A copy that ingest has prepared for marking."""

    copy_id: str
    exam_id: str
    pages_version: int
    pdf_key: str
    pages: tuple[CopyPage, ...]


async def open_copy(store: Store, ready: ReadyCopy, random: Random) -> None:
    """Open a copy under a random code; one that is already open stays as it is."""
    exam = await store.exams.get(ready.exam_id)
    while not await store.copies.exists(ready.copy_id):
        copy = Copy(
            id=ready.copy_id,
            exam_id=exam.id,
            code=draw_code(random),
            pdf_key=ready.pdf_key,
            pages=len(ready.pages),
            questions=len(exam.scheme.leaves),
        )
        if await store.copies.add(copy, ready.pages, ready.pages_version):
            copy.introduce()
            await store.tell(copy.news)


async def dispatch_copies(
    store: Store, actor: Caller, exam_id: str, markers: Sequence[str], random: Random
) -> int:
    """Share the unassigned copies evenly and at random; return how many there were."""
    await store.exams.get(exam_id, lock="update")
    loads = dict.fromkeys(markers, 0)
    for tally in await store.copies.tallies(exam_id):
        if tally.marker_id in loads:
            loads[tally.marker_id] += tally.copies
    shares = share(await store.copies.unassigned(exam_id), loads, random)
    await _assign(store, shares)
    await store.note(actor, "dispatch_copies", exam_id, exam_id, copies=len(shares), markers=[*loads])
    return len(shares)


async def reassign_copies(store: Store, actor: Caller, exam_id: str, *, giver: str, taker: str) -> int:
    """Give the unfinished copies of one marker to another; return how many there were."""
    if not taker:
        raise MarkersMissing
    await store.exams.get(exam_id, lock="update")
    shares = dict.fromkeys(await store.copies.unfinished(exam_id, giver), taker)
    await _assign(store, shares)
    await store.note(actor, "reassign_copies", exam_id, exam_id, copies=len(shares), giver=giver, taker=taker)
    return len(shares)


async def get_progress(store: Store, exam_id: str) -> Progress:
    """Count copies by state and marker."""
    exam = await store.exams.get(exam_id)
    return progress(await store.copies.tallies(exam_id), len(exam.scheme.leaves))


async def _assign(store: Store, shares: Mapping[str, str]) -> None:
    if not shares:
        return
    copies = await store.copies.assign(shares)
    for copy in copies:
        copy.introduce()
    await store.tell([item for copy in copies for item in copy.news])
