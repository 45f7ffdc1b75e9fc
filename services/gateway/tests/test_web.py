"""The web app's files, and what surrounds every answer."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest
from gateway.http import hide_secrets
from korrigo.grading.v1 import grading_pb2
from korrigo.grading.v1 import grading_service_pb2 as grading
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider

from services.gateway.tests.browser import Browser, Gateway

INDEX = "<!doctype html><title>Korrigo</title>" + " " * 2000


@pytest.fixture
def browser(gateway: Gateway, tmp_path: Path) -> Browser:
    """Give a browser of a gateway that serves a built web app."""
    root = tmp_path / "web"
    (root / "assets").mkdir(parents=True)
    (root / "index.html").write_text(INDEX)
    (root / "assets" / "app-1a2b.js").write_text("export {};" * 500)
    (root / "logo.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("a secret")
    return gateway.restarted(web_root=root).browser()


async def _get(browser: Browser, path: str, **headers: str) -> httpx2.Response:
    return await browser.client.get(path, headers=headers)


@pytest.mark.parametrize("path", ["/", "/exams/7/staging", "/link/token"])
async def test_any_address_of_the_app_is_the_app_itself_and_never_stale(browser: Browser, path: str) -> None:
    answer = await _get(browser, path)

    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["Cache-Control"] == "no-cache"


async def test_files_with_a_hash_in_their_name_are_kept_for_ever(browser: Browser) -> None:
    script, logo = await _get(browser, "/assets/app-1a2b.js"), await _get(browser, "/logo.svg")

    assert "immutable" in script.headers["Cache-Control"]
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert logo.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "/assets/%00", "//secret.txt"],
)
async def test_nothing_outside_of_the_app_s_folder_is_served(browser: Browser, path: str) -> None:
    answer = await _get(browser, f"https://korrigo.example{path}")

    assert answer.status_code in (200, 404)
    assert "a secret" not in answer.text


@pytest.mark.parametrize("path", ["/assets/gone.js", "/api/v1/nothing", "/api/nothing"])
async def test_what_is_missing_is_not_answered_with_the_app(browser: Browser, path: str) -> None:
    answer = await _get(browser, path)

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["/", "/assets/app-1a2b.js", "/api/v1/session", "/api/v1/nothing"])
async def test_every_answer_carries_the_security_headers(browser: Browser, path: str) -> None:
    headers = (await _get(browser, path)).headers

    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert ("no-store" in headers["Cache-Control"]) == path.startswith("/api/")


@pytest.mark.parametrize("path", ["/link/s3cret", "/api/v1/links/s3cret"])
def test_no_trace_knows_the_secret_of_a_one_time_link(path: str) -> None:
    told = {"http.target": path, "http.url": f"https://korrigo.example{path}"}
    span = TracerProvider().get_tracer("test").start_span("GET", attributes=told)

    hide_secrets(span, {"path": path})

    assert isinstance(span, ReadableSpan)
    assert "s3cret" not in str(span.attributes)


async def test_a_local_gateway_does_not_ask_for_https(gateway: Gateway) -> None:
    local = gateway.restarted(public_url="http://127.0.0.1:8080")

    assert "Strict-Transport-Security" not in (await local.browser().get("/session")).headers


async def test_pages_scripts_and_lists_are_compressed(gateway: Gateway, browser: Browser) -> None:
    admin = await gateway.as_admin()
    gateway.grading.answers["ListLots"] = grading.ListLotsResponse(
        lots=[grading_pb2.Lot(exam_name=f"Exam {number}") for number in range(50)]
    )

    answers = [await _get(browser, "/"), await _get(browser, "/assets/app-1a2b.js"), await admin.get("/lots")]

    assert [answer.headers.get("Content-Encoding") for answer in answers] == ["gzip"] * 3


async def test_a_probe_of_the_front_page_gets_its_head(browser: Browser) -> None:
    answer = await browser.client.head("/")

    assert (answer.status_code, answer.content) == (200, b"")


async def test_the_version_names_its_source(browser: Browser) -> None:
    assert (await browser.get("/version")).json().keys() == {"version", "source"}
