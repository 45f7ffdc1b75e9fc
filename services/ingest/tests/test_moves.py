"""State × move: each pair either leads where the table says or is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ingest.domain import copy, export, scan, side
from ingest.domain.copy import Copy
from ingest.domain.export import Export
from ingest.domain.refusals import CopyConsumed, CopyPreparing, CopyReadyAlready, ScanNotReady, SideNotFailed
from ingest.domain.side import Outcome, Side
from ingest.domain.zones import Zones

from services.ingest.tests import paper

SCAN_MOVES: dict[str, Callable[[scan.Scan], object]] = {
    "seal": lambda it: it.seal("ab" * 32, 10),
    "recognise": lambda it: it.recognise("ab" * 32, 10, original_id="other"),
    "refuse": lambda it: it.refuse("ENCRYPTED"),
    "dismiss": lambda it: it.dismiss("not needed"),
    "restore": lambda it: it.restore(),
    "open": lambda it: it.open(4),
    "settle": lambda it: it.settle(rendered=it.pending, failed=0, copies=0),
    "retry": lambda it: it.retry(1, was_set_aside=False),
}
SIDE_MOVES: dict[str, Callable[[Side], object]] = {
    "render": lambda it: it.settle(paper.rendered(1)),
    "fail": lambda it: it.settle(Outcome(1, "DAMAGED")),
    "retry": lambda it: it.retry(),
    "set_aside": lambda it: it.set_aside("torn"),
}
COPY_MOVES: dict[str, Callable[[Copy], object]] = {
    "arrange": lambda it: it.insert(paper.page(1)),
    "consume": lambda it: paper_copy().merge(it),
    "prepare": lambda it: it.prepare(Zones(paper.EXAM, none_confirmed=True), {}),
    "open": lambda it: it.open("copies/1/1.pdf", []),
    "fail": lambda it: it.fail("DAMAGED"),
}


def paper_copy(state: copy.State = copy.State.STAGED) -> Copy:
    return Copy(paper.new_id(), paper.EXAM, "scan", 0, 1, state=state)


def _pairs(states: Any, moves: Any) -> list[tuple[Any, str]]:
    return [(state, name) for state in states for name in moves]


@pytest.mark.parametrize(("state", "name"), _pairs(scan.State, scan.MOVES))
def test_a_scan_moves_as_its_table_says(state: scan.State, name: str) -> None:
    it = paper.scan(4, state=state)
    if state not in scan.MOVES[name].sources:
        with pytest.raises(ScanNotReady):
            SCAN_MOVES[name](it)
        return

    SCAN_MOVES[name](it)

    assert it.state is scan.MOVES[name].target


@pytest.mark.parametrize(("state", "name"), _pairs(side.State, side.MOVES))
def test_a_side_moves_as_its_table_says(state: side.State, name: str) -> None:
    it = Side("scan", 1, state)
    if state not in side.MOVES[name].sources:
        with pytest.raises(SideNotFailed):
            SIDE_MOVES[name](it)
        return

    SIDE_MOVES[name](it)

    assert it.state is side.MOVES[name].target


@pytest.mark.parametrize(("state", "name"), _pairs(copy.State, copy.MOVES))
def test_a_copy_moves_as_its_table_says(state: copy.State, name: str) -> None:
    it = paper_copy(state)
    if state not in copy.MOVES[name].sources:
        with pytest.raises((CopyReadyAlready, CopyPreparing, CopyConsumed)):
            COPY_MOVES[name](it)
        return

    COPY_MOVES[name](it)

    assert it.state is copy.MOVES[name].target


@pytest.mark.parametrize(("state", "name"), _pairs(export.State, export.MOVES))
def test_an_export_moves_once(state: export.State, name: str) -> None:
    it = Export("export", paper.EXAM, "fr", state)

    it.deliver("results.csv") if name == "deliver" else it.fail("GRADING_UNAVAILABLE")

    is_allowed = state in export.MOVES[name].sources
    assert it.state is (export.MOVES[name].target if is_allowed else state)
    assert bool(it.news) == is_allowed
