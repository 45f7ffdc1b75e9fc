"""The office sets up an exam and shares its copies."""

import asyncio
from collections import Counter

import pytest
from grading.store.tables import METADATA
from kit import migrate
from kit.errors import Refusal
from korrigo.grading.v1 import grading_service_pb2 as pb
from sqlalchemy import text

from services.grading.tests.desk import ADA, BOB, OPEN, Grading, once
from services.grading.tests.journal import Browser


async def test_the_migrations_make_what_the_models_say(grading: Grading) -> None:
    found = await asyncio.to_thread(migrate.differences, grading.database.dsn, "grading", METADATA)

    assert found == []


async def test_an_exam_begins_open_and_without_a_scheme(grading: Grading) -> None:
    exam = await grading.make_exam()

    assert (exam.state, exam.result_scale, exam.mark_step, exam.release) == (1, 2000, 25, 0)
    assert [(q.id, q.maximum) for q in exam.scheme] == [("q1", 500), ("q1a", 200), ("q1b", 300), ("q2", 300)]
    assert exam.scheme_version == 2
    assert await grading.told("ExamChanged") == 2


async def test_a_repeated_request_creates_one_exam(grading: Grading) -> None:
    request = pb.CreateExamRequest(
        request_id=once(), name="Bac", date="2026-03-12", time_zone="Europe/Paris", language="fr"
    )

    with grading.acting("office", "claire", ""):
        first, again = [(await grading.stub.CreateExam(request)).exam for _ in range(2)]

    assert first == again
    with grading.acting("office", "somebody else", ""), pytest.raises(Refusal) as caught:
        await grading.stub.CreateExam(request)
    assert caught.value.reason == "REQUEST_ID_REUSED"


async def test_settings_change_by_version(grading: Grading) -> None:
    exam = await grading.make_exam()
    request = pb.UpdateExamRequest(
        request_id=once(),
        exam_id=exam.id,
        version=exam.version,
        name="Bac",
        date="2026-03-13",
        time_zone="Indian/Reunion",
        language="en",
        result_scale=1000,
        rounding=50,
        mark_step=50,
    )

    with grading.acting("office", "claire"):
        changed = (await grading.stub.UpdateExam(request)).exam

        assert (changed.name, changed.result_scale, changed.version) == ("Bac", 1000, exam.version + 1)
        request.request_id = once()
        with pytest.raises(Refusal) as caught:
            await grading.stub.UpdateExam(request)
        assert (caught.value.code, caught.value.reason) == ("ABORTED", "EXAM_STALE")


async def test_a_marked_scheme_keeps_its_structure(grading: Grading) -> None:
    await grading.begin()
    await grading.record("copy-1", [Browser().mark("q2", 100)])

    with pytest.raises(Refusal) as caught:
        await grading.put_scheme(2, q2=400)

    assert caught.value.reason == "SCHEME_IN_USE"
    relabelled = await grading.put_scheme(2, title="Limites et continuité")
    assert relabelled.scheme_version == 3
    recorded = await grading.record("copy-1", [Browser().mark("q1a", 100, scheme=2)])
    assert recorded.outcomes[0].reason == ""


async def test_a_copy_opens_once_under_its_own_code(grading: Grading) -> None:
    await grading.make_exam()

    await grading.open_copies("copy-1", "copy-2", "copy-1")

    copies = await grading.copies()
    assert {copy.id for copy in copies} == {"copy-1", "copy-2"}
    assert len({copy.code for copy in copies}) == 2
    assert [copy.code for copy in copies] == sorted(copy.code for copy in copies)
    assert all(copy.state == OPEN and copy.pages == 2 and copy.questions == 3 for copy in copies)
    assert await grading.told("CopyChanged") == 2


async def test_a_clash_of_codes_draws_another(grading: Grading) -> None:
    await grading.make_exam()
    await grading.open_copies("copy-1")
    code = (await grading.copies())[0].code
    await grading.sql("UPDATE copies SET id = 'twin'")

    await grading.open_copies("copy-1")

    codes = {copy.code for copy in await grading.copies()}
    assert code in codes
    assert len(codes) == 2


async def test_copies_are_listed_by_code_page_by_page(grading: Grading) -> None:
    await grading.make_exam()
    await grading.open_copies(*(f"copy-{n}" for n in range(5)))
    seen: list[str] = []
    token = ""

    with grading.acting("office", "claire"):
        while True:
            request = pb.ListCopiesRequest(exam_id=grading.exam_id, page_size=2, page_token=token)
            page = await grading.stub.ListCopies(request)
            seen += [copy.code for copy in page.copies]
            token = page.next_page_token
            if not token:
                break

    assert len(seen) == 5
    assert seen == sorted(seen)


async def test_dispatch_is_even_and_a_repeat_moves_nothing(grading: Grading) -> None:
    await grading.make_exam()
    await grading.open_copies(*(f"copy-{n}" for n in range(5)))

    assert await grading.dispatch(ADA, BOB) == 5
    before = {copy.id: copy.marker_id for copy in await grading.copies()}
    assert await grading.dispatch(ADA, BOB) == 0
    await grading.open_copies(*(f"late-{n}" for n in range(6)))
    assert await grading.dispatch(ADA, BOB, "cleo") == 6

    after = {copy.id: copy.marker_id for copy in await grading.copies()}
    assert before.items() <= after.items()
    assert sorted(Counter(after.values()).values()) == [3, 4, 4]


