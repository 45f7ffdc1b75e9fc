"""The methods over a socket: one act a request, and answers that fit the contract."""

from __future__ import annotations

import pytest
from ingest.app import intake
from ingest.domain.scan import State
from ingest.domain.side import Outcome
from kit.errors import Aborted, InvalidArgument, NotFound, Refusal
from korrigo.ingest.v1 import ingest_pb2 as nouns
from korrigo.ingest.v1 import ingest_service_pb2 as pb
from korrigo.ingest.v1.ingest_events_pb2 import ScanReceived
from sqlalchemy import text

from services.ingest.tests import paper
from services.ingest.tests.counter import Counter, once

_WRITTEN = text("""
SELECT action, subject, payload FROM audit LEFT JOIN audit_payload ON audit_id = id ORDER BY id""")
ROSTER = "Nom;Prénom;Classe\nDUPONT;Jean;T1\nDURAND;Léa;T1\n".encode()
EVERY_N = nouns.BATCH_MODE_EVERY_N_SIDES


async def _batch(counter: Counter) -> nouns.Batch:
    request = pb.CreateBatchRequest(
        request_id=once(), exam_id=counter.desk.exam, name=" Monday  pile ", mode=EVERY_N, sides_per_copy=4
    )
    with counter.acting("office"):
        batch: nouns.Batch = (await counter.stub.CreateBatch(request)).batch
    return batch


def _add(counter: Counter, batch_id: str, request_id: str) -> pb.AddScanRequest:
    return pb.AddScanRequest(
        request_id=request_id,
        exam_id=counter.desk.exam,
        batch_id=batch_id,
        file_name="SKM_1.pdf",
        upload_prefix="uploads/1",
        chunks=2,
        bytes=100,
    )


async def test_a_request_that_is_sent_again_acts_once(counter: Counter) -> None:
    batch = await _batch(counter)
    request = _add(counter, batch.id, once())

    with counter.acting("office"):
        first, second = await counter.stub.AddScan(request), await counter.stub.AddScan(request)

    assert first == second
    assert len(await counter.desk.told(ScanReceived)) == 1


async def test_batches_are_listed_with_their_scans(counter: Counter) -> None:
    batch = await _batch(counter)
    with counter.acting("office"):
        scan = (await counter.stub.AddScan(_add(counter, batch.id, once()))).scan
        found = (await counter.stub.ListBatches(pb.ListBatchesRequest(exam_id=counter.desk.exam))).batches
        read = await counter.stub.GetScan(pb.GetScanRequest(exam_id=counter.desk.exam, scan_id=scan.id))

    assert [(it.name, it.mode, it.sides_per_copy) for it in found] == [("Monday pile", EVERY_N, 4)]
    assert list(found[0].scans) == [scan] == [read.scan]
    assert (scan.state, scan.version) == (nouns.Scan.STATE_SEALING, 1)


async def test_who_did_what_is_written_down(counter: Counter) -> None:
    batch = await _batch(counter)

    async with counter.desk.database.transaction() as session:
        found = await session.execute(text("SELECT actor_subject, action, subject, exam_id FROM audit"))

    assert [tuple(row) for row in found] == [
        ("account-claire", "CreateBatch", counter.desk.exam, counter.desk.exam)
    ]
    assert batch.id


@pytest.mark.parametrize("wrong", ["1", "not an id", "' OR true --", "00000000-0000-0000-0000-00000000000g"])
async def test_an_id_that_is_none_is_unknown(counter: Counter, wrong: str) -> None:
    with counter.acting("office"), pytest.raises(NotFound):
        await counter.stub.GetStagedCopy(pb.GetStagedCopyRequest(exam_id=counter.desk.exam, copy_id=wrong))


async def test_a_text_that_cannot_be_stored_is_refused(counter: Counter) -> None:
    request = pb.CreateBatchRequest(request_id=once(), exam_id=counter.desk.exam, name="a\0b", mode=EVERY_N)

    with counter.acting("office"), pytest.raises(InvalidArgument) as caught:
        await counter.stub.CreateBatch(request)
    assert caught.value.reason == "TEXT_INVALID"


async def test_exceptions_show_what_needs_a_decision(counter: Counter) -> None:
    scan = await counter.desk.rendering(4)
    await counter.desk.settle(scan, [Outcome(2, "DAMAGED_IMAGE"), *map(paper.rendered, (1, 3, 4))])
    exam = counter.desk.exam

    with counter.acting("office"):
        before = await counter.stub.ListExceptions(pb.ListExceptionsRequest(exam_id=exam))
        aside = pb.SetAsideSideRequest(
            request_id=once(), exam_id=exam, scan_id=scan.id, side=2, reason="torn"
        )
        await counter.stub.SetAsideSide(aside)
        after = await counter.stub.ListExceptions(pb.ListExceptionsRequest(exam_id=exam))
        ledger = (await counter.stub.GetLedger(pb.GetLedgerRequest(exam_id=exam))).ledger

    assert [(it.side, it.reason, it.set_aside_reason) for it in before.failed_sides] == [
        (2, "DAMAGED_IMAGE", "")
    ]
    assert [it.set_aside_reason for it in after.failed_sides] == ["torn"]
    assert (ledger.sides_set_aside, ledger.pages_on_copies, ledger.copies) == (1, 3, 1)


