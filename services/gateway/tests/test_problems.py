"""Every refusal has one shape; nothing that a browser sends is a bug of ours."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from fastapi.routing import APIRoute
from gateway import http
from gateway.problems import STATUS
from gateway.routes import ROUTERS
from kit.errors import CATEGORIES, NotFound, refusal_of
from korrigo.grading.v1 import grading_service_pb2 as grading
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.gateway.tests.browser import Gateway, once

Logged = Sequence[Mapping[str, Any]]
EXAM = uuid4()
DESCRIPTION = Path(__file__).parents[1] / "openapi.json"
SHAPE = {"type", "title", "status", "reason", "detail", "metadata", "trace_id"}


@pytest.fixture(scope="session")
def spans() -> InMemorySpanExporter:
    """Give what is traced from now on; a process has one provider, which other tests may have made."""
    exporter = InMemorySpanExporter()
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        trace.set_tracer_provider(TracerProvider())
    provider = trace.get_tracer_provider()
    assert isinstance(provider, TracerProvider)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


def test_every_category_of_refusals_has_a_status() -> None:
    assert STATUS.keys() == CATEGORIES.keys()


@pytest.mark.parametrize("code", CATEGORIES)
async def test_a_refusal_of_a_service_reaches_the_browser_with_reason_and_trace(
    gateway: Gateway, spans: InMemorySpanExporter, code: str
) -> None:
    browser = await gateway.as_office(EXAM)
    gateway.grading.answers["GetExam"] = refusal_of(code, "A_REASON", "A sentence.", {"most": "3"})

    answer = await browser.get(f"/exams/{EXAM}")

    problem = answer.json()
    assert answer.status_code == problem["status"] == STATUS[code]
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem.keys() == SHAPE
    assert (problem["reason"], problem["detail"]) == ("A_REASON", "A sentence.")
    assert problem["metadata"]["most"] == "3"
    assert len(problem["trace_id"]) == 32
    assert ("Retry-After" in answer.headers) == (code in ("UNAVAILABLE", "RESOURCE_EXHAUSTED"))


async def test_an_unexpected_failure_tells_nothing_and_is_logged_once(
    gateway: Gateway, logged: Logged
) -> None:
    browser = await gateway.as_office(EXAM)
    gateway.grading.answers["GetExam"] = ZeroDivisionError("the secret of the house")

    answer = await browser.get(f"/exams/{EXAM}")

    errors = [line["event"] for line in logged if line["log_level"] == "error"]
    assert (answer.status_code, answer.json()["reason"]) == (500, "INTERNAL")
    assert "secret" not in answer.text
    assert errors == ["rpc_failed", "request_failed"]


async def test_keys_of_the_file_store_stay_inside(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    gateway.grading.answers["GetExam"] = NotFound(key="results/1.pdf", pdf_key="results/1.pdf")

    assert "results/1.pdf" not in (await browser.get(f"/exams/{EXAM}")).text


@pytest.mark.parametrize(
    "body",
    [
        {"email": 3, "password": "x"},
        {"email": "a"},
        {"email": "a", "password": "x", "more": 1},
        {"email": "a\0", "password": "x"},
        {"email": "a" * 501, "password": "x"},
        [],
        "text",
    ],
)
async def test_a_body_of_the_wrong_shape_is_refused_with_the_place(gateway: Gateway, body: Any) -> None:
    answer = await gateway.browser().post("/session", body)

    assert (answer.status_code, answer.json()["reason"]) == (422, "BODY_INVALID")
    assert all(place.startswith("body") for place in answer.json()["metadata"])


@pytest.mark.parametrize("content", [b"{", b'{"email":"\\ud800","password":"x"}', b""])
async def test_a_body_that_is_no_json_is_refused(gateway: Gateway, content: bytes) -> None:
    browser = gateway.browser()
    headers = browser.headers | {"Content-Type": "application/json"}

    answer = await browser.client.post("/api/v1/session", content=content, headers=headers)

    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")


@pytest.mark.parametrize("version", [2**70, -(2**70)])
async def test_a_number_that_the_contract_cannot_hold_is_refused(gateway: Gateway, version: int) -> None:
    browser = await gateway.as_office(EXAM)
    gateway.grading.answers["GetExam"] = grading.GetExamResponse()

    answer = await browser.call("PATCH", f"/exams/{EXAM}", {"version": version, **once()})

    assert (answer.status_code, answer.json()["reason"]) == (422, "BODY_INVALID")


async def test_a_request_id_and_a_version_may_come_in_headers(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    gateway.grading.answers["GetExam"] = grading.GetExamResponse()
    key = once()["request_id"]
    headers = {"Idempotency-Key": key, "If-Match": '"7"'}

    answer = await browser.call("PATCH", f"/exams/{EXAM}", {"name": "Maths"}, headers=headers)

    [asked] = gateway.grading.requests("UpdateExam")
    assert answer.status_code == 200
    assert (asked.request_id, asked.version, asked.name) == (key, 7, "Maths")


async def test_a_body_wins_over_headers_and_neither_is_refused(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    gateway.grading.answers["GetExam"] = grading.GetExamResponse()
    body = {"version": 8, **once()}

    await browser.call("PATCH", f"/exams/{EXAM}", body, headers={"If-Match": '"7"'})
    refused = await browser.call("PATCH", f"/exams/{EXAM}", {"name": "Maths"})

    [asked] = gateway.grading.requests("UpdateExam")
    assert asked.version == 8
    assert refused.json()["metadata"].keys() == {"body.request_id", "body.version"}


async def test_a_huge_body_is_refused_before_it_is_read(gateway: Gateway) -> None:
    browser = await gateway.signed_in(await gateway.account())
    headers = browser.headers | {"Content-Type": "application/json"}

    answer = await browser.client.post(
        "/api/v1/notices/read", content=b" " * (http.MAX_BODY + 1), headers=headers
    )

    assert (answer.status_code, answer.json()["status"]) == (413, 413)


async def test_an_unknown_path_and_a_wrong_method_are_problems(gateway: Gateway) -> None:
    browser = gateway.browser()

    answers = [await browser.get("/nothing"), await browser.call("DELETE", "/version")]

    assert [(one.status_code, one.json()["reason"]) for one in answers] == [
        (404, "NOT_FOUND"),
        (405, "METHOD_NOT_ALLOWED"),
    ]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://korrigo.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_change_from_a_foreign_page_is_refused(gateway: Gateway, headers: dict[str, str]) -> None:
    browser = await gateway.signed_in(await gateway.account())

    signing_in = await gateway.browser().post("/session", {"email": "a", "password": "b"}, headers=headers)
    changing = await browser.call("PATCH", "/account", {"name": "Eve"}, headers=headers)

    assert {answer.status_code for answer in (signing_in, changing)} == {403}
    assert {answer.json()["reason"] for answer in (signing_in, changing)} == {"FOREIGN_ORIGIN"}


@pytest.mark.parametrize("csrf", ["", "0" * 64])
async def test_a_change_without_the_session_s_csrf_value_is_refused(gateway: Gateway, csrf: str) -> None:
    browser = await gateway.signed_in(await gateway.account())

    answer = await browser.call("PATCH", "/account", {"name": "Eve"}, headers={"X-Korrigo-CSRF": csrf})

    assert (answer.status_code, answer.json()["reason"]) == (403, "CSRF_MISMATCH")


async def test_a_request_has_one_line_in_the_log_without_anything_personal(
    gateway: Gateway, logged: Logged
) -> None:
    browser = await gateway.as_office(EXAM)

    answer = await browser.get(f"/exams/{EXAM}?name=Ada", headers={"X-Request-Id": "from-the-proxy"})

    assert answer.headers["X-Request-Id"] == "from-the-proxy"
    own = [line for line in logged if line["event"] != "rpc_served"]
    assert [{**line, "seconds": 0} for line in own] == [
        {
            "event": "http_request",
            "log_level": "info",
            "chatty": True,
            "request_id": "from-the-proxy",
            "method": "GET",
            "route": "/api/v1/exams/{exam_id}",
            "status": 200,
            "seconds": 0,
        }
    ]


async def test_a_request_id_that_could_forge_a_line_is_replaced(gateway: Gateway) -> None:
    answer = await gateway.browser().get("/session", headers={"X-Request-Id": "a b\tc"})

    assert len(answer.headers["X-Request-Id"]) == 32


async def test_the_token_of_a_link_is_in_no_trace(gateway: Gateway, spans: InMemorySpanExporter) -> None:
    spans.clear()
    await gateway.browser().get("/links/the-secret-token")

    traced = [span.to_json() for span in spans.get_finished_spans()]
    assert traced
    assert "the-secret-token" not in "".join(traced)


def test_the_checked_in_description_is_the_app_s() -> None:
    checked_in = json.loads(DESCRIPTION.read_text())

    assert http.describe().openapi() == checked_in


def test_every_json_answer_is_described() -> None:
    files = {"/api/v1/events", "/api/v1/openapi.json", "/i/{key}"}
    told = [route for router in ROUTERS for route in cast(Iterable[APIRoute], router.routes)]
    silent = {route.path for route in told if route.response_model is None and route.status_code != 204}

    assert {path for path in silent if not path.endswith(("pdf", "/file"))} == files
