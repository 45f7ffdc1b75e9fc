"""Arranging, splitting and merging copies: no page is lost, and each is in one place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingest.domain.batch import Crop, Layout, Mode
from ingest.domain.copy import PAGES_LIMIT, Copy, Home, Placement, StagedCopyChanged, State
from ingest.domain.page import Page, Place
from ingest.domain.preparation import CopyReady, ExtractCopy, Source
from ingest.domain.refusals import (
    CopyConsumed,
    CopyReadyAlready,
    CopyTooLong,
    DifferentStudents,
    MergeWithItself,
    PageOnAnotherCopy,
    PageRepeated,
    PageUnaccounted,
    PageUnknown,
    ReasonMissing,
    RotationInvalid,
    SplitEmpty,
    VersionStale,
    ZonesUndecided,
)
from ingest.domain.zones import Area, Zone, Zones

from services.ingest.tests import paper

SOURCE = Source("ab" * 32, "scans/ab.pdf", "pages/1.jpg", "pages/1-thumb.jpg", 1)


def _copy(pages: int = 4) -> Copy:
    copy = Copy(paper.new_id(), paper.EXAM, "scan", 0, 1)
    copy.hold([paper.page(side) for side in range(1, pages + 1)])
    return copy


def _known(*pages: Page) -> dict[str, Page]:
    return {page.id: page for page in pages}


def _placed(*pages: Page) -> list[Placement]:
    return [Placement(page.id, page.rotation) for page in pages]


def test_pages_are_reordered_and_turned() -> None:
    copy = _copy(2)
    first, second = copy.pages

    copy.arrange([Placement(second.id, 180), Placement(first.id, 0)], {}, _known(first, second))

    assert copy.pages == [second, first]
    assert (second.position, second.rotation, first.position) == (1, 180, 2)


def test_a_page_that_leaves_is_set_aside_with_its_reason() -> None:
    copy = _copy(2)
    first, second = copy.pages

    copy.arrange(_placed(first), {second.id: " foreign sheet "}, _known(first, second))

    assert second.place is Place.SET_ASIDE
    assert second.set_aside_reason == "foreign sheet"


def test_a_page_that_waits_may_join_and_one_set_aside_may_return() -> None:
    copy = _copy(1)
    waiting, returning = paper.page(2), paper.page(3)
    returning.set_aside("blank")

    pages = (*copy.pages, waiting, returning)
    copy.arrange(_placed(*pages), {}, _known(*pages))

    assert [page.place for page in copy.pages] == [Place.ON_COPY] * 3


def test_a_page_that_waits_may_be_set_aside() -> None:
    copy = _copy(1)
    waiting = paper.page(2)

    touched = copy.arrange(_placed(*copy.pages), {waiting.id: "blank"}, _known(*copy.pages, waiting))

    assert waiting in touched
    assert waiting.place is Place.SET_ASIDE


def test_an_emptied_copy_is_consumed() -> None:
    copy = _copy(1)
    (page,) = copy.pages

    copy.arrange([], {page.id: "blank"}, _known(page))

    assert copy.state is State.CONSUMED


def test_a_page_may_not_vanish() -> None:
    copy = _copy(2)

    with pytest.raises(PageUnaccounted):
        copy.arrange(_placed(copy.pages[0]), {}, _known(*copy.pages))


def test_a_page_of_another_copy_is_not_taken() -> None:
    copy, other = _copy(1), _copy(1)
    pages = [*copy.pages, *other.pages]

    with pytest.raises(PageOnAnotherCopy):
        copy.arrange(_placed(*pages), {}, _known(*pages))


@pytest.mark.parametrize("rotation", [45, -90, 360])
def test_pages_turn_by_right_angles_only(rotation: int) -> None:
    copy = _copy(1)

    with pytest.raises(RotationInvalid):
        copy.arrange([Placement(copy.pages[0].id, rotation)], {}, _known(*copy.pages))


def test_a_wrong_listing_is_refused() -> None:
    copy = _copy(1)
    (page,) = copy.pages

    with pytest.raises(PageRepeated):
        copy.arrange(_placed(page, page), {}, _known(page))
    with pytest.raises(PageUnknown):
        copy.arrange([*_placed(page), Placement("nobody", 0)], {}, _known(page))
    with pytest.raises(ReasonMissing):
        copy.arrange([], {page.id: "  "}, _known(page))


def test_an_edit_of_an_older_version_is_refused() -> None:
    copy = _copy()
    copy.link("student")

    with pytest.raises(VersionStale):
        copy.expect(1)


def test_a_split_moves_the_rest_to_a_new_copy() -> None:
    copy = _copy()

    created = copy.split(copy.pages[2].id, new_id=paper.new_id(), number=7)

    assert [page.side for page in copy.pages] == [1, 2]
    assert [(page.side, page.position) for page in created.pages] == [(3, 1), (4, 2)]
    assert (created.number, created.first_side, created.group) == (7, 3, None)


def test_a_split_leaves_a_page_on_both() -> None:
    copy = _copy()

    with pytest.raises(SplitEmpty):
        copy.split(copy.pages[0].id, new_id=paper.new_id(), number=7)


def test_a_merge_appends_the_pages_and_consumes_the_source() -> None:
    target, source = _copy(2), _copy(2)
    source.student_id = "student"
    pages = [*target.pages, *source.pages]

    target.merge(source)

    assert target.pages == pages
    assert [page.position for page in pages] == [1, 2, 3, 4]
    assert source.state is State.CONSUMED
    assert not source.pages
    assert not source.student_id
    assert target.student_id == "student"


def test_copies_of_different_students_do_not_merge() -> None:
    target, source = _copy(), _copy()
    target.student_id, source.student_id = "one", "another"

    with pytest.raises(DifferentStudents):
        target.merge(source)
    with pytest.raises(MergeWithItself):
        target.merge(target)


def test_a_consumed_copy_is_linked_to_nobody() -> None:
    target, source = _copy(), _copy()
    target.merge(source)

    with pytest.raises(CopyConsumed):
        source.link("student")


HEADER, SHINE = Area(0, 0, 0.5, 0.2), Area(0, 0, 1, 0.2)
#: A header on the first page of each sheet, which shines through on the second.
SHEETS = Zones(paper.EXAM, (Zone(1, 4, HEADER), Zone(2, 4, SHINE)))


def _painted(copy: Copy, zones: Zones = SHEETS) -> list[tuple[int, tuple[Area, ...]]]:
    """Prepare a copy of one student's eight sides; tell what is painted out on each."""
    sources = {page.id: replace(SOURCE, position=page.side) for page in copy.pages}
    copy.prepare(zones, sources)
    (order,) = [news for news in copy.news if isinstance(news, ExtractCopy)]
    return [(page.side, page.areas) for page in order.pages]


