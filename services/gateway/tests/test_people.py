"""Accounts, members and students: who is made, linked and invited, and what a repeat changes."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest
from gateway.__main__ import health
from kit.db import Database
from kit.events import Broker
from korrigo.grading.v1 import grading_pb2
from korrigo.grading.v1 import grading_service_pb2 as grading
from korrigo.ingest.v1 import ingest_pb2
from korrigo.ingest.v1 import ingest_service_pb2 as ingest
from prometheus_client import REGISTRY
from sqlalchemy import text

from services.gateway.tests.browser import Gateway, once

EXAM = uuid4()


async def test_whoever_creates_an_exam_is_its_office_however_often_it_is_asked(gateway: Gateway) -> None:
    account = await gateway.account(roles=["office"])
    browser = await gateway.signed_in(account)
    gateway.grading.answers["CreateExam"] = grading.CreateExamResponse(exam=grading_pb2.Exam(id=str(EXAM)))
    body = {"name": "Maths", "date": "2026-06-15", **once()}

    answers = [await browser.post("/exams", body) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert (await browser.get("/session")).json()["memberships"] == [{"exam_id": str(EXAM), "role": "office"}]


async def test_adding_a_member_twice_changes_nothing_more(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    body = {"email": "Marker@school.example", "name": "Max", "role": "marker", **once()}

    first, second = [await browser.post(f"/exams/{EXAM}/members", body) for _ in range(2)]
    await gateway.courier.carry_due()

    listed = (await browser.get(f"/exams/{EXAM}/members")).json()["items"]
    assert first.json() == second.json()
    assert [one["role"] for one in listed] == ["marker", "office"]
    assert len(gateway.notification.requests("SendLink")) == 1
    assert await _acts(gateway, "member_added") == 1


@pytest.mark.parametrize("email", ["<ada@school.example>", "ada,bob@school.example", "ada@school.example;"])
async def test_an_address_that_no_mail_could_carry_is_refused_at_once(gateway: Gateway, email: str) -> None:
    office = await gateway.as_office(EXAM)
    body = {"email": email, "name": "Ada", "role": "marker"}

    answer = await office.post(f"/exams/{EXAM}/members", once() | body)

    assert (answer.status_code, answer.json()["reason"]) == (422, "BODY_INVALID")


async def test_nobody_is_office_and_marker_of_one_exam(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    body = {"email": "office@school.example", "name": "Max", "role": "marker", **once()}

    answer = await browser.post(f"/exams/{EXAM}/members", body)

    assert (answer.status_code, answer.json()["reason"]) == (409, "ROLE_CONFLICT")


async def test_the_last_of_the_office_stays(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    own = (await browser.get("/session")).json()["account"]["id"]

    answer = await browser.call("DELETE", f"/exams/{EXAM}/members/{own}")

    assert (answer.status_code, answer.json()["reason"]) == (409, "LAST_OFFICE")


async def test_a_member_who_is_removed_reaches_the_exam_no_more(gateway: Gateway) -> None:
    office = await gateway.as_office(EXAM)
    marker = await gateway.account("marker@school.example")
    await gateway.join(marker, EXAM, "marker")
    browser = await gateway.signed_in(marker)

    answers = [await office.call("DELETE", f"/exams/{EXAM}/members/{marker.id}") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    assert (await browser.get(f"/exams/{EXAM}")).status_code == 404
    assert await _acts(gateway, "member_removed") == 1


@pytest.mark.parametrize("path", ["dispatches", "reassignments"])
async def test_copies_are_given_to_markers_of_the_exam_only(gateway: Gateway, path: str) -> None:
    office, marker = await gateway.as_office(EXAM), await gateway.account("marker@school.example")
    await gateway.join(marker, EXAM, "marker")
    stranger, known = str(uuid4()), str(marker.id)
    dispatch, reassignment = (
        {"marker_ids": [known, stranger]},
        {"from_marker_id": known, "to_marker_id": stranger},
    )
    body = dispatch if path == "dispatches" else reassignment

    refused = await office.post(f"/exams/{EXAM}/{path}", once() | body)
    allowed = await office.post(f"/exams/{EXAM}/dispatches", once() | {"marker_ids": [known]})

    assert (refused.status_code, refused.json()["reason"]) == (409, "NOT_MARKER")
    assert allowed.status_code == 200


async def test_students_are_linked_and_invited_after_the_answer(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    known = await gateway.account("ada@school.example")
    _roster(gateway, "Ada@School.example ", "bob@school.example", "", "bob@school.example")

    answer = await browser.post(f"/exams/{EXAM}/students/invite", once())
    sent_in_the_request = len(gateway.notification.requests("SendLink"))
    await gateway.courier.carry_due()

    [asked] = gateway.ingest.requests("LinkAccounts")
    accounts = [link.account_id for link in asked.links]
    assert (answer.status_code, answer.json()) == (202, {"linked": 3, "invited": 1})
    assert sent_in_the_request == 0
    assert [link.student_id for link in asked.links] == ["student-0", "student-1", "student-3"]
    assert accounts[0] == str(known.id)
    assert accounts[1] == accounts[2]
    assert [one.exam_name for one in gateway.notification.requests("SendLink")] == ["Maths"]


async def test_inviting_students_again_reaches_only_new_ones(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    _roster(gateway, "ada@school.example")
    body = once()
    for _ in range(2):
        await browser.post(f"/exams/{EXAM}/students/invite", body)
        await gateway.courier.carry_due()
    _roster(gateway, "ada@school.example", "bob@school.example")

    answer = await browser.post(f"/exams/{EXAM}/students/invite", once())
    await gateway.courier.carry_due()

    assert answer.json() == {"linked": 2, "invited": 1}
    assert len(gateway.notification.requests("SendLink")) == 2


async def test_a_roster_of_thousands_is_invited_within_a_request(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    _roster(gateway, *(f"student-{number}@school.example" for number in range(4000)))

    began = time.monotonic()
    answer = await browser.post(f"/exams/{EXAM}/students/invite", once())
    seconds = time.monotonic() - began

    assert answer.json() == {"linked": 4000, "invited": 4000}
    assert seconds < 5


async def test_the_whole_roster_is_reached_by_several_couriers_once(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    _roster(gateway, *(f"student-{number}@school.example" for number in range(40)))
    await browser.post(f"/exams/{EXAM}/students/invite", once())

    couriers = [gateway.courier, gateway.courier]
    while sum([await courier.carry_due() for courier in couriers]):
        continue

    sent = [one.account_id for one in gateway.notification.requests("SendLink")]
    assert (len(sent), len(set(sent))) == (40, 40)


async def test_the_gateway_is_ready_without_nats_but_not_without_its_database(gateway: Gateway) -> None:
    dead = Database("postgresql://nobody@127.0.0.1:1/none", schema="gateway")
    async with Broker("nats://gateway@127.0.0.1:1") as broker:
        blobs = gateway.context.blobs
        fine, lost = health(gateway.database, broker, blobs), health(dead, broker, blobs)

        assert fine.is_ready(await fine.report())
        assert (await fine.report())["broker"]
        assert not lost.is_ready(await lost.report())
    await dead.close()


async def test_the_operator_sees_what_is_not_well(gateway: Gateway) -> None:
    gateway.context.health.add("broker", _fail, needed=False)

    answer = await (await gateway.as_admin()).get("/health")

    assert {one["name"]: one["reason"] for one in answer.json()["services"]} == {
        "database": "",
        "broker": "it is away",
    }


async def test_what_browsers_felt_is_counted_and_nothing_else_is_taken(gateway: Gateway) -> None:
    admin = await gateway.as_admin()
    waits = [{"what": "autosave", "seconds": 0.2}, {"what": "page_turn", "seconds": 0.03}]
    before = REGISTRY.get_sample_value("korrigo_browser_seconds_count", {"what": "autosave"}) or 0

    answer = await admin.post("/waits", {"items": waits})
    strange = await admin.post("/waits", {"items": [{"what": "ada@school.example", "seconds": 1}]})

    assert (answer.status_code, strange.status_code) == (204, 422)
    assert REGISTRY.get_sample_value("korrigo_browser_seconds_count", {"what": "autosave"}) == before + 1


async def _fail() -> None:
    raise RuntimeError("it is away")


def _roster(gateway: Gateway, *emails: str) -> None:
    students = [
        ingest_pb2.Student(id=f"student-{number}", first_name="Ada", last_name="Lovelace", email=email)
        for number, email in enumerate(emails)
    ]
    gateway.ingest.answers["ListStudents"] = ingest.ListStudentsResponse(students=students)
    exam = grading_pb2.Exam(id=str(EXAM), name="Maths", language="fr")
    gateway.grading.answers["GetExam"] = grading.GetExamResponse(exam=exam)


async def _acts(gateway: Gateway, action: str) -> int:
    async with gateway.database.transaction() as session:
        found = text("SELECT count(*) FROM audit WHERE action = :action")
        return int(await session.scalar(found, {"action": action}) or 0)
