"""How the settled sides of a scan become copies, and where a page goes that comes after its copy was made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import groupby

from ingest.domain.copy import ARRANGEABLE, SHORT, Copy, Home
from ingest.domain.page import Page
from ingest.domain.scan import Scan


def assemble(
    scan: Scan, pages: Iterable[Page], groups: Collection[int], new_id: Callable[[], str]
) -> list[Copy]:
    """
    Put the waiting pages of complete groups on new copies, in reading order.

    A group is complete once each of its sides has pages or is set aside. A copy that lacks a side says so.
    """
    layout = scan.layout
    chosen = [page for page in pages if layout.group(page.side) in groups]
    chosen.sort(key=lambda page: page.rank)
    return [
        _copy(scan, group, list(members), new_id())
        for group, members in groupby(chosen, key=lambda page: layout.group(page.side))
    ]


def settle_late(scan: Scan, page: Page, copies: list[Copy], new_id: Callable[[], str]) -> None:
    """
    Put a late page on the copy that it belongs to, or on one of its own, which joins *copies*.

    *copies* hold the other pages of its group. A copy past arranging is never touched: what was validated
    stays as it is, and the late pages of one copy share another that the office decides about.
    """
    home = _home(scan, page, copies)
    related = [copy for copy in copies if home and home.copy_id in (copy.id, copy.home and copy.home.copy_id)]
    takers = [copy for copy in related if copy.state in ARRANGEABLE]
    if takers:
        return min(takers, key=lambda copy: copy.home is not None).insert(page)
    late = Copy(new_id(), scan.exam_id, scan.id, None, page.side, home=home)
    late.hold([page])
    late.announce()
    copies.append(late)
    return None


def _home(scan: Scan, page: Page, copies: Sequence[Copy]) -> Home | None:
    """Find where a page would be: after the page that comes before it, else before the one after it."""
    group = scan.layout.group(page.side)
    places = [
        (other.rank, position, copy)
        for copy in copies
        for position, other in enumerate(copy.pages, 1)
        if other.scan_id == scan.id and scan.layout.group(other.side) == group
    ]
    before = max((place for place in places if place[0] < page.rank), key=_rank, default=None)
    if before:
        return before[2].home_at(before[1] + 1)
    after = min((place for place in places if place[0] > page.rank), key=_rank, default=None)
    return after[2].home_at(after[1]) if after else None


def _rank(place: tuple[int, int, Copy]) -> int:
    return place[0]


def _copy(scan: Scan, group: int, pages: list[Page], copy_id: str) -> Copy:
    copy = Copy(copy_id, scan.exam_id, scan.id, group, pages[0].side)
    copy.hold(pages)
    copy.announce()
    if scan.layout.is_short(len({page.side for page in pages}), scan.sides):
        copy.reason = SHORT
    return copy
