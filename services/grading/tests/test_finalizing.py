"""From marked copies to results that students see, with every failure a state."""

import asyncio
from datetime import timedelta

import orjson
import pytest
from grading import app, watch
from grading.app.marking import Desk
from grading.app.results import Journal
from grading.domain.release import Blocker
from kit.errors import Refusal
from kit.identity import Caller
from kit.testing import DatabaseFor
from korrigo.grading.v1 import grading_service_pb2 as pb
from sqlalchemy import text

from services.grading.tests.desk import ADA, BOB, FINALIZE_FAILED, FINALIZED, FINALIZING, OPEN, Grading, once
from services.grading.tests.journal import Browser


@pytest.fixture
async def begun(grading: Grading) -> Grading:
    """Give an exam with one copy, Ada's."""
    await grading.begin()
    return grading


async def fail(grading: Grading, copy_id: str = "copy-1", version: int = 1) -> None:
    """Let the rasterizer tell that there is no PDF."""
    async with grading.store() as store:
        await app.results.hear_unstampable(store, copy_id, version, "FONT_MISSING")


async def frozen_files(grading: Grading) -> list[str]:
    """List what lies under `frozen/`."""
    return [key async for key, _ in grading.blobs.list("frozen/")]


async def test_finalizing_freezes_a_file_and_orders_its_pdf(begun: Grading) -> None:
    tab = Browser()
    await begun.lease("copy-1")
    await begun.record("copy-1", [*tab.all_marks(), tab.draw("stroke", page="copy-1-2")])

    copy = await begun.finalize("copy-1", tab)

    assert (copy.state, copy.content_version, copy.HasField("lease")) == (FINALIZING, 1, False)
    (key,) = await frozen_files(begun)
    file = orjson.loads(await begun.blobs.get(key))
    assert (file["copy"]["code"], file["total"]) == (copy.code, "7,5")
    assert [len(page["annotations"]) for page in file["pages"]] == [0, 1]
    assert await begun.told("StampCopy") == 1


async def test_a_stamped_result_finalizes_the_copy_once(begun: Grading) -> None:
    await begun.mark_and_finalize("copy-1")
    told = await begun.told("CopyChanged")

    await begun.stamp("copy-1")

    assert (await begun.copy("copy-1")).state == FINALIZED
    assert await begun.told("CopyChanged") == told


async def test_an_unmarked_question_keeps_the_copy_open(begun: Grading) -> None:
    tab = Browser()
    await begun.record("copy-1", [tab.mark("q1a", 0), tab.mark("q1b", None)])

    with pytest.raises(Refusal) as caught:
        await begun.finalize("copy-1", tab)

    assert (caught.value.code, caught.value.reason) == ("FAILED_PRECONDITION", "COPY_INCOMPLETE")
    assert caught.value.metadata["questions"] == "q1b,q2"
    assert (await begun.copy("copy-1")).state == OPEN
    assert await frozen_files(begun) == []


async def test_an_act_on_its_way_keeps_the_copy_open(begun: Grading) -> None:
    tab = Browser()
    await begun.record("copy-1", tab.all_marks())
    late = tab.appreciate("Bien.")

    with pytest.raises(Refusal) as caught:
        await begun.finalize("copy-1", tab)
    assert (caught.value.reason, caught.value.metadata) == ("ACTS_MISSING", {"arrived": "3", "expected": "4"})

    await begun.record("copy-1", [late])
    assert (await begun.finalize("copy-1", tab)).state == FINALIZING


async def test_two_finalizes_at_once_make_one_content_version(begun: Grading) -> None:
    tab = Browser()
    await begun.record("copy-1", tab.all_marks())

    copies = await asyncio.gather(*(begun.finalize("copy-1", tab) for _ in range(4)))

    assert {(copy.state, copy.content_version) for copy in copies} == {(FINALIZING, 1)}
    assert await begun.told("StampCopy") == 1
    assert len(await frozen_files(begun)) == 1


async def test_finalizing_again_changes_nothing(begun: Grading) -> None:
    await begun.mark_and_finalize("copy-1")
    before = await begun.copy("copy-1")

    assert await begun.finalize("copy-1") == before
    assert await begun.told("StampCopy") == 1


async def test_a_repeated_request_is_answered_as_before(begun: Grading) -> None:
    await begun.record("copy-1", Browser().all_marks())
    request_id = once()

    first = await begun.finalize("copy-1", request_id=request_id)
    await begun.stamp("copy-1")
    again = await begun.finalize("copy-1", request_id=request_id)

    assert again == first


