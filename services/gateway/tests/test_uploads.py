"""Files arrive in chunks: resumable, repeatable, whole or not at all."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from gateway.leftovers import Leftovers
from gateway.settings import GatewaySettings
from kit.blobs import Blobs
from kit.errors import FailedPrecondition, Unavailable
from korrigo.ingest.v1 import ingest_pb2
from korrigo.ingest.v1 import ingest_service_pb2 as ingest
from sqlalchemy import text

from services.gateway.tests.browser import Browser, Gateway, once

CHUNK = GatewaySettings.CHUNK_BYTES
EXAM = uuid4()
TAIL = b"the last bytes"


async def test_an_upload_says_its_chunks_and_which_have_arrived(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    upload = await _open(browser, CHUNK + len(TAIL))

    sent = await browser.send(f"/uploads/{upload['id']}/1", TAIL)
    resumed = (await browser.get(f"/uploads/{upload['id']}")).json()

    assert (upload["chunk_bytes"], upload["chunks"], upload["received"]) == (CHUNK, 2, [])
    assert sent.status_code == 204
    assert resumed["received"] == [1]


async def test_an_upload_goes_on_after_a_restart_of_the_gateway(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    upload = await _open(browser, CHUNK + len(TAIL))
    await browser.send(f"/uploads/{upload['id']}/0", bytes(CHUNK))

    after = gateway.restarted().browser()
    after.headers = browser.headers
    await after.send(f"/uploads/{upload['id']}/1", TAIL)
    answer = await after.post(f"/uploads/{upload['id']}/complete", once())

    [asked] = gateway.ingest.requests("AddScan")
    assert answer.status_code == 202
    assert (asked.chunks, asked.bytes, asked.upload_prefix) == (2, CHUNK + 14, f"uploads/{upload['id']}")
    assert await gateway.context.blobs.get(f"{asked.upload_prefix}/1") == TAIL


@pytest.mark.parametrize(
    ("number", "content"), [(0, TAIL), (1, TAIL + b"!"), (1, b""), (2, TAIL), (10**9, TAIL)]
)
async def test_a_chunk_of_the_wrong_size_or_place_is_refused(
    gateway: Gateway, number: int, content: bytes
) -> None:
    browser = await gateway.as_office(EXAM)
    upload = await _open(browser, CHUNK + len(TAIL))

    answer = await browser.send(f"/uploads/{upload['id']}/{number}", content)

    assert (answer.status_code, answer.json()["reason"]) == (422, "CHUNK_INVALID")
    assert (await browser.get(f"/uploads/{upload['id']}")).json()["received"] == []


async def test_an_upload_completes_only_when_it_is_whole(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    upload = await _open(browser, 2 * CHUNK + len(TAIL))
    await browser.send(f"/uploads/{upload['id']}/2", TAIL)

    answer = await browser.post(f"/uploads/{upload['id']}/complete", once())

    assert (answer.status_code, answer.json()["reason"]) == (409, "CHUNKS_MISSING")
    assert answer.json()["metadata"] == {"missing": "0,1"}
    assert not gateway.ingest.requests("AddScan")


async def test_completing_twice_asks_for_the_same_scan(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    upload = await _uploaded(browser)
    gateway.ingest.answers["AddScan"] = ingest.AddScanResponse(scan=ingest_pb2.Scan(id="scan-1"))

    answers = [await browser.post(f"/uploads/{upload}/complete", once()) for _ in range(2)]
    late = await browser.send(f"/uploads/{upload}/0", TAIL)

    assert [answer.json()["scan"]["id"] for answer in answers] == ["scan-1", "scan-1"]
    assert {asked.request_id for asked in gateway.ingest.requests("AddScan")} == {upload}
    assert {(who.role, who.exam_id) for who in gateway.ingest.callers("AddScan")} == {("office", str(EXAM))}
    assert late.status_code == 204


async def test_a_file_may_take_the_place_of_a_refused_scan(gateway: Gateway) -> None:
    browser, refused = await gateway.as_office(EXAM), str(uuid4())
    upload = (await browser.post("/uploads", _announcement(len(TAIL)) | {"replaces": refused})).json()["id"]
    await browser.send(f"/uploads/{upload}/0", TAIL)

    await browser.post(f"/uploads/{upload}/complete", once())

    [asked] = gateway.ingest.requests("AddScan")
    assert asked.replaces == refused


async def test_opening_twice_gives_the_same_upload(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    body = _announcement(len(TAIL))
    first = (await browser.post("/uploads", body)).json()
    await browser.send(f"/uploads/{first['id']}/0", TAIL)

    second = (await browser.post("/uploads", body)).json()

    assert second == first | {"received": [0]}


async def test_a_request_id_opens_one_upload_only(gateway: Gateway) -> None:
    browser, other = await gateway.as_office(EXAM), await gateway.as_office(EXAM, "other@school.example")
    body = _announcement(len(TAIL))
    await browser.post("/uploads", body)

    changed = await browser.post("/uploads", body | {"bytes": 3})
    stolen = await other.post("/uploads", body)

    assert {answer.json()["reason"] for answer in (changed, stolen)} == {"REQUEST_ID_REUSED"}


async def test_a_cancelled_upload_is_gone_with_what_had_arrived(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    upload = await _uploaded(browser)

    answer = await browser.call("DELETE", f"/uploads/{upload}")

    assert answer.status_code == 204
    assert (await browser.get(f"/uploads/{upload}")).status_code == 404
    assert [key async for key, _ in gateway.context.blobs.list("uploads/")] == []


async def test_a_chunk_that_comes_after_its_upload_was_cancelled_leaves_nothing(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await gateway.as_office(EXAM)
    upload, put = await _open(browser, len(TAIL)), Blobs.put

    async def put_and_be_late(blobs: Blobs, key: str, content: bytes) -> None:
        await put(blobs, key, content)
        await browser.call("DELETE", f"/uploads/{upload['id']}")
        await put(blobs, key, content)

    monkeypatch.setattr(Blobs, "put", put_and_be_late)

    answer = await browser.send(f"/uploads/{upload['id']}/0", TAIL)

    assert answer.status_code == 404
    assert [key async for key, _ in gateway.context.blobs.list("uploads/")] == []


async def test_a_file_that_was_handed_over_is_not_cancelled(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    upload = await _uploaded(browser)
    await browser.post(f"/uploads/{upload}/complete", once())

    answer = await browser.call("DELETE", f"/uploads/{upload}")

    assert (answer.status_code, answer.json()["reason"]) == (409, "UPLOAD_COMPLETED")
    assert await gateway.context.blobs.get(f"uploads/{upload}/0") == TAIL


async def test_a_file_that_ingest_refuses_can_be_cancelled(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    upload = await _uploaded(browser)
    gateway.ingest.answers["AddScan"] = FailedPrecondition()

    refused = await browser.post(f"/uploads/{upload}/complete", once())

    assert refused.status_code == 409
    assert (await browser.call("DELETE", f"/uploads/{upload}")).status_code == 204


async def test_a_file_is_handed_over_again_when_ingest_was_away(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    upload = await _uploaded(browser)
    gateway.ingest.answers["AddScan"] = Unavailable()

    away = await browser.post(f"/uploads/{upload}/complete", once())
    gateway.ingest.answers.clear()
    back = await browser.post(f"/uploads/{upload}/complete", once())

    assert (away.status_code, back.status_code) == (503, 202)


async def test_only_uploads_that_rested_for_long_are_forgotten(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    left, handed_over, fresh = [await _uploaded(browser) for _ in range(3)]
    await browser.post(f"/uploads/{handed_over}/complete", once())
    async with gateway.database.transaction() as session:
        await session.execute(_REST, {"ids": [left, handed_over]})
    leftovers = Leftovers(gateway.database, gateway.context.blobs, timedelta(hours=72))

    forgotten = await leftovers.forget()

    assert (forgotten, await leftovers.forget()) == (2, 0)
    assert (await browser.get(f"/uploads/{fresh}")).json()["received"] == [0]
    assert {key async for key, _ in gateway.context.blobs.list("uploads/")} == {
        f"uploads/{handed_over}/0",
        f"uploads/{fresh}/0",
    }


_REST = text("""
UPDATE uploads SET touched_at = now() - interval '73 hours' WHERE id = ANY(CAST(:ids AS uuid[]))""")


async def test_an_upload_of_somebody_else_does_not_exist(gateway: Gateway) -> None:
    browser, other = await gateway.as_office(EXAM), await gateway.as_office(EXAM, "other@school.example")
    upload = await _uploaded(browser)

    answers = [
        await other.get(f"/uploads/{upload}"),
        await other.send(f"/uploads/{upload}/0", TAIL),
        await other.post(f"/uploads/{upload}/complete", once()),
        await other.call("DELETE", f"/uploads/{upload}"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 404]


async def test_only_the_office_of_an_exam_uploads_to_it(gateway: Gateway) -> None:
    marker = await gateway.account("marker@school.example")
    await gateway.join(marker, EXAM, "marker")
    stranger = await gateway.as_office(uuid4(), "stranger@school.example")

    by_marker = await (await gateway.signed_in(marker)).post("/uploads", _announcement(3))
    by_stranger = await stranger.post("/uploads", _announcement(3))

    assert (by_marker.status_code, by_stranger.status_code) == (403, 404)


@pytest.mark.parametrize(("size", "reason"), [(0, "BODY_INVALID"), (2**62, "FILE_TOO_LARGE")])
async def test_an_empty_or_huge_file_is_refused_at_once(gateway: Gateway, size: int, reason: str) -> None:
    browser = await gateway.as_office(EXAM)

    answer = await browser.post("/uploads", _announcement(size))

    assert (answer.status_code, answer.json()["reason"]) == (422, reason)


async def test_the_same_chunk_at_once_from_many_sides_is_stored_once_and_whole(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    upload = await _open(browser, CHUNK)

    sends = (browser.send(f"/uploads/{upload['id']}/0", bytes(CHUNK)) for _ in range(6))
    statuses = {answer.status_code for answer in await asyncio.gather(*sends)}

    assert statuses == {204}
    assert (await browser.get(f"/uploads/{upload['id']}")).json()["received"] == [0]
    assert await gateway.context.blobs.size(f"uploads/{upload['id']}/0") == CHUNK


async def test_a_long_chunk_is_refused_before_it_is_read_to_its_end(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    upload = await _open(browser, 10)
    pieces = iter(range(100))

    async def endless() -> AsyncIterator[bytes]:
        for _ in pieces:
            yield b"x" * 8

    answer = await browser.client.put(
        f"/api/v1/uploads/{upload['id']}/0", content=endless(), headers=browser.headers
    )

    assert answer.json()["reason"] == "CHUNK_INVALID"
    assert next(pieces) < 5


async def test_a_big_file_takes_the_memory_of_a_few_chunks(gateway: Gateway) -> None:
    browser = await gateway.as_office(EXAM)
    upload, content = await _open(browser, 20 * CHUNK), bytes(CHUNK)
    await browser.send(f"/uploads/{upload['id']}/0", content)

    tracemalloc.start()
    for number in range(20):
        await browser.send(f"/uploads/{upload['id']}/{number}", content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 4 * CHUNK


async def test_a_chunk_that_finds_no_room_is_to_be_sent_again(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.routes.uploads.PATIENCE", 0.05)
    browser = await gateway.as_office(EXAM)
    upload = await _open(browser, len(TAIL))
    for _ in range(16):
        await gateway.context.chunks.acquire()

    busy = await browser.send(f"/uploads/{upload['id']}/0", TAIL)
    gateway.context.chunks.release()
    then = await browser.send(f"/uploads/{upload['id']}/0", TAIL)

    assert (busy.status_code, busy.json()["reason"]) == (503, "UPLOADS_BUSY")
    assert busy.headers["Retry-After"] == "5"
    assert then.status_code == 204


async def _open(browser: Browser, size: int) -> Mapping[str, Any]:
    answer = await browser.post("/uploads", _announcement(size))
    assert answer.status_code == 201
    found: Mapping[str, Any] = answer.json()
    return found


async def _uploaded(browser: Browser) -> str:
    """A small file that has arrived but is not complete."""
    upload = await _open(browser, len(TAIL))
    await browser.send(f"/uploads/{upload['id']}/0", TAIL)
    return str(UUID(upload["id"]))


def _announcement(size: int) -> dict[str, Any]:
    return {"exam_id": str(EXAM), "batch_id": str(uuid4()), "file_name": "scan.pdf", "bytes": size, **once()}
