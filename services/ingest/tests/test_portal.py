"""Students see their own released results, and nobody else's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import pytest_asyncio
from google.protobuf.message import Message
from ingest.app import roster, staging
from ingest.domain.copy import Copy
from ingest.wire.results import GradingPeer
from kit.errors import NotFound
from korrigo.grading.v1 import grading_pb2, grading_service_pb2
from korrigo.ingest.v1 import ingest_service_pb2 as pb

from services.ingest.tests.counter import Counter

LEA, JEAN = "account-lea", "account-jean"
ROSTER = "Nom;Prénom\nDUPONT;Jean\nDURAND;Léa\n".encode()


class Released(Counter):
    """Knows the copies of Jean and Léa, both marked."""

    jean: Copy
    lea: Copy


@pytest_asyncio.fixture
async def portal(counter: Counter) -> Released:
    """Give an exam with two students, each with a finalized copy and an account."""
    desk = counter.desk
    copies = await desk.staged()
    async with desk.store() as store:
        await roster.import_roster(store, desk.exam, ROSTER, dry_run=False)
    async with desk.store() as store:
        jean, lea = await store.students(desk.exam)
        await roster.link_accounts(store, desk.exam, {jean.id: JEAN, lea.id: LEA})
    for copy, student in zip(copies, (jean, lea), strict=True):
        async with desk.store() as store:
            await staging.link(store, desk.exam, copy.id, version=copy.version, student_id=student.id)
        counter.marks.mark(copy.id, copy.pages[0].id)
    found = Released(desk, counter.marks, counter.stubs)
    found.jean, found.lea = copies
    return found


async def _list(portal: Counter, account: str) -> list[Any]:
    with portal.acting("student", account):
        return list((await portal.stub.ListMyResults(pb.ListMyResultsRequest())).results)


async def _read(portal: Counter, account: str, copy_id: str) -> Any:
    with portal.acting("student", account):
        return (await portal.stub.GetMyResult(pb.GetMyResultRequest(copy_id=copy_id))).result


async def test_nothing_is_seen_before_the_release(portal: Released) -> None:
    assert await _list(portal, LEA) == []
    with pytest.raises(NotFound):
        await _read(portal, LEA, portal.lea.id)


async def test_after_the_release_each_sees_their_own(portal: Released) -> None:
    portal.marks.release()

    (mine,) = await _list(portal, LEA)
    result = await _read(portal, LEA, portal.lea.id)

    assert (mine.student_name, mine.copy_id, mine.exam_name) == ("DURAND Léa", portal.lea.id, "Maths")
    assert not mine.questions
    assert [(it.label, it.points, it.remark) for it in result.questions] == [("1", 350, "Well seen")]
    assert (result.total, result.scale, result.appreciation) == (1750, 2000, "Good")
    (page,) = result.pages
    assert (page.page_id, page.image) == (portal.lea.pages[0].id, portal.lea.pages[0].image)
    assert page.annotations == '[{"kind": "tick"}]'


@pytest.mark.parametrize("account", [JEAN, "account-nobody"])
async def test_another_students_result_is_unknown(portal: Released, account: str) -> None:
    portal.marks.release()

    with pytest.raises(NotFound):
        await _read(portal, account, portal.lea.id)


async def test_a_copy_that_is_not_final_at_the_release_is_unknown(portal: Released) -> None:
    portal.marks.mark(portal.lea.id, is_final=False)
    portal.marks.release()

    assert await _list(portal, LEA) == []
    with pytest.raises(NotFound):
        await _read(portal, LEA, portal.lea.id)


async def test_an_unlinked_copy_is_no_longer_theirs(portal: Released) -> None:
    portal.marks.release()
    copy = await portal.desk.copy(portal.lea.id)
    async with portal.desk.store() as store:
        await staging.link(store, portal.desk.exam, copy.id, version=copy.version, student_id="")

    assert await _list(portal, LEA) == []


class _Stub:
    """Answers like grading's stub."""

    def __init__(self, *answers: Message) -> None:
        self._answers = {type(answer).__name__.removesuffix("Response"): answer for answer in answers}

    def stub(self, _make: object) -> _Stub:
        return self

    def __getattr__(self, method: str) -> Any:
        async def call(_request: Message) -> Message:
            return self._answers[method]

        return call


async def test_results_of_grading_are_read_as_the_contract_says() -> None:
    kinds = grading_pb2.Annotation
    annotations = [
        _annotation(kinds.KIND_HIGHLIGHTER, [(0.1, 0.2), (0.3, 0.2)]),
        _annotation(kinds.KIND_TEXT, [(0.25, 0.5)], text="√ ∞ é"),
    ]
    result = grading_pb2.Result(
        copy_id="c1",
        state=grading_pb2.Copy.STATE_FINALIZED,
        is_released=True,
        questions=[
            grading_pb2.ResultQuestion(question_id="q1", is_leaf=True, points=0, maximum=400),
            grading_pb2.ResultQuestion(question_id="q2", is_leaf=True, maximum=400),
        ],
        pages=[grading_pb2.ResultPage(page_id="p1", annotations=annotations)],
    )
    exam = grading_pb2.Exam(id="e1", name="Maths", date="2026-06-01", state=grading_pb2.Exam.STATE_RELEASED)
    answer = grading_service_pb2.GetResultResponse(result=result, exam=exam)

    read_exam, read = await GradingPeer(_Stub(answer)).result("c1")  # type: ignore[arg-type]  # a stub's maker

    assert (read_exam.is_released, read.is_final, read.is_released) == (True, True, True)
    assert [question.points for question in read.questions] == [0, None]
    assert '"opacity": 0.35' in read.pages[0].annotations
    assert '"box": [0.25, 0.5, 0.75]' in read.pages[0].annotations
    assert "√ ∞ é" in read.pages[0].annotations


def _annotation(
    kind: grading_pb2.Annotation.Kind.ValueType, points: Sequence[tuple[float, float]], text: str = ""
) -> grading_pb2.Annotation:
    placed = [grading_pb2.Point(x=x, y=y) for x, y in points]
    return grading_pb2.Annotation(id="a", kind=kind, points=placed, color="#d01111", text=text)


async def test_late_pages_are_seen_by_the_student_whose_copy_they_belong_to(counter: Counter) -> None:
    desk = counter.desk
    scan, ready = await desk.opened_without(3)
    await _link_first(counter, ready)
    await desk.retry(scan, 3)
    (late,) = [copy for copy in await desk.copies() if copy.home]
    await desk.validate()
    await desk.extracted(late)
    for copy in (ready, late):
        counter.marks.mark(copy.id, copy.pages[0].id)
    counter.marks.release()

    seen = {result.copy_id for result in await _list(counter, JEAN)}

    assert seen == {ready.id, late.id}
    assert (await _read(counter, JEAN, late.id)).copy_id == late.id
    with pytest.raises(NotFound):
        await _read(counter, LEA, late.id)


async def _link_first(counter: Counter, copy: Copy) -> None:
    """Say that a copy is Jean's, and let both look at their results."""
    desk = counter.desk
    async with desk.store() as store:
        await roster.import_roster(store, desk.exam, ROSTER, dry_run=False)
    async with desk.store() as store:
        jean, lea = await store.students(desk.exam)
        await roster.link_accounts(store, desk.exam, {jean.id: JEAN, lea.id: LEA})
        await staging.link(store, desk.exam, copy.id, version=copy.version, student_id=jean.id)