async def test_finalizing_and_marking_at_once_freezes_what_is_stored(begun: Grading) -> None:
    tab, other = Browser(), Browser()
    await begun.record("copy-1", tab.all_marks())

    _, *recorded = await asyncio.gather(
        begun.finalize("copy-1", tab),
        *(begun.record("copy-1", [other.mark("q2", 25 * n, base=n)]) for n in range(1, 5)),
    )

    await begun.stamp("copy-1")
    (result,) = (await begun.results()).results
    marking = await begun.marking("copy-1")
    frozen = {line.question_id: line.points for line in result.questions if line.is_leaf}
    assert frozen == {mark.question_id: mark.points for mark in marking.marks}
    key = await _frozen_key(begun)
    total = orjson.loads(await begun.blobs.get(key))["total"]
    assert total.replace(",", ".") == f"{result.total / 100:g}"
    assert len(recorded) == 4


async def test_a_draft_that_was_overtaken_is_never_frozen(begun: Grading) -> None:
    await begun.record("copy-1", Browser().all_marks())
    desk, journal = Desk(ADA, begun.exam_id, "copy-1"), Journal("", 0)
    async with begun.store() as store:
        draft = await app.results.draft_result(store, desk, journal)
    await begun.record("copy-1", [Browser().mark("q2", 200, base=1)])

    with pytest.raises(app.results.CopyMoved):
        async with begun.store() as store:
            await app.results.finalize_copy(store, Caller("gateway", ADA, "marker"), desk, journal, draft)

    assert (await begun.copy("copy-1")).state == OPEN


async def test_a_failed_pdf_is_a_state_with_a_reason_and_a_retry(begun: Grading) -> None:
    await begun.record("copy-1", Browser().all_marks())
    await begun.finalize("copy-1")

    await fail(begun)
    copy = await begun.copy("copy-1")
    assert (copy.state, copy.reason, copy.attempts) == (FINALIZE_FAILED, "FONT_MISSING", 1)

    retried = await begun.finalize("copy-1")
    assert (retried.state, retried.content_version) == (FINALIZING, 1)
    await fail(begun)
    assert (await begun.copy("copy-1")).attempts == 2
    assert (await begun.finalize("copy-1", role="office")).state == FINALIZING
    await begun.stamp("copy-1")

    assert (await begun.copy("copy-1")).state == FINALIZED
    assert await begun.told("StampCopy") == 3


async def test_the_office_cannot_finalize_for_a_marker(begun: Grading) -> None:
    await begun.record("copy-1", Browser().all_marks())

    with pytest.raises(Refusal) as caught:
        await begun.finalize("copy-1", role="office")

    assert caught.value.reason == "COPY_WRONG_STATE"


async def test_news_of_an_older_content_changes_nothing(begun: Grading) -> None:
    await begun.mark_and_finalize("copy-1")
    await begun.reopen("copy-1")
    assert (await begun.finalize("copy-1")).content_version == 2

    await begun.stamp("copy-1", version=1)
    await fail(begun, version=1)
    assert (await begun.copy("copy-1")).state == FINALIZING

    await begun.stamp("copy-1", version=2)
    await fail(begun, version=2)
    assert (await begun.copy("copy-1")).state == FINALIZED


async def test_a_reopened_copy_keeps_its_marks_and_gets_a_new_content_version(begun: Grading) -> None:
    await begun.mark_and_finalize("copy-1", points=100)

    reopened = await begun.reopen("copy-1")
    assert (reopened.state, reopened.questions_marked) == (OPEN, 3)
    await begun.record("copy-1", [Browser().mark("q2", 200, base=1)])
    await begun.finalize("copy-1")
    await begun.stamp("copy-1", 2)

    (result,) = (await begun.results()).results
    assert (result.content_version, result.raw_total, result.pdf_key) == (2, 400, "results/copy-1/2.pdf")


@pytest.mark.parametrize(("reason", "refusal"), [("", "REASON_MISSING"), ("why not", "COPY_WRONG_STATE")])
async def test_only_a_finalized_copy_reopens_and_with_a_reason(
    begun: Grading, reason: str, refusal: str
) -> None:
    with pytest.raises(Refusal) as caught:
        await begun.reopen("copy-1", reason)

    assert caught.value.reason == refusal


async def test_scale_and_scheme_are_frozen_with_the_first_result(begun: Grading) -> None:
    await begun.mark_and_finalize("copy-1")

    with begun.acting("office", "claire"):
        exam = (await begun.stub.GetExam(pb.GetExamRequest(exam_id=begun.exam_id))).exam
        request = pb.UpdateExamRequest(
            request_id=once(),
            exam_id=exam.id,
            version=exam.version,
            name=exam.name,
            date=exam.date,
            time_zone=exam.time_zone,
            language=exam.language,
            result_scale=1000,
            rounding=1,
            mark_step=25,
        )
        with pytest.raises(Refusal) as caught:
            await begun.stub.UpdateExam(request)
    assert caught.value.reason == "SCALE_IN_USE"


