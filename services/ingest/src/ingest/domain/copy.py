"""A staged copy: the ordered pages of one student's answer, until it opens for marking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ingest.domain.moves import Moves, move
from ingest.domain.page import Page, Place
from ingest.domain.preparation import CopyReady, ExtractCopy, ExtractPage, ReadyPage, Source
from ingest.domain.reasons import checked_reason
from ingest.domain.refusals import (
    CopyConsumed,
    CopyPreparing,
    CopyReadyAlready,
    CopyTooLong,
    DifferentStudents,
    MergeWithItself,
    PageOnAnotherCopy,
    PageRepeated,
    PageUnaccounted,
    PageUnknown,
    RotationInvalid,
    SplitEmpty,
    VersionStale,
)
from ingest.domain.zones import Zones

# An answer this long is a pile that was not taken apart; the work of a copy must fit one message.
PAGES_LIMIT = 200
ROTATIONS = (0, 90, 180, 270)
# Fewer sides than the batch says; the office looks at it first.
SHORT = "SHORT"


#: Where a copy stands in lists: arrival of its scan, first side, number.
ListPlace = tuple[int, int, int]


class State(StrEnum):
    """Where a copy is between paper and marking."""

    STAGED = "staged"
    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"
    CONSUMED = "consumed"


MOVES: Moves[State] = {
    "arrange": move(State.STAGED, State.FAILED, to=State.STAGED),
    "consume": move(State.STAGED, State.FAILED, to=State.CONSUMED),
    "prepare": move(State.STAGED, State.FAILED, to=State.PREPARING),
    "open": move(State.PREPARING, to=State.READY),
    "fail": move(State.PREPARING, to=State.FAILED),
}
ARRANGEABLE = MOVES["arrange"].sources
_REFUSALS = {
    State.READY: CopyReadyAlready,
    State.PREPARING: CopyPreparing,
    State.CONSUMED: CopyConsumed,
}


@dataclass(frozen=True, slots=True)
class StagedCopyChanged:
    """A staged copy, its pages or its link changed."""

    copy_id: str
    exam_id: str
    version: int
    state: State


@dataclass(frozen=True, slots=True)
class Placement:
    """A page and how far it is turned."""

    page_id: str
    rotation: int


@dataclass(frozen=True, slots=True)
class Home:
    """Where pages belong that came after their copy was validated."""

    copy_id: str
    #: Of the first of them, had it come in time.
    position: int
    #: Of that copy, for lists.
    number: int = 0


@dataclass(slots=True)
class Copy:
    """The ordered pages of one student's answer."""

    id: str
    exam_id: str
    scan_id: str
    #: Which copy of its scan it was assembled as; None for one that was split off.
    group: int | None
    #: Places it in lists; a part split off follows by its first page.
    first_side: int
    number: int = 0
    state: State = State.STAGED
    reason: str = ""
    pages: list[Page] = field(default_factory=list)
    #: Counts the preparations; names the PDF.
    pages_version: int = 0
    version: int = 1
    student_id: str | None = None
    student_name: str = ""
    #: Of its scan, among those of the exam.
    arrival: int = 0
    #: Only of late pages, which nobody has to link: their student is that of the copy they belong to.
    home: Home | None = None
    news: list[StagedCopyChanged | CopyReady | ExtractCopy] = field(default_factory=list)

    @property
    def list_place(self) -> ListPlace:
        return self.arrival, self.first_side, self.number

    @property
    def pdf_key(self) -> str:
        return f"copies/{self.id}/{self.pages_version}.pdf"

    def expect(self, version: int) -> None:
        """Refuse an edit of something other than what the editor saw."""
        if version != self.version:
            raise VersionStale(version=str(self.version))

    def arrange(
        self, placements: Sequence[Placement], set_aside: Mapping[str, str], known: Mapping[str, Page]
    ) -> list[Page]:
        """
        Set the ordered pages; give back every page touched.

        *known* holds the copy's own pages and the others that are named. Without any page left the copy is
        consumed.
        """
        self._move("arrange")
        kept = [placement.page_id for placement in placements]
        _check_listing([*kept, *set_aside], known)
        touched = {page.id: page for page in self.pages} | {name: known[name] for name in [*kept, *set_aside]}
        self._check_ownership(touched.values(), kept, set_aside)
        for name, reason in set_aside.items():
            touched[name].set_aside(checked_reason(reason))
        for placement in placements:
            touched[placement.page_id].rotation = _checked_rotation(placement.rotation)
        self.hold([touched[name] for name in kept])
        if not kept:
            self._consume()
        self._change()
        return list(touched.values())

    def insert(self, page: Page) -> None:
        """Let a late page join at its natural place among those of the same scan."""
        self._move("arrange")
        follower = (i for i, other in enumerate(self.pages) if _follows(other, page))
        held = list(self.pages)
        held.insert(next(follower, len(held)), page)
        self.hold(held)
        self._change()

    def home_at(self, position: int) -> Home:
        """Say where a page belongs that would have been at a position of this copy."""
        if self.home:
            return Home(self.home.copy_id, self.home.position + position - 1, self.home.number)
        return Home(self.id, position, self.number)

    def split(self, before_page_id: str, *, new_id: str, number: int) -> Copy:
        """Move the pages from one on to a new copy."""
        self._move("arrange")
        at = next((i for i, page in enumerate(self.pages) if page.id == before_page_id), None)
        if at is None:
            raise PageUnknown
        if not at:
            raise SplitEmpty
        rest = self.pages[at:]
        home = self.home_at(at + 1) if self.home else None
        created = Copy(new_id, self.exam_id, rest[0].scan_id, None, rest[0].side, number, home=home)
        created.hold(rest)
        created.announce()
        self.hold(self.pages[:at])
        self._change()
        return created

    def merge(self, source: Copy) -> None:
        """Append the pages of another copy and consume it."""
        if source.id == self.id:
            raise MergeWithItself
        if self.student_id and source.student_id and self.student_id != source.student_id:
            raise DifferentStudents
        self._move("arrange")
        student_id, pages = self.student_id or source.student_id, [*self.pages, *source.pages]
        source._consume()
        source.pages, self.student_id = [], student_id
        if self.home and not (source.home and source.home.copy_id == self.home.copy_id):
            self.home = None
        self.hold(pages)
        source._change()
        self._change()

    def link(self, student_id: str | None) -> None:
        """Say whose copy it is, or that nobody knows."""
        if self.state is State.CONSUMED:
            raise CopyConsumed
        self.student_id = student_id
        self._change()

    def prepare(self, zones: Zones, sources: Mapping[str, Source]) -> None:
        """Order the PDF and the images that markers may see."""
        if len(self.pages) > PAGES_LIMIT:
            raise CopyTooLong(copy=self.id, limit=str(PAGES_LIMIT))
        self._move("prepare")
        self.pages_version += 1
        self.repeat(zones, sources)
        self._change()

    def repeat(self, zones: Zones, sources: Mapping[str, Source]) -> None:
        """Order the same files again; making them twice changes nothing."""
        pages = tuple(
            self._ordered(page, sources[page.id], position, zones)
            for position, page in enumerate(self.pages, 1)
        )
        self.news.append(ExtractCopy(self.id, self.exam_id, self.pages_version, self.pdf_key, pages))

    def open(self, pdf_key: str, pages: Sequence[ReadyPage]) -> None:
        """Open the prepared copy for marking."""
        self._move("open")
        self.news.append(CopyReady(self.id, self.exam_id, self.pages_version, pdf_key, tuple(pages)))
        self._change()

    def fail(self, reason: str) -> None:
        """Remember why preparing failed; validating again retries."""
        self._move("fail")
        self._change()
        self.reason = reason

    def hold(self, pages: Sequence[Page]) -> None:
        """Number the pages it has from now on."""
        for position, page in enumerate(pages, 1):
            page.put(self.id, position)
        self.pages = list(pages)

    def announce(self) -> None:
        """Tell the present state."""
        self.news.append(StagedCopyChanged(self.id, self.exam_id, self.version, self.state))

    def _ordered(self, page: Page, source: Source, position: int, zones: Zones) -> ExtractPage:
        """
        Order one page, painted wherever it may show a name.

        Zones are drawn by position, and a lost page moves those after it: a header is where it was on paper.
        """
        now = self.home.position if self.home else position
        areas = zones.areas({now, source.position})
        return ExtractPage(page.id, source, page.side, page.crop, page.rotation, areas)

    def _check_ownership(
        self, pages: Iterable[Page], kept: Sequence[str], set_aside: Mapping[str, str]
    ) -> None:
        for page in pages:
            if page.place is Place.ON_COPY and page.copy_id != self.id:
                raise PageOnAnotherCopy(page=page.id)
            if page.copy_id == self.id and page.id not in kept and page.id not in set_aside:
                raise PageUnaccounted(page=page.id)

    def _consume(self) -> None:
        self._move("consume")
        self.student_id = None

    def _move(self, name: str) -> None:
        allowed = MOVES[name]
        if self.state not in allowed.sources:
            raise _REFUSALS.get(self.state, CopyPreparing)(state=self.state)
        self.state, self.reason = allowed.target, ""

    def _change(self) -> None:
        self.version += 1
        self.announce()


def _check_listing(names: Sequence[str], known: Mapping[str, Page]) -> None:
    if len(set(names)) != len(names):
        raise PageRepeated
    if unknown := [name for name in names if name not in known]:
        raise PageUnknown(page=unknown[0])


def _checked_rotation(rotation: int) -> int:
    if rotation not in ROTATIONS:
        raise RotationInvalid(rotation=str(rotation))
    return rotation


def _follows(other: Page, page: Page) -> bool:
    return other.scan_id == page.scan_id and other.rank > page.rank
