"""Live events: who hears what, how a browser comes back, and how a stream ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from gateway.live import KINDS, Change, Live, Viewer, change_of
from kit.db import DatabaseUnavailable
from kit.events import Broker, declare
from kit.events.streams import FACTS
from korrigo.grading.v1 import grading_events_pb2 as grading
from korrigo.ingest.v1 import ingest_events_pb2 as ingest

from services.gateway.tests.browser import Browser, Gateway

EXAM, OTHER = uuid4(), uuid4()
ADA = str(uuid4())


def _change(sequence: int, kind: str = "scan", exam: UUID = EXAM, **more: Any) -> Change:
    return Change(sequence, kind, f"{kind}-{sequence}", str(exam), **more)


@pytest.mark.parametrize("kind", ["scan", "staged_copy", "ledger", "exam", "copy", "export"])
def test_the_office_hears_everything_of_its_own_exams(kind: str) -> None:
    viewer = Viewer(ADA, {str(EXAM): "office"})

    assert viewer.may_see(_change(1, kind))
    assert not viewer.may_see(_change(1, kind, OTHER))


@pytest.mark.parametrize("kind", ["scan", "staged_copy", "ledger", "export"])
def test_a_marker_hears_nothing_that_leads_to_a_student(kind: str) -> None:
    assert not Viewer(ADA, {str(EXAM): "marker"}).may_see(_change(1, kind, marker_id=ADA))


def test_a_marker_hears_of_the_exam_and_of_own_copies() -> None:
    viewer = Viewer(ADA, {str(EXAM): "marker"})

    assert viewer.may_see(_change(1, "exam"))
    assert viewer.may_see(_change(1, "copy", marker_id=ADA))
    assert not viewer.may_see(_change(1, "copy", marker_id=str(uuid4())))


def test_a_notice_is_for_those_that_it_names() -> None:
    notice = _change(1, "notice", account_ids=frozenset({ADA}))

    assert Viewer(ADA, {}).may_see(notice)
    assert not Viewer(str(uuid4()), {str(EXAM): "office"}).may_see(notice)


def test_an_unknown_role_hears_nothing() -> None:
    assert not Viewer(ADA, {str(EXAM): "auditor"}).may_see(_change(1, "exam"))


@pytest.mark.parametrize("subject", KINDS)
def test_a_fact_becomes_a_change_with_the_id_of_its_thing(subject: str) -> None:
    kind, fact, key = KINDS[subject]
    change = change_of(7, subject, fact(**{key: "the-id"}).SerializeToString())

    assert change is not None
    assert (change.sequence, change.kind, change.id) == (7, kind, "the-id")


def test_a_fact_that_no_browser_shows_is_no_change() -> None:
    assert change_of(7, "korrigo.ingest.v1.CopyReady", b"") is None


def test_only_the_newest_changes_are_kept() -> None:
    live = Live()
    for sequence in range(1, 12_001):
        live.add(_change(sequence))

    assert live.is_behind(2_000 - 1)
    assert not live.is_behind(2_000)


def test_a_browser_of_a_stream_that_began_anew_reads_all_again() -> None:
    live = Live()
    live.add(_change(3))

    assert live.is_behind(4)
    assert not live.is_behind(3)


async def test_a_stream_that_cannot_be_opened_leaves_nothing_behind() -> None:
    async def look() -> Viewer | None:
        raise DatabaseUnavailable

    live = Live()
    with pytest.raises(DatabaseUnavailable):
        await anext(live.follow(look, None, idle=1))

    assert not live._followers


async def test_a_stream_tells_its_viewer_what_changed(gateway: Gateway) -> None:
    async with _following(gateway) as (follow, _):
        gateway.context.live.add(_change(41, "scan", OTHER))
        gateway.context.live.add(_change(42, "scan", version=3))

        event = await follow.event()

    assert event == {
        "id": "42",
        "event": "change",
        "data": {"kind": "scan", "id": "scan-42", "exam_id": str(EXAM), "version": 3},
    }


async def test_a_browser_that_comes_back_misses_nothing(gateway: Gateway) -> None:
    for sequence in range(10, 15):
        gateway.context.live.add(_change(sequence))

    async with _following(gateway, after=12) as (follow, _):
        heard = [(await follow.event())["id"] for _ in range(2)]

    assert heard == ["13", "14"]


async def test_a_browser_that_was_away_too_long_reads_all_again(gateway: Gateway) -> None:
    gateway.context.live.add(_change(100))

    async with _following(gateway, after=12) as (follow, _):
        first = await follow.event()
        gateway.context.live.add(_change(101))
        second = await follow.event()

    assert (first["event"], second["id"]) == ("reset", "101")


async def test_a_browser_from_a_process_that_was_ahead_waits_for_this_one() -> None:
    live = Live()
    live.add(_change(10))

    waiting = asyncio.create_task(live.catch_up(12))
    await _until(lambda: bool(live._followers))
    for sequence in (11, 12):
        live.add(_change(sequence))
    await waiting

    assert not live.is_behind(12)


async def test_a_process_that_starts_knows_what_was_told_before(gateway: Gateway, broker: Broker) -> None:
    fact = grading.ExamChanged(exam_id=str(EXAM), version=5)
    for _ in range(2):
        await broker.publish(fact.DESCRIPTOR.full_name, fact.SerializeToString(), {})
    stopping = asyncio.Event()
    listening = asyncio.create_task(gateway.context.live.listen(broker, stopping))

    async with _following(gateway, after=1) as (follow, _):
        event = await follow.event()
    stopping.set()
    await listening

    assert (event["event"], event["id"]) == ("change", "2")


async def test_a_silent_stream_pings(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.routes.live.PING_SECONDS", 0.05)

    async with _following(gateway) as (follow, _):
        assert await follow.line() == ": ping"


async def test_streams_end_on_sigterm_and_say_when_to_come_back(gateway: Gateway) -> None:
    async with _following(gateway) as (follow, stopping):
        stopping.set()

        assert [line async for line in follow.rest()] == []
    assert follow.first == "retry: 1000"


async def test_a_new_membership_is_heard_on_the_open_stream(gateway: Gateway) -> None:
    async with _following(gateway) as (follow, _):
        await gateway.join(await gateway.account("office@school.example"), OTHER, "office")
        gateway.context.live.review((await gateway.account("office@school.example")).id)
        await follow.settled()
        gateway.context.live.add(_change(7, "scan", OTHER))

        assert (await follow.event())["data"]["exam_id"] == str(OTHER)


async def test_a_stream_ends_with_its_session(gateway: Gateway) -> None:
    async with _following(gateway) as (follow, _):
        await follow.browser.call("DELETE", "/session")

        assert [line async for line in follow.rest()] == []


async def test_facts_on_the_broker_reach_the_browser(gateway: Gateway, broker: Broker) -> None:
    stopping = asyncio.Event()
    listening = asyncio.create_task(gateway.context.live.listen(broker, stopping))
    fact = grading.ExamChanged(exam_id=str(EXAM), version=5)
    async with _following(gateway) as (follow, _):
        told = asyncio.create_task(_tell_until_heard(broker, fact, follow))
        event = await follow.event()
        told.cancel()
    stopping.set()
    await listening

    assert event["data"] == {"kind": "exam", "id": str(EXAM), "exam_id": str(EXAM), "version": 5}


async def test_a_stream_of_facts_that_began_anew_ends_the_browsers_streams_with_a_reset(
    gateway: Gateway, broker: Broker
) -> None:
    stopping = asyncio.Event()
    listening = asyncio.create_task(gateway.context.live.listen(broker, stopping))
    fact = grading.ExamChanged(exam_id=str(EXAM), version=5)
    async with _following(gateway) as (follow, _):
        told = asyncio.create_task(_tell_until_heard(broker, fact, follow))
        heard = int((await follow.event())["id"])
        told.cancel()
        await broker.jetstream.delete_stream(FACTS)
        await declare(broker)

        rest = [line async for line in follow.rest()]
    stopping.set()
    await listening

    assert rest[-3:] == ["id:", "event: reset", "data: {}"]
    assert gateway.context.live.is_behind(heard)


def test_released_results_are_a_notice_for_the_announced_accounts() -> None:
    fact = ingest.ResultsAnnounced(exam_id=str(EXAM), account_ids=[ADA])

    change = change_of(1, fact.DESCRIPTOR.full_name, fact.SerializeToString())

    assert change is not None
    assert change.account_ids == {ADA}


class _Follow:
    """One open stream."""

    def __init__(self, gateway: Gateway, browser: Browser, lines: AsyncIterator[str]) -> None:
        self.browser = browser
        self.first = ""
        self._live = gateway.context.live
        self._lines = lines

    async def line(self) -> str:
        """The next line that says something."""
        async with asyncio.timeout(10):
            while not (line := await anext(self._lines)):
                continue
        return line

    async def event(self) -> Mapping[str, Any]:
        """The next event."""
        fields: dict[str, Any] = {}
        while "data" not in fields:
            name, _, value = (await self.line()).partition(": ")
            fields |= {name: orjson.loads(value) if name == "data" else value}
        fields.pop("", None)
        return fields

    async def rest(self) -> AsyncIterator[str]:
        """What comes until the stream ends."""
        async with asyncio.timeout(10):
            async for line in self._lines:
                if line:
                    yield line

    async def settled(self) -> None:
        """Wait until the stream has looked again and waits for news."""
        followers = self._live._followers
        await _until(lambda: not any(one.woken.is_set() or one.is_stale for one in followers))


@asynccontextmanager
async def _following(
    gateway: Gateway, *, after: int | None = None
) -> AsyncIterator[tuple[_Follow, asyncio.Event]]:
    """The stream of an exam's office over a socket, opened and waiting."""
    account = await gateway.account("office@school.example")
    await gateway.join(account, EXAM, "office")
    async with gateway.serving() as (address, stopping):
        browser = await gateway.signed_in(account, at=address)
        headers = browser.headers | ({"Last-Event-ID": str(after)} if after is not None else {})
        async with browser.client.stream("GET", "/api/v1/events", headers=headers) as answer:
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            follow = _Follow(gateway, browser, answer.aiter_lines())
            follow.first = await follow.line()
            followers = gateway.context.live._followers
            await _until(lambda: any(one.account_id for one in followers))
            yield follow, stopping
        await browser.client.aclose()


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while True:
            if is_so():
                return
            await asyncio.sleep(0.005)


async def _tell_until_heard(broker: Broker, fact: grading.ExamChanged, follow: _Follow) -> None:
    """Tell a fact again and again: when a listener has begun cannot be seen from outside."""
    while True:
        await broker.jetstream.publish(fact.DESCRIPTOR.full_name, fact.SerializeToString())
        await asyncio.sleep(0.05)
