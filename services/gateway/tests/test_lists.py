"""Lists over HTTP: which page is asked for goes to the service, and where the next begins comes back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from korrigo.grading.v1 import grading_pb2
from korrigo.grading.v1 import grading_service_pb2 as grading
from korrigo.ingest.v1 import ingest_pb2
from korrigo.ingest.v1 import ingest_service_pb2 as ingest
from korrigo.notification.v1 import notification_service_pb2 as notification

from services.gateway.tests.browser import Browser, Gateway, once

EXAM = UUID("5b0c1f0e-6f0a-4c1e-9d53-0d0e4b6a7c11")
PAGE = {"page_size": 7, "page_token": "where-it-ended"}
#: Path, who reads it, the service's list, and what a page of it is.
LISTS: dict[str, tuple[str, str, Any]] = {
    f"/exams/{EXAM}/students": ("office", "ingest", ingest.ListStudentsResponse),
    f"/exams/{EXAM}/batches": ("office", "ingest", ingest.ListBatchesResponse),
    f"/exams/{EXAM}/exceptions": ("office", "ingest", ingest.ListExceptionsResponse),
    f"/exams/{EXAM}/staged-copies": ("office", "ingest", ingest.ListStagedCopiesResponse),
    "/results": ("student", "ingest", ingest.ListMyResultsResponse),
    f"/exams/{EXAM}/copies": ("office", "grading", grading.ListCopiesResponse),
    "/exams": ("office", "grading", grading.ListExamsResponse),
    "/lots": ("marker", "grading", grading.ListLotsResponse),
    "/lots/set-aside": ("marker", "grading", grading.ListSetAsideActsResponse),
    f"/lots/{EXAM}/copies": ("marker", "grading", grading.ListLotCopiesResponse),
    "/notices": ("student", "notification", notification.ListNoticesResponse),
}


async def _reader(gateway: Gateway, role: str) -> Browser:
    account = await gateway.account()
    if role != "student":
        await gateway.join(account, EXAM, role)
    return await gateway.signed_in(account)


@pytest.mark.parametrize("path", LISTS)
async def test_a_page_is_asked_for_and_the_next_one_named(gateway: Gateway, path: str) -> None:
    role, service, kind = LISTS[path]
    method = kind.DESCRIPTOR.name.removesuffix("Response")
    peer = getattr(gateway, service)
    peer.answers[method] = kind(next_page_token="where-it-goes-on")
    browser = await _reader(gateway, role)

    answer = await browser.get(path, params=PAGE)

    (asked,) = peer.requests(method)
    assert (asked.page_size, asked.page_token) == (7, "where-it-ended")
    assert answer.json()["next_page_token"] == "where-it-goes-on"


@pytest.mark.parametrize("size", [0, -1, 1001])
async def test_a_page_has_a_size_within_bounds(gateway: Gateway, size: int) -> None:
    browser = await _reader(gateway, "office")

    answer = await browser.get(f"/exams/{EXAM}/students", params={"page_size": size})

    assert answer.status_code == 422


async def test_accounts_are_listed_page_by_page(gateway: Gateway) -> None:
    admin = await gateway.as_admin()
    for name in "cab":
        await gateway.account(f"{name}@school.example", is_new=True)

    first = (await admin.get("/accounts", params={"page_size": 3})).json()
    second = (await admin.get("/accounts", params={"page_token": first["next_page_token"]})).json()
    strange = await admin.get("/accounts", params={"page_token": "b@school.example"})

    assert [account["email"].partition("@")[0] for account in first["items"]] == ["a", "admin", "b"]
    assert [account["email"].partition("@")[0] for account in second["items"]] == ["c"]
    assert second["next_page_token"] == ""
    assert (strange.status_code, strange.json()["reason"]) == (422, "PAGE_TOKEN_INVALID")


async def test_students_of_every_page_are_invited(gateway: Gateway) -> None:
    pages = {"": ("ada", "more"), "more": ("bob", "")}

    def roster(asked: Any) -> ingest.ListStudentsResponse:
        name, token = pages[asked.page_token]
        student = ingest_pb2.Student(id=f"student-{name}", email=f"{name}@school.example")
        return ingest.ListStudentsResponse(students=[student], next_page_token=token)

    gateway.ingest.answers["ListStudents"] = roster
    exam = grading_pb2.Exam(id=str(EXAM), name="Maths", language="fr")
    gateway.grading.answers["GetExam"] = grading.GetExamResponse(exam=exam)
    browser = await gateway.as_office(EXAM)

    answer = await browser.post(f"/exams/{EXAM}/students/invite", once())

    (linked,) = gateway.ingest.requests("LinkAccounts")
    assert (answer.status_code, answer.json()["linked"]) == (202, 2)
    assert {link.student_id for link in linked.links} == {"student-ada", "student-bob"}
    assert all(UUID(link.account_id) for link in linked.links)
