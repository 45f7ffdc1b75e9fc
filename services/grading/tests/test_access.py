"""Who may call what, and whose copies each may reach."""

from typing import Any

import grpc
import pytest
from google.protobuf import message_factory
from google.protobuf.message import Message
from kit.errors import Refusal
from korrigo.grading.v1 import grading_service_pb2 as pb

from services.grading.tests.desk import ADA, BOB, Grading, once

OFFICE = {
    "UpdateExam",
    "PutScheme",
    "ListCopies",
    "DispatchCopies",
    "ReassignCopies",
    "GetProgress",
    "ReopenCopy",
    "CheckRelease",
    "ReleaseResults",
    "GetResultFile",
}
MARKER = {
    "ListLots",
    "ListLotCopies",
    "GetMarking",
    "AcquireLease",
    "RenewLease",
    "ReleaseLease",
    "RecordActs",
    "ListSetAsideActs",
    "DismissAct",
    "CheckCopyAccess",
}
MATRIX: dict[str, set[str]] = {
    **{method: {"office"} for method in OFFICE},
    **{method: {"marker"} for method in MARKER},
    "CreateExam": {"admin", "office"},
    "ListExams": {"office", "marker", "service gateway", "service ingest"},
    "GetExam": {"office", "marker", "service gateway", "service ingest"},
    "FinalizeCopy": {"office", "marker"},
    "ListResults": {"service ingest"},
    "GetResult": {"service ingest"},
}
METHODS = pb.DESCRIPTOR.services_by_name["GradingService"].methods_by_name
OF_ONE_COPY = sorted({*MARKER, "FinalizeCopy"} - {"ListLots", "ListLotCopies", "ListSetAsideActs"})
ROLES = ["admin", "operator", "office", "marker", "student", "nobody"]


async def test_a_role_reaches_exactly_its_methods(grading: Grading) -> None:
    assert {method: await admitted(grading, method) for method in METHODS} == MATRIX


async def admitted(grading: Grading, method: str) -> set[str]:
    """List the roles and services that get past the gate of a method."""
    request = message_factory.GetMessageClass(METHODS[method].input_type)()
    found = set()
    for role in ROLES:
        with grading.acting(role, ADA, "exam"):
            found |= {role} if await is_admitted(grading.stub, method, request) else set()
    for service, stub in {"gateway": grading.stub, "ingest": grading.as_ingest}.items():
        found |= {f"service {service}"} if await is_admitted(stub, method, request) else set()
    return found


async def is_admitted(stub: Any, method: str, request: Message) -> bool:
    """Tell whether a call gets past the gate."""
    try:
        await getattr(stub, method)(request)
    except Refusal as refusal:
        return refusal.code != "PERMISSION_DENIED"
    except grpc.aio.AioRpcError as error:
        raise AssertionError(f"{method} crashed") from error
    return True


async def test_a_marker_reaches_only_copies_assigned_to_them(grading: Grading) -> None:
    await grading.begin()
    own = grading.exam_id
    strangers = [
        (BOB, own, own, "copy-1"),
        (ADA, "other", own, "copy-1"),
        (ADA, "other", "other", "copy-1"),
        (ADA, own, "other", "copy-1"),
        (ADA, own, own, "copy-2"),
    ]

    for method in OF_ONE_COPY:
        for subject, acting_in, exam_id, copy_id in strangers:
            with grading.acting("marker", subject, acting_in):
                reason = await refused(grading, method, exam_id=exam_id, copy_id=copy_id)
            assert reason in {"EXAM_UNKNOWN", "COPY_UNKNOWN"}, (method, subject, acting_in, exam_id)


async def test_an_office_reaches_only_its_own_exam(grading: Grading) -> None:
    await grading.begin()

    with grading.acting("office", "claire", "another exam"):
        reasons = {method: await refused(grading, method, exam_id=grading.exam_id) for method in OFFICE}

    assert reasons == dict.fromkeys(OFFICE, "EXAM_UNKNOWN")


async def test_an_office_reaches_no_copy_of_another_exam(grading: Grading) -> None:
    await grading.begin()
    await grading.mark_and_finalize("copy-1")
    await grading.make_exam()
    wanted = {"exam_id": grading.exam_id, "copy_id": "copy-1"}

    with grading.acting("office", "claire"):
        assert await refused(grading, "ReopenCopy", **wanted, reason="to look into it") == "COPY_UNKNOWN"
        assert await refused(grading, "FinalizeCopy", **wanted) == "COPY_UNKNOWN"
        assert await refused(grading, "GetResultFile", **wanted) == "RESULT_UNKNOWN"


async def refused(grading: Grading, method: str, **fields: str) -> str:
    """Call a method and give the reason why it is refused."""
    kind = METHODS[method].input_type
    named = {"request_id": once()} if "request_id" in kind.fields_by_name else {}
    request = message_factory.GetMessageClass(kind)(**fields, **named)
    with pytest.raises(Refusal) as caught:
        await getattr(grading.stub, method)(request)
    return caught.value.reason


async def test_a_person_lists_only_the_exam_they_act_in_and_services_list_all(grading: Grading) -> None:
    first = (await grading.make_exam()).id
    second = (await grading.make_exam()).id
    request = pb.ListExamsRequest(exam_ids=[first, second, "unknown"])

    with grading.acting("marker", ADA, first):
        own = (await grading.stub.ListExams(request)).exams
    every = (await grading.stub.ListExams(request)).exams

    assert [exam.id for exam in own] == [first]
    assert {exam.id for exam in every} == {first, second}