async def test_a_copy_is_arranged_split_merged_and_linked(counter: Counter) -> None:
    copy, _ = await counter.desk.staged()
    exam, order = counter.desk.exam, [page.id for page in copy.pages]
    with counter.acting("office"):
        placed = [pb.PagePlacement(page_id=page, rotation=180) for page in order[::-1]]
        arranged = await counter.stub.ArrangeCopy(
            pb.ArrangeCopyRequest(request_id=once(), exam_id=exam, copy_id=copy.id, version=1, pages=placed)
        )
        split = await counter.stub.SplitCopy(
            pb.SplitCopyRequest(
                request_id=once(),
                exam_id=exam,
                copy_id=copy.id,
                version=arranged.copy.version,
                before_page_id=order[1],
            )
        )
        merged = await counter.stub.MergeCopies(
            pb.MergeCopiesRequest(
                request_id=once(),
                exam_id=exam,
                target_id=copy.id,
                target_version=split.copy.version,
                source_id=split.created.id,
                source_version=split.created.version,
            )
        )

    assert [page.rotation for page in arranged.copy.pages] == [180] * 4
    assert [len(split.copy.pages), len(split.created.pages)] == [2, 2]
    assert [page.id for page in merged.copy.pages] == order[::-1]


async def test_a_stale_edit_is_aborted(counter: Counter) -> None:
    copy, _ = await counter.desk.staged()

    request = pb.ArrangeCopyRequest(request_id=once(), exam_id=counter.desk.exam, copy_id=copy.id, version=7)
    with counter.acting("office"), pytest.raises(Aborted) as caught:
        await counter.stub.ArrangeCopy(request)
    assert caught.value.metadata["version"] == "1"


async def test_a_roster_is_imported_all_or_nothing(counter: Counter) -> None:
    exam = counter.desk.exam
    with counter.acting("office"):
        dry = await counter.stub.ImportRoster(
            pb.ImportRosterRequest(request_id=once(), exam_id=exam, content=ROSTER, dry_run=True)
        )
        half = await counter.stub.ImportRoster(
            pb.ImportRosterRequest(request_id=once(), exam_id=exam, content=ROSTER + b";;\nX;;\n")
        )
        before = (await counter.stub.ListStudents(pb.ListStudentsRequest(exam_id=exam))).students
        done = await counter.stub.ImportRoster(
            pb.ImportRosterRequest(request_id=once(), exam_id=exam, content=ROSTER)
        )
        after = (await counter.stub.ListStudents(pb.ListStudentsRequest(exam_id=exam))).students

    assert (dry.added, dry.imported, half.refused, half.imported) == (2, False, 1, False)
    assert not before
    assert (done.added, done.imported) == (2, True)
    assert [(it.last_name, it.first_name, it.class_name) for it in after] == [
        ("DUPONT", "Jean", "T1"),
        ("DURAND", "Léa", "T1"),
    ]


async def test_presence_and_accounts_belong_to_students(counter: Counter) -> None:
    exam = counter.desk.exam
    with counter.acting("office"):
        await counter.stub.ImportRoster(
            pb.ImportRosterRequest(request_id=once(), exam_id=exam, content=ROSTER)
        )
        (jean, lea) = (await counter.stub.ListStudents(pb.ListStudentsRequest(exam_id=exam))).students
        absent = await counter.stub.SetPresence(
            pb.SetPresenceRequest(
                request_id=once(),
                exam_id=exam,
                student_id=jean.id,
                presence=nouns.Student.PRESENCE_ABSENT,
            )
        )
        links = [pb.AccountLink(student_id=lea.id, account_id="account-lea")]
        linked = await counter.stub.LinkAccounts(
            pb.LinkAccountsRequest(request_id=once(), exam_id=exam, links=links)
        )
        with pytest.raises(Refusal):
            await counter.stub.SetPresence(
                pb.SetPresenceRequest(request_id=once(), exam_id=exam, student_id=jean.id)
            )
        (_, lea) = (await counter.stub.ListStudents(pb.ListStudentsRequest(exam_id=exam))).students

    assert absent.student.presence == nouns.Student.PRESENCE_ABSENT
    assert (linked.linked, lea.account_id) == (1, "account-lea")
    assert (await counter.desk.ledger()).students_without_copy == 1


async def test_a_refused_scan_is_dismissed_and_restored_and_both_are_written_down(counter: Counter) -> None:
    desk = counter.desk
    scan = await desk.upload()
    async with desk.store() as store:
        await intake.refuse(store, desk.exam, scan.id, "ENCRYPTED", while_in=State.SEALING)
    named = {"exam_id": desk.exam, "scan_id": scan.id}

    with counter.acting("office"):
        dismiss = pb.DismissScanRequest(**named, request_id=once(), reason="Mme Martin a un double")
        dismissed = (await counter.stub.DismissScan(dismiss)).scan
        restored = (await counter.stub.RestoreScan(pb.RestoreScanRequest(**named, request_id=once()))).scan

    assert (dismissed.state, dismissed.dismissal) == (nouns.Scan.STATE_DISMISSED, "Mme Martin a un double")
    assert (restored.state, restored.dismissal) == (nouns.Scan.STATE_REFUSED, "")
    async with desk.database.transaction() as session:
        written = await session.execute(_WRITTEN)
    assert [tuple(row) for row in written] == [
        ("DismissScan", scan.id, {"reason": "Mme Martin a un double"}),
        ("RestoreScan", scan.id, None),
    ]
