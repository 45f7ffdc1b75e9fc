"""Sides become copies: fixed groups, reading order, nothing shifted by an accident."""

from __future__ import annotations

import pytest
from ingest.domain.assembly import assemble
from ingest.domain.batch import Crop, Layout, Mode, layout
from ingest.domain.copy import SHORT, Copy
from ingest.domain.refusals import ModeMissing, SidesPerCopyInvalid

from services.ingest.tests import paper

BOOKLET = Layout(Mode.A3_BOOKLET, 4)
HALVES = (Crop.LEFT, Crop.RIGHT)


def _faces(copy: Copy) -> list[tuple[int, Crop]]:
    return [(page.side, page.crop) for page in copy.pages]


def test_every_four_sides_are_a_copy() -> None:
    scan = paper.scan(8)
    pages = [paper.page(side) for side in range(1, 9)]

    copies = assemble(scan, pages, {0, 1}, paper.new_id)

    assert [[page.side for page in copy.pages] for copy in copies] == [[1, 2, 3, 4], [5, 6, 7, 8]]


def test_a_side_set_aside_leaves_its_copy_short_and_shifts_no_other() -> None:
    scan = paper.scan(8)
    pages = [paper.page(side) for side in range(1, 9) if side != 2]

    short, whole = assemble(scan, pages, {0, 1}, paper.new_id)

    assert [page.side for page in short.pages] == [1, 3, 4]
    assert (short.reason, whole.reason) == (SHORT, "")
    assert [page.side for page in whole.pages] == [5, 6, 7, 8]


def test_a_group_that_is_not_complete_makes_no_copy() -> None:
    pages = [paper.page(side) for side in range(1, 9)]

    copies = assemble(paper.scan(8), pages, {1}, paper.new_id)

    assert [copy.group for copy in copies] == [1]


def test_the_last_copy_of_a_scan_that_does_not_divide_is_short() -> None:
    pages = [paper.page(side) for side in range(1, 7)]

    whole, short = assemble(paper.scan(6), pages, {0, 1}, paper.new_id)

    assert (whole.reason, short.reason) == ("", SHORT)


def test_a_file_is_one_copy() -> None:
    one = Layout(Mode.FILE_PER_COPY, 0)
    pages = [paper.page(side, layout=one) for side in (3, 1, 2)]

    (copy,) = assemble(paper.scan(3, one), pages, {0}, paper.new_id)

    assert [page.side for page in copy.pages] == [1, 2, 3]
    assert copy.reason == ""


def test_a3_sheets_are_read_recto_right_verso_left_verso_right_recto_left() -> None:
    pages = [paper.page(side, crop, BOOKLET) for side in range(1, 5) for crop in HALVES]

    (copy,) = assemble(paper.scan(4, BOOKLET), pages, {0}, paper.new_id)

    first_sheet = [(1, Crop.RIGHT), (2, Crop.LEFT), (2, Crop.RIGHT), (1, Crop.LEFT)]
    second_sheet = [(3, Crop.RIGHT), (4, Crop.LEFT), (4, Crop.RIGHT), (3, Crop.LEFT)]
    assert _faces(copy) == first_sheet + second_sheet


def test_an_a4_annex_among_a3_sheets_keeps_its_turn() -> None:
    sheet = [paper.page(side, crop, BOOKLET) for side in (1, 2) for crop in HALVES]
    annex = [paper.page(side, layout=BOOKLET) for side in (3, 4)]

    (copy,) = assemble(paper.scan(4, BOOKLET), sheet + annex, {0}, paper.new_id)

    assert _faces(copy)[4:] == [(3, Crop.FULL), (4, Crop.FULL)]


@pytest.mark.parametrize(
    ("mode", "sides", "refusal"),
    [
        (None, 4, ModeMissing),
        (Mode.EVERY_N_SIDES, 0, SidesPerCopyInvalid),
        (Mode.EVERY_N_SIDES, 401, SidesPerCopyInvalid),
        (Mode.A3_BOOKLET, 3, SidesPerCopyInvalid),
    ],
)
def test_a_layout_that_makes_no_sense_is_refused(
    mode: Mode | None, sides: int, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        layout(mode, sides)


def test_a_late_page_joins_at_its_natural_place() -> None:
    pages = [paper.page(side) for side in (1, 3, 4)]
    (copy,) = assemble(paper.scan(4), pages, {0}, paper.new_id)

    late = paper.page(2)
    late.scan_id = copy.pages[0].scan_id
    copy.insert(late)

    assert [page.side for page in copy.pages] == [1, 2, 3, 4]
    assert [page.position for page in copy.pages] == [1, 2, 3, 4]
