"""Who may call what, and whose paper each may reach."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf import message_factory
from google.protobuf.message import Message
from kit.errors import Refusal
from korrigo.ingest.v1 import ingest_service_pb2 as pb

from services.ingest.tests.counter import Counter, once

METHODS = pb.DESCRIPTOR.services_by_name["IngestService"].methods_by_name
OTHERS = {
    "ListMyResults": {"student"},
    "GetMyResult": {"student"},
    "ResolveRendition": {"service gateway"},
}
OFFICE = sorted(METHODS.keys() - OTHERS.keys())
MATRIX: dict[str, set[str]] = {**{method: {"office"} for method in OFFICE}, **OTHERS}
ROLES = ("admin", "operator", "office", "marker", "student", "nobody")
# What a request about something needs besides its exam.
FIELDS: dict[str, dict[str, Any]] = {
    "CreateBatch": {"name": "Batch", "mode": 1},
    "AddScan": {"file_name": "a.pdf", "upload_prefix": "uploads/1", "chunks": 1, "bytes": 1},
    "PutZones": {"none_confirmed": True},
    "ImportRoster": {"content": b"Nom;Prenom\n"},
    "SetPresence": {"presence": 1},
    "RequestExport": {"language": "fr"},
}


async def test_a_role_reaches_exactly_its_methods(counter: Counter) -> None:
    assert {method: await _admitted(counter, method) for method in METHODS} == MATRIX


async def _admitted(counter: Counter, method: str) -> set[str]:
    request = message_factory.GetMessageClass(METHODS[method].input_type)()
    found = set()
    for role in ROLES:
        with counter.acting(role):
            found |= {role} if await _is_admitted(counter.stub, method, request) else set()
    for workload, stub in counter.stubs.items():
        found |= {f"service {workload}"} if await _is_admitted(stub, method, request) else set()
    return found


async def _is_admitted(stub: Any, method: str, request: Message) -> bool:
    try:
        await getattr(stub, method)(request)
    except Refusal as refusal:
        return refusal.code != "PERMISSION_DENIED"
    except grpc.aio.AioRpcError as error:
        raise AssertionError(f"{method} crashed") from error
    return True


async def _refused(counter: Counter, method: str, **fields: Any) -> str:
    kind = METHODS[method].input_type
    named = {"request_id": once()} if "request_id" in kind.fields_by_name else {}
    request = message_factory.GetMessageClass(kind)(**FIELDS.get(method, {}) | fields | named)
    with pytest.raises(Refusal) as caught:
        await getattr(counter.stub, method)(request)
    return caught.value.reason


@pytest.mark.parametrize("method", OFFICE)
async def test_an_office_reaches_only_its_own_exam(counter: Counter, method: str) -> None:
    with counter.acting("office", exam_id=str(uuid4())):
        assert await _refused(counter, method, exam_id=counter.desk.exam) == "EXAM_UNKNOWN"


async def test_an_office_reaches_nothing_of_another_exam(counter: Counter) -> None:
    copy, other = await counter.desk.staged()
    own = str(uuid4())
    thing = {
        "copy_id": copy.id,
        "scan_id": copy.scan_id,
        "side": 1,
        "reason": "torn",
        "version": copy.version,
        "batch_id": (await counter.desk.scan(copy.scan_id)).batch_id,
        "target_id": copy.id,
        "source_id": other.id,
        "student_id": once(),
        "export_id": once(),
        "before_page_id": copy.pages[1].id,
        "copy_ids": [copy.id],
    }

    with counter.acting("office", exam_id=own):
        await counter.stub.PutZones(pb.PutZonesRequest(request_id=once(), exam_id=own, none_confirmed=True))
        reasons = {
            method: await _refused(counter, method, exam_id=own, **_of(method, thing))
            for method in OFFICE
            if _of(method, thing)
        }

    assert set(reasons.values()) <= {
        "COPY_UNKNOWN",
        "SCAN_UNKNOWN",
        "BATCH_UNKNOWN",
        "STUDENT_UNKNOWN",
        "EXPORT_UNKNOWN",
    }
    assert len(reasons) > 8


def _of(method: str, thing: dict[str, Any]) -> dict[str, Any]:
    """Fill in what a method says about a thing; nothing if it names none."""
    named = {name: thing[name] for name in METHODS[method].input_type.fields_by_name if name in thing}
    return named if any(name.endswith(("_id", "_ids")) for name in named) else {}


@pytest.mark.parametrize("key", ["", "0" * 32, "pages/1.jpg", "'; DROP TABLE pages; --"])
async def test_an_unknown_rendition_is_unknown(counter: Counter, key: str) -> None:
    with pytest.raises(Refusal) as caught:
        await counter.stub.ResolveRendition(pb.ResolveRenditionRequest(key=key))

    assert caught.value.reason == "RENDITION_UNKNOWN"