def test_preparing_names_zones_by_page_position_in_the_copy() -> None:
    copy = _copy(5)

    painted = _painted(copy)

    assert [areas for _, areas in painted] == [(HEADER,), (SHINE,), (), (), (HEADER,)]
    assert copy.pdf_key == f"copies/{copy.id}/1.pdf"


def test_a_page_that_is_lost_moves_no_name_out_of_its_zone() -> None:
    copy = _copy(8)
    lost = copy.pages[2]
    rest = [page for page in copy.pages if page is not lost]
    copy.arrange(_placed(*rest), {lost.id: "blank"}, _known(*copy.pages))

    painted = dict(_painted(copy))

    assert (HEADER in painted[5], SHINE in painted[6]) == (True, True)


def test_a_page_that_was_moved_is_painted_as_where_it_was_and_as_where_it_is() -> None:
    copy = _copy(2)
    first, second = copy.pages
    copy.arrange(_placed(second, first), {}, _known(first, second))

    assert dict(_painted(copy)) == {2: (HEADER, SHINE), 1: (HEADER, SHINE)}


def test_late_pages_are_painted_as_at_their_home() -> None:
    late = Copy(paper.new_id(), paper.EXAM, "scan", None, 5, home=Home("home", 4))
    late.hold([paper.page(5), paper.page(7)])

    assert _painted(late) == [(5, (HEADER,)), (7, ())]


@pytest.mark.parametrize("crops", [(Crop.FULL,), (Crop.LEFT, Crop.RIGHT)])
@given(st.integers(1, 6), st.integers(0, 5))
def test_a_page_of_a_whole_copy_is_on_paper_where_it_is_in_the_copy(
    crops: tuple[Crop, ...], sheets: int, group: int
) -> None:
    mode = Mode.EVERY_N_SIDES if crops == (Crop.FULL,) else Mode.A3_BOOKLET
    layout = Layout(mode, 2 * sheets)
    first = group * layout.sides_per_copy + 1
    faces = [(side, crop) for side in range(first, first + layout.sides_per_copy) for crop in crops]
    ranked = sorted((layout.rank(side, crop), side) for side, crop in faces)

    assert [layout.position(side, rank) for rank, side in ranked] == list(range(1, len(faces) + 1))


def test_each_preparation_has_its_own_pages_version() -> None:
    copy = _copy(1)
    sources = {page.id: SOURCE for page in copy.pages}
    zones = Zones(paper.EXAM, none_confirmed=True)

    copy.prepare(zones, sources)
    copy.fail("DAMAGED")
    copy.prepare(zones, sources)

    assert copy.pages_version == 2


def test_a_copy_of_a_whole_pile_is_refused() -> None:
    copy = _copy(PAGES_LIMIT + 1)

    with pytest.raises(CopyTooLong):
        copy.prepare(Zones(paper.EXAM, none_confirmed=True), {page.id: SOURCE for page in copy.pages})


def test_a_ready_copy_keeps_its_pages_but_may_be_linked() -> None:
    copy = _copy(1)
    copy.state = State.PREPARING
    copy.open("copies/1/1.pdf", [])

    copy.link("student")

    with pytest.raises(CopyReadyAlready):
        copy.arrange(_placed(*copy.pages), {}, _known(*copy.pages))
    assert [type(news) for news in copy.news] == [CopyReady, StagedCopyChanged, StagedCopyChanged]


def test_zones_are_decided_before_copies_are_validated() -> None:
    with pytest.raises(ZonesUndecided):
        Zones(paper.EXAM).decided()

    assert Zones(paper.EXAM, none_confirmed=True).decided()
