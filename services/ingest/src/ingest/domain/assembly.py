"""How the settled sides of a scan become copies."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import groupby

from ingest.domain.copy import SHORT, Copy
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


def _copy(scan: Scan, group: int, pages: list[Page], copy_id: str) -> Copy:
    copy = Copy(copy_id, scan.exam_id, scan.id, group, pages[0].side)
    copy.hold(pages)
    copy.announce()
    if scan.layout.is_short(len({page.side for page in pages}), scan.sides):
        copy.reason = SHORT
    return copy