async def test_two_dispatches_at_once_give_each_copy_to_one_marker(grading: Grading) -> None:
    await grading.make_exam()
    await grading.open_copies(*(f"copy-{n}" for n in range(6)))

    counts = await asyncio.gather(grading.dispatch(ADA, BOB), grading.dispatch(ADA, BOB))

    assert sorted(counts) == [0, 6]
    assert Counter(copy.marker_id for copy in await grading.copies()) == {ADA: 3, BOB: 3}


async def test_dispatch_of_a_thousand_copies_takes_few_statements(grading: Grading) -> None:
    await grading.make_exam()
    await grading.sql(
        "INSERT INTO copies "
        "SELECT 'copy-' || n, :exam, 'C' || n, '', 1, '[]', 0, 'open', '', 0, 1, 0, 0, 0, 0 "
        "FROM generate_series(1, 1000) n",
        exam=grading.exam_id,
    )

    with grading.counting() as statements:
        assert await grading.dispatch(ADA, BOB) == 1000

        assert statements() <= 15
    assert await grading.told("CopyChanged") == 1000


async def test_reassigning_gives_unfinished_copies_and_ends_the_lease(grading: Grading) -> None:
    await grading.begin("copy-1", "copy-2")
    await grading.lease("copy-1")
    await grading.mark_and_finalize("copy-2")
    request = pb.ReassignCopiesRequest(
        request_id=once(), exam_id=grading.exam_id, from_marker_id=ADA, to_marker_id=BOB
    )

    with grading.acting("office", "claire"):
        assert (await grading.stub.ReassignCopies(request)).reassigned == 1

    assert {copy.id: copy.marker_id for copy in await grading.copies()} == {"copy-1": BOB, "copy-2": ADA}
    assert (await grading.lease("copy-1", BOB)).marker_id == BOB
    with pytest.raises(Refusal) as caught:
        await grading.lease("copy-1", ADA)
    assert caught.value.code == "NOT_FOUND"


async def test_lots_tell_where_to_continue(grading: Grading) -> None:
    await grading.begin("copy-1", "copy-2", "copy-3")
    await grading.mark_and_finalize("copy-1")
    open_ones = [copy.id for copy in await grading.copies() if copy.state == OPEN]
    await grading.record(open_ones[-1], [Browser().mark("q2", 100)])

    with grading.acting("marker", ADA, ""):
        (lot,) = (await grading.stub.ListLots(pb.ListLotsRequest())).lots
    with grading.acting("marker", BOB, ""):
        assert not (await grading.stub.ListLots(pb.ListLotsRequest())).lots

    assert (lot.exam_id, lot.exam_name, lot.exam_date) == (grading.exam_id, "Bac blanc", "2026-03-12")
    assert (lot.copies, lot.finalized, lot.questions, lot.questions_marked) == (3, 1, 9, 4)
    assert lot.next_copy_id == open_ones[-1]


async def test_a_finished_lot_has_nothing_to_continue_with(grading: Grading) -> None:
    await grading.begin()
    await grading.mark_and_finalize("copy-1")

    with grading.acting("marker", ADA):
        (lot,) = (await grading.stub.ListLots(pb.ListLotsRequest())).lots

    assert lot.next_copy_id == ""


async def test_a_lot_lists_its_copies_in_the_order_of_codes(grading: Grading) -> None:
    await grading.begin("copy-1", "copy-2", "copy-3")
    await grading.open_copies("not hers")

    with grading.acting("marker", ADA):
        request = pb.ListLotCopiesRequest(exam_id=grading.exam_id)
        copies = (await grading.stub.ListLotCopies(request)).copies

    assert [copy.code for copy in copies] == sorted(copy.code for copy in copies)
    assert {copy.id for copy in copies} == {"copy-1", "copy-2", "copy-3"}


async def test_progress_counts_by_state_and_marker(grading: Grading) -> None:
    await grading.begin("copy-1", "copy-2")
    await grading.open_copies("copy-3")
    await grading.mark_and_finalize("copy-1")

    with grading.acting("office", "claire"):
        request = pb.GetProgressRequest(exam_id=grading.exam_id)
        progress = (await grading.stub.GetProgress(request)).progress

    assert (progress.copies, progress.unassigned, progress.open, progress.finalized) == (3, 1, 2, 1)
    assert (progress.questions, progress.questions_marked) == (9, 3)
    assert [(m.marker_id, m.copies, m.finalized) for m in progress.markers] == [(ADA, 2, 1)]


async def test_a_text_with_a_null_character_is_refused_and_not_a_crash(grading: Grading) -> None:
    await grading.begin()
    request = pb.GetMarkingRequest(exam_id=grading.exam_id, copy_id="copy\0")

    with grading.acting("marker", ADA), pytest.raises(Refusal) as caught:
        await grading.stub.GetMarking(request)
    assert caught.value.reason == "TEXT_INVALID"

    with pytest.raises(Refusal) as caught:
        await grading.dispatch("a\0da")
    assert caught.value.reason == "TEXT_INVALID"


async def test_every_act_of_the_office_is_in_the_audit_trail(grading: Grading) -> None:
    await grading.begin()
    await grading.mark_and_finalize("copy-1")
    await grading.reopen("copy-1")

    async with grading.database.transaction() as session:
        rows = await session.execute(text("SELECT action, actor_subject FROM audit ORDER BY id"))
    assert [(row.action, row.actor_subject) for row in rows] == [
        ("create_exam", "claire"),
        ("put_scheme", "claire"),
        ("dispatch_copies", "claire"),
        ("finalize_copy", ADA),
        ("reopen_copy", "claire"),
    ]
