"""Lists come in pages that together are the list, once and in its order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from ingest.app import intake, rendering, roster, staging
from ingest.domain.batch import SCANS_LIMIT
from ingest.domain.copy import Placement
from ingest.domain.scan import State
from ingest.domain.side import Outcome
from kit.errors import FailedPrecondition, InvalidArgument
from kit.rpc.paging import read_all
from korrigo.ingest.v1 import ingest_service_pb2 as pb
from sqlalchemy import text

from services.ingest.tests import paper
from services.ingest.tests.counter import Counter, once

ROSTER = """Nom;Prénom;Né(e) le;Classe
DUPONT;Jean;;T1
DUPONT;Jean;03/02/2008;T2
DUPONT;Jean;04/02/2008;T3
DURAND;Léa;;T1
ABEL;Zoé;;T1
"""
JEAN = "account-jean"
Items = Callable[[Any], Sequence[Any]]


async def _pages(counter: Counter, method: str, size: int, items: Items, **asked: Any) -> list[list[Any]]:
    request = getattr(pb, f"{method}Request")(page_size=size, **asked)
    return [list(items(page)) for page in await read_all(getattr(counter.stub, method), request)]


async def _whole(counter: Counter, method: str, items: Items) -> list[Any]:
    """Read a list by twos; see that each page is as long as asked, and that they are the list."""
    exam = {"exam_id": counter.desk.exam}
    with counter.acting("office"):
        (whole,) = await _pages(counter, method, 0, items, **exam)
        pages = await _pages(counter, method, 2, items, **exam)

    assert [item for page in pages for item in page] == whole
    assert [len(page) for page in pages[:-1]] == [2] * (len(pages) - 1)
    return whole


async def test_the_roster_is_listed_by_name_and_homonyms_by_birth(counter: Counter) -> None:
    async with counter.desk.store() as store:
        await roster.import_roster(store, counter.desk.exam, ROSTER.encode(), dry_run=False)

    found = await _whole(counter, "ListStudents", lambda page: page.students)

    assert [(it.last_name, it.class_name) for it in found] == [
        ("ABEL", "T1"),
        ("DUPONT", "T2"),
        ("DUPONT", "T3"),
        ("DUPONT", "T1"),
        ("DURAND", "T1"),
    ]


async def test_batches_are_listed_newest_first_with_all_their_scans(counter: Counter) -> None:
    scans = [await counter.desk.upload() for _ in range(5)]

    found = await _whole(counter, "ListBatches", lambda page: page.batches)

    assert {scan.id for batch in found for scan in batch.scans} == {scan.id for scan in scans}
    assert len(found) == 5


async def test_copies_are_listed_in_the_order_of_the_paper(counter: Counter) -> None:
    await counter.desk.staged(20)

    found = await _whole(counter, "ListStagedCopies", lambda page: page.copies)

    assert [copy.number for copy in found] == [1, 2, 3, 4, 5]


async def test_exceptions_of_three_kinds_are_one_list(counter: Counter) -> None:
    await _spoil(counter)

    def items(page: Any) -> list[tuple[str, Any]]:
        return [
            *(("scan", it.reason) for it in page.refused_scans),
            *(("side", it.side) for it in page.failed_sides),
            *(("page", it.side) for it in page.set_aside_pages),
        ]

    found = await _whole(counter, "ListExceptions", items)

    assert found == [
        ("scan", "ENCRYPTED"),
        ("side", 2),
        ("side", 3),
        ("side", 6),
        ("page", 9),
        ("page", 10),
    ]


async def _spoil(counter: Counter) -> None:
    """Refuse a scan, lose three sides of another, set two of its pages aside."""
    desk = counter.desk
    refused, scan = await desk.upload(), await desk.rendering(12)
    async with desk.store() as store:
        await intake.refuse(store, desk.exam, refused.id, "ENCRYPTED", while_in=State.SEALING)
    lost = (2, 3, 6)
    read = [paper.rendered(side) for side in range(1, 13) if side not in lost]
    await desk.settle(scan, [*read, *(Outcome(side, "DAMAGED") for side in lost)])
    async with desk.store() as store:
        await rendering.set_side_aside(store, desk.exam, scan.id, 3, "torn")
    (last,) = await desk.copies()
    async with desk.store() as store:
        await staging.arrange(
            store,
            desk.exam,
            last.id,
            version=last.version,
            placements=[Placement(page.id, 0) for page in last.pages[2:]],
            set_aside={page.id: "blank" for page in last.pages[:2]},
        )


async def test_a_students_results_are_listed_once_each(counter: Counter) -> None:
    desk = counter.desk
    copies = (await desk.staged(12))[:3]
    async with desk.store() as store:
        await roster.import_roster(store, desk.exam, ROSTER.encode(), dry_run=False)
    async with desk.store() as store:
        students = (await store.students(desk.exam))[:3]
        await roster.link_accounts(store, desk.exam, {student.id: JEAN for student in students})
    for copy, student in zip(copies, students, strict=True):
        async with desk.store() as store:
            await staging.link(store, desk.exam, copy.id, version=copy.version, student_id=student.id)
        counter.marks.mark(copy.id)
    counter.marks.release()

    with counter.acting("student", JEAN):
        pages = await _pages(counter, "ListMyResults", 2, lambda page: page.results)

    assert [len(page) for page in pages] == [2, 1]
    assert {result.copy_id for page in pages for result in page} == {copy.id for copy in copies}


@pytest.mark.parametrize(
    "method", ["ListStudents", "ListBatches", "ListStagedCopies", "ListExceptions", "ListMyResults"]
)
async def test_the_token_of_another_list_is_refused(counter: Counter, method: str) -> None:
    await counter.desk.staged(12)
    asked = {} if method == "ListMyResults" else {"exam_id": counter.desk.exam}
    with counter.acting("office"):
        copies = pb.ListStagedCopiesRequest(exam_id=counter.desk.exam, page_size=1)
        token = (await counter.stub.ListStagedCopies(copies)).next_page_token
    foreign = token if method != "ListStagedCopies" else "1-2-3"

    role = "student" if method == "ListMyResults" else "office"
    with counter.acting(role), pytest.raises(InvalidArgument) as caught:
        await getattr(counter.stub, method)(getattr(pb, f"{method}Request")(page_token=foreign, **asked))

    assert caught.value.reason == "PAGE_TOKEN_INVALID"


async def test_a_batch_that_is_full_takes_no_more_files(counter: Counter) -> None:
    desk = counter.desk
    scan = await desk.upload()
    async with desk.database.transaction() as session:
        await session.execute(_FILL, {"scan_id": scan.id, "count": SCANS_LIMIT - 1})
    request = pb.AddScanRequest(
        request_id=once(),
        exam_id=desk.exam,
        batch_id=scan.batch_id,
        file_name="one-more.pdf",
        upload_prefix="uploads/1",
        chunks=1,
        bytes=1,
    )

    with counter.acting("office"), pytest.raises(FailedPrecondition) as caught:
        await counter.stub.AddScan(request)
    with counter.acting("office"):
        (batch,) = (await counter.stub.ListBatches(pb.ListBatchesRequest(exam_id=desk.exam))).batches

    assert caught.value.reason == "BATCH_FULL"
    assert len(batch.scans) == SCANS_LIMIT


_FILL = text("""
INSERT INTO scans (id, exam_id, batch_id, file_name, upload_prefix, chunks, bytes, state, version)
SELECT gen_random_uuid(), exam_id, batch_id, repeat('long name ', 20), upload_prefix, 1, 1, state, 1
FROM scans, generate_series(1, :count) WHERE id = :scan_id""")