async def test_a_release_is_refused_with_every_blocker(grading: Grading) -> None:
    await grading.begin("copy-1", "copy-2")
    await grading.open_copies("copy-3")
    await grading.mark_and_finalize("copy-1")
    await grading.settle_ledger(1, Blocker("PAGES_WAITING", 4))

    with pytest.raises(Refusal) as caught:
        await grading.release()

    expected = [
        {"reason": "COPIES_UNASSIGNED", "count": 1},
        {"reason": "COPIES_NOT_FINALIZED", "count": 2},
        {"reason": "PAGES_WAITING", "count": 4},
    ]
    assert (caught.value.code, caught.value.reason) == ("FAILED_PRECONDITION", "RELEASE_BLOCKED")
    assert orjson.loads(caught.value.metadata["blockers"]) == expected
    with grading.acting("office", "claire"):
        checked = await grading.stub.CheckRelease(pb.CheckReleaseRequest(exam_id=grading.exam_id))
    assert [{"reason": b.reason, "count": b.count} for b in checked.blockers] == expected


async def test_an_unheard_ledger_blocks_and_an_older_one_is_behind(begun: Grading) -> None:
    await begun.mark_and_finalize("copy-1")

    with pytest.raises(Refusal) as caught:
        await begun.release()
    assert orjson.loads(caught.value.metadata["blockers"]) == [{"reason": "LEDGER_UNKNOWN", "count": 1}]

    await begun.settle_ledger(4)
    with pytest.raises(Refusal) as caught:
        await begun.release(ledger_version=5)
    assert (caught.value.code, caught.value.reason) == ("ABORTED", "LEDGER_BEHIND")
    await begun.settle_ledger(5)
    await begun.settle_ledger(3, Blocker("PAGES_WAITING", 1))
    assert (await begun.release(ledger_version=5)).release == 1


async def test_a_release_waits_for_a_copy_that_ingest_has_made_ready(begun: Grading) -> None:
    for copy in await begun.copies():
        await begun.mark_and_finalize(copy.id)
    await begun.settle_ledger()
    arrived = len(await begun.copies())

    with pytest.raises(Refusal) as refused:
        await begun.release(copies=arrived + 1)

    assert refused.value.reason == "RELEASE_BLOCKED"
    assert "COPIES_ARRIVING" in refused.value.metadata["blockers"]
    assert (await begun.release(copies=arrived)).release == 1


async def test_a_release_is_told_once_and_again_only_with_news(begun: Grading) -> None:
    await begun.mark_and_finalize("copy-1")
    await begun.settle_ledger()

    first, second = await begun.release(), await begun.release()
    assert first == second
    assert await begun.told("ResultsReleased") == 1

    await begun.reopen("copy-1")
    await begun.finalize("copy-1")
    await begun.stamp("copy-1", 2)
    assert (await begun.release()).release == 2
    assert await begun.told("ResultsReleased") == 2


async def test_two_releases_at_once_are_one(begun: Grading) -> None:
    await begun.mark_and_finalize("copy-1")
    await begun.settle_ledger()

    exams = await asyncio.gather(begun.release(), begun.release())

    assert [exam.release for exam in exams] == [1, 1]
    assert await begun.told("ResultsReleased") == 1


async def test_students_keep_the_released_result_until_the_next_release(begun: Grading) -> None:
    await begun.mark_and_finalize("copy-1", points=100)
    await begun.settle_ledger()
    (before,) = (await begun.results()).results
    assert not before.is_released
    await begun.release()

    await begun.reopen("copy-1")
    (reopened,) = (await begun.results()).results
    await begun.record("copy-1", [Browser().mark("q2", 200, base=1)])
    await begun.finalize("copy-1")
    await begun.stamp("copy-1", 2)
    (again,) = (await begun.results()).results
    assert reopened == again
    assert (again.state, again.content_version, again.raw_total, again.is_released) == (
        FINALIZED,
        1,
        300,
        True,
    )

    await begun.release()
    (released,) = (await begun.results()).results
    assert (released.content_version, released.raw_total) == (2, 400)


async def test_a_copy_without_an_outcome_is_listed_without_points(grading: Grading) -> None:
    await grading.begin("copy-1", "copy-2")
    await grading.mark_and_finalize("copy-1")
    await grading.record("copy-2", [Browser().mark("q2", 100)])

    answer = await grading.results()

    found = {result.copy_id: result for result in answer.results}
    assert (found["copy-1"].state, found["copy-1"].total, found["copy-1"].scale) == (FINALIZED, 750, 2000)
    assert (found["copy-2"].state, found["copy-2"].content_version) == (OPEN, 0)
    assert not found["copy-2"].questions
    assert answer.exam.id == grading.exam_id


