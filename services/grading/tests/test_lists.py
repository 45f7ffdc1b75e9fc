"""Lists come in pages that together are the list, once and in its order."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from kit.errors import InvalidArgument
from kit.rpc.paging import read_all
from korrigo.grading.v1 import grading_service_pb2 as pb

from services.grading.tests.desk import ADA, Grading
from services.grading.tests.journal import Browser

Items = Callable[[Any], Sequence[Any]]


async def _whole(call: Any, make: Callable[[int], Any], items: Items) -> list[Any]:
    """Read a list at once and by twos; see that it is the same."""
    (whole,) = await read_all(call, make(0))
    pages = await read_all(call, make(2))
    sizes = [len(items(page)) for page in pages]

    assert [item for page in pages for item in items(page)] == list(items(whole))
    assert sizes[:-1] == [2] * (len(sizes) - 1)
    return list(items(whole))


async def test_the_copies_of_a_lot_are_listed_by_code(grading: Grading) -> None:
    await grading.begin(*(f"copy-{n}" for n in range(5)))

    with grading.acting("marker", ADA):
        found = await _whole(
            grading.stub.ListLotCopies,
            lambda size: pb.ListLotCopiesRequest(exam_id=grading.exam_id, page_size=size),
            lambda page: page.copies,
        )

    assert [copy.code for copy in found] == sorted(copy.code for copy in found)
    assert len(found) == 5


async def test_results_are_listed_by_code_with_the_exam_on_each_page(grading: Grading) -> None:
    await grading.begin(*(f"copy-{n}" for n in range(3)))

    found = await _whole(
        grading.as_ingest.ListResults,
        lambda size: pb.ListResultsRequest(exam_id=grading.exam_id, page_size=size),
        lambda page: [(result.code, page.exam.id) for result in page.results],
    )

    assert found == sorted(found)
    assert {exam for _, exam in found} == {grading.exam_id}


async def test_exams_and_lots_are_listed_page_by_page(grading: Grading) -> None:
    ids = []
    for number in range(3):
        await grading.begin(f"copy-{number}")
        ids.append(grading.exam_id)

    exams = await _whole(
        grading.stub.ListExams,
        lambda size: pb.ListExamsRequest(exam_ids=ids, page_size=size),
        lambda page: [exam.id for exam in page.exams],
    )
    with grading.acting("marker", ADA, ""):
        lots = await _whole(
            grading.stub.ListLots,
            lambda size: pb.ListLotsRequest(page_size=size),
            lambda page: [lot.exam_id for lot in page.lots],
        )

    assert exams == lots[::-1]
    assert set(exams) == set(ids)


async def test_acts_that_were_set_aside_are_listed_oldest_first(grading: Grading) -> None:
    await grading.begin()
    first, second = Browser(), Browser()
    await grading.record("copy-1", [first.mark("q2", 100)])
    await grading.record("copy-1", [second.mark("q2", points) for points in (150, 200, 250)])

    with grading.acting("marker", ADA):
        found = await _whole(
            grading.stub.ListSetAsideActs,
            lambda size: pb.ListSetAsideActsRequest(page_size=size),
            lambda page: page.acts,
        )

    assert [aside.act.sequence for aside in found] == [1, 2, 3]


@pytest.mark.parametrize("token", ["K7QX4M", "!", "WyJhIiwxXQ"])
async def test_a_token_that_is_none_of_the_list_is_refused(grading: Grading, token: str) -> None:
    await grading.begin()
    request = pb.ListCopiesRequest(exam_id=grading.exam_id, page_token=token)

    with grading.acting("office", "claire"), pytest.raises(InvalidArgument) as caught:
        await grading.stub.ListCopies(request)

    assert caught.value.reason == "PAGE_TOKEN_INVALID"
