"""Who sees which image, and what a browser keeps of it."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import uuid4

import pytest
from kit.errors import NotFound
from korrigo.ingest.v1 import ingest_service_pb2 as ingest

from services.gateway.tests.browser import Browser, Gateway

EXAM = uuid4()
COPY = "3f0c9a52-2f6e-4f0e-9a53-0d2f4f3c7a11"
JPEG = b"\xff\xd8 an image"
KEY = "zXc0-random"


@pytest.fixture(autouse=True)
async def page(gateway: Gateway) -> None:
    """A page's image in the store, redacted, on a copy."""
    await gateway.context.blobs.put("pages/1.jpg", JPEG)
    _resolve(gateway)


def _resolve(gateway: Gateway, *, copy_id: str = COPY, is_redacted: bool = True) -> None:
    gateway.ingest.answers["ResolveRendition"] = ingest.ResolveRenditionResponse(
        exam_id=str(EXAM),
        copy_id=copy_id,
        is_redacted=is_redacted,
        blob_key="pages/1.jpg",
        media_type="image/jpeg",
    )


async def _as_marker(gateway: Gateway) -> Browser:
    account = await gateway.account("marker@school.example")
    await gateway.join(account, EXAM, "marker")
    return await gateway.signed_in(account)


async def _as_student(gateway: Gateway) -> Browser:
    return await gateway.signed_in(await gateway.account("student@school.example"))


@pytest.mark.parametrize(("copy_id", "is_redacted"), [("", False), (COPY, False), (COPY, True)])
async def test_the_office_sees_every_image_of_its_exam(
    gateway: Gateway, copy_id: str, is_redacted: bool
) -> None:
    _resolve(gateway, copy_id=copy_id, is_redacted=is_redacted)
    browser = await gateway.as_office(EXAM)

    answer = await browser.get(f"/i/{KEY}")

    assert (answer.status_code, answer.content) == (200, JPEG)
    assert answer.headers["Content-Type"] == "image/jpeg"


async def test_the_office_of_another_exam_sees_nothing(gateway: Gateway) -> None:
    gateway.ingest.answers["GetMyResult"] = NotFound()
    browser = await gateway.as_office(uuid4(), "other@school.example")

    assert (await browser.get(f"/i/{KEY}")).status_code == 404


async def test_a_marker_sees_the_redacted_pages_of_assigned_copies(gateway: Gateway) -> None:
    browser = await _as_marker(gateway)

    answer = await browser.get(f"/i/{KEY}")

    [asked], [caller] = (
        gateway.grading.requests("CheckCopyAccess"),
        gateway.grading.callers("CheckCopyAccess"),
    )
    assert answer.status_code == 200
    assert (asked.exam_id, asked.copy_id, caller.role) == (str(EXAM), COPY, "marker")


@pytest.mark.parametrize(("copy_id", "is_redacted"), [("", True), (COPY, False)])
async def test_a_marker_sees_no_original_and_no_page_without_a_copy(
    gateway: Gateway, copy_id: str, is_redacted: bool
) -> None:
    _resolve(gateway, copy_id=copy_id, is_redacted=is_redacted)
    browser = await _as_marker(gateway)

    assert (await browser.get(f"/i/{KEY}")).status_code == 404


async def test_a_copy_of_another_marker_is_seen_once_it_is_assigned(gateway: Gateway) -> None:
    browser = await _as_marker(gateway)
    gateway.grading.answers["CheckCopyAccess"] = NotFound()

    before = await browser.get(f"/i/{KEY}")
    gateway.grading.answers.clear()
    after = await browser.get(f"/i/{KEY}")

    assert (before.status_code, after.status_code) == (404, 200)


async def test_a_student_sees_the_own_released_copy(gateway: Gateway) -> None:
    browser = await _as_student(gateway)

    answer = await browser.get(f"/i/{KEY}")

    [asked], [caller] = gateway.ingest.requests("GetMyResult"), gateway.ingest.callers("GetMyResult")
    assert answer.status_code == 200
    assert (asked.copy_id, caller.role) == (COPY, "student")


async def test_a_student_sees_nothing_else(gateway: Gateway) -> None:
    gateway.ingest.answers["GetMyResult"] = NotFound()
    browser = await _as_student(gateway)

    assert (await browser.get(f"/i/{KEY}")).status_code == 404


async def test_an_unknown_key_is_not_found(gateway: Gateway) -> None:
    gateway.ingest.answers["ResolveRendition"] = NotFound()

    assert (await (await gateway.as_office(EXAM)).get("/i/guess")).status_code == 404


async def test_a_decision_is_asked_for_once_and_bound_to_its_session(gateway: Gateway) -> None:
    browser = await _as_marker(gateway)

    statuses = [(await browser.get(f"/i/{KEY}")).status_code for _ in range(3)]
    await (await _as_marker(gateway)).get(f"/i/{KEY}")

    assert statuses == [200, 200, 200]
    assert len(gateway.ingest.requests("ResolveRendition")) == 1
    assert len(gateway.grading.requests("CheckCopyAccess")) == 2


async def test_a_browser_keeps_an_image_and_asks_no_more_than_whether_it_changed(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    first = await browser.get(f"/i/{KEY}")

    again = await browser.get(f"/i/{KEY}", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert "Content-Encoding" not in first.headers
    assert (again.status_code, again.content) == (304, b"")


async def test_what_the_session_may_not_see_is_not_confirmed_by_its_tag(gateway: Gateway) -> None:
    gateway.ingest.answers["GetMyResult"] = NotFound()
    browser = await _as_student(gateway)

    assert (await browser.get(f"/i/{KEY}", headers={"If-None-Match": f'"{KEY}"'})).status_code == 404


async def test_without_the_file_store_images_ask_to_come_back_and_the_rest_goes_on(
    gateway: Gateway, tmp_path: Path
) -> None:
    browser = await gateway.as_office(EXAM)
    shutil.rmtree(tmp_path / "blobs")

    image, exam = await browser.get(f"/i/{KEY}"), await browser.get(f"/exams/{EXAM}")

    assert (image.status_code, image.json()["reason"]) == (503, "STORE_UNAVAILABLE")
    assert int(image.headers["Retry-After"]) > 0
    assert exam.status_code == 200