async def test_one_result_has_its_annotations_and_the_list_has_none(begun: Grading) -> None:
    await begun.record("copy-1", [Browser().draw("stroke", page="copy-1-2")])
    with pytest.raises(Refusal) as caught:
        await begun.as_ingest.GetResult(pb.GetResultRequest(copy_id="copy-1"))
    assert caught.value.code == "NOT_FOUND"
    await begun.mark_and_finalize("copy-1")

    result = (await begun.as_ingest.GetResult(pb.GetResultRequest(copy_id="copy-1"))).result
    (listed,) = (await begun.results()).results

    assert [(page.page_id, [a.id for a in page.annotations]) for page in result.pages] == [
        ("copy-1-1", []),
        ("copy-1-2", ["stroke"]),
    ]
    assert not listed.pages
    assert [(q.label, q.points, q.maximum) for q in listed.questions] == [
        ("1", 200, 500),
        ("1a", 100, 200),
        ("1b", 100, 300),
        ("2", 100, 300),
    ]


async def test_the_office_finds_the_pdf_under_the_code(begun: Grading) -> None:
    await begun.mark_and_finalize("copy-1")

    with begun.acting("office", "claire"):
        request = pb.GetResultFileRequest(exam_id=begun.exam_id, copy_id="copy-1")
        file = await begun.stub.GetResultFile(request)

    assert file.pdf_key == "results/copy-1/1.pdf"
    assert file.file_name == f"{(await begun.copy('copy-1')).code}.pdf"


async def test_lost_work_is_ordered_again_once(begun: Grading) -> None:
    await begun.record("copy-1", Browser().all_marks())
    await begun.finalize("copy-1")

    await watch.sweep(begun.database, begun.blobs, longer_than=timedelta(minutes=15), is_dry=True)
    assert await begun.told("StampCopy") == 1
    await begun.sql("UPDATE copies SET moved_at = now() - interval '20 minutes'")
    await asyncio.gather(
        *(
            watch.sweep(begun.database, begun.blobs, longer_than=timedelta(minutes=15), is_dry=True)
            for _ in range(3)
        )
    )

    assert await begun.told("StampCopy") == 2


async def test_sweep_removes_only_files_that_no_result_will_name(begun: Grading) -> None:
    await begun.mark_and_finalize("copy-1")
    named = await frozen_files(begun)
    late, future = "frozen/copy-1/1-9.9.json", "frozen/copy-1/2-9.9.json"
    for key in (late, future, "frozen/unknown/1-1.1.json"):
        await begun.blobs.put(key, b"{}")

    await watch.sweep(begun.database, begun.blobs, longer_than=timedelta(minutes=15), is_dry=True)
    assert late in await frozen_files(begun)
    await watch.sweep(begun.database, begun.blobs, longer_than=timedelta(minutes=15), is_dry=False)

    assert set(await frozen_files(begun)) == {*named, future, "frozen/unknown/1-1.1.json"}


@pytest.mark.parametrize(("ended", "is_kept"), [("1 minute", True), ("2 days", False)])
async def test_sweep_forgets_a_lease_that_ended_long_ago(begun: Grading, ended: str, is_kept: bool) -> None:
    lease = await begun.lease("copy-1")
    await begun.sql(f"UPDATE leases SET expires_at = now() - interval '{ended}'")

    await watch.sweep(begun.database, begun.blobs, longer_than=timedelta(minutes=15), is_dry=False)

    assert ((await begun.lease("copy-1")).id == lease.id) is is_kept


async def test_no_personal_name_fits_into_the_schema(database_for: DatabaseFor) -> None:
    database = database_for("grading.migrations", "grading")
    async with database.transaction() as session:
        query = text("SELECT column_name FROM information_schema.columns WHERE table_schema = 'grading'")
        columns = set(await session.scalars(query))

    assert not {"student", "student_id", "student_name", "last_name", "first_name", "email"} & columns


async def _frozen_key(grading: Grading) -> str:
    async with grading.database.transaction() as session:
        return str(await session.scalar(text("SELECT frozen_key FROM results")))


async def test_a_marker_never_sees_the_result_of_another(grading: Grading) -> None:
    await grading.begin()
    await grading.mark_and_finalize("copy-1")

    with pytest.raises(Refusal) as caught:
        await grading.marking("copy-1", BOB)

    assert caught.value.code == "NOT_FOUND"
    assert (await grading.marking("copy-1", ADA)).copy.state == FINALIZED
