"""The logs of the main job: whole, joined by the request's id from process to process, and about nobody."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from local.system import System

from tests.people import ADMIN, OFFICE
from tests.stories import job as steps
from tests.stories.job import Job
from tests.stories.paper import STUDENTS

SERVICES = ("gateway", "ingest", "ingest-consume", "grading", "grading-consume", "notification", "rasterizer")
#: Where the request that completes an upload leaves its traces, by process: the events that carry its id.
FOLLOWED = {
    "gateway": "http_request",
    "ingest": "rpc_served",
    "ingest-consume": "message_ended",
    "rasterizer": "message_ended",
    "grading-consume": "message_ended",
}
FIELDS = {"time", "level", "event", "service", "version", "pod"}
#: Shorter names would be found by chance among ids.
LEAST_LENGTH = 5


@pytest.fixture(scope="module")
def texts(released: Job, system: System) -> dict[str, str]:
    """What every process has said, servers too, up to the release."""
    logs = (system.home.directory / "logs").glob("*.log*")
    return {path.name: path.read_text(encoding="utf-8", errors="replace") for path in logs}


def lines(text: str) -> Iterator[dict[str, Any]]:
    return (json.loads(line) for line in text.splitlines() if line)


def names() -> set[str]:
    """What must be in no log: who takes part, and what they wrote."""
    people = [part for student in STUDENTS for part in (student.family, student.given, student.email)]
    return {part for part in (*people, *steps.MARKERS, ADMIN, OFFICE) if len(part) >= LEAST_LENGTH}


def test_no_log_names_anybody(texts: dict[str, str]) -> None:
    written = (steps.REMARK[:9], steps.APPRECIATION, steps.TEXT)
    needles = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in {*names(), *written}), re.IGNORECASE)

    found = {name: match.group() for name, text in texts.items() if (match := needles.search(text))}

    assert found == {}


@pytest.mark.parametrize("process", SERVICES)
def test_every_line_of_a_service_is_json_of_one_schema(texts: dict[str, str], process: str) -> None:
    said = list(lines(texts[f"{process}.log"]))

    assert said
    assert [line for line in said if not line.keys() >= FIELDS] == []


def test_a_request_is_followed_by_its_id_to_the_last_page(texts: dict[str, str]) -> None:
    whole = [
        line["request_id"]
        for line in lines(texts["gateway.log"])
        if line.get("route", "").endswith("/complete") and line["status"] == 202
    ]
    followed = {
        request: {
            process
            for process, event in FOLLOWED.items()
            for line in lines(texts[f"{process}.log"])
            if (line.get("request_id"), line["event"]) == (request, event)
        }
        for request in whole
    }

    assert whole
    assert max(followed.values(), key=len) == set(FOLLOWED)


def test_the_journal_of_who_did_what_is_a_stream_of_its_own(texts: dict[str, str]) -> None:
    said = [line for text in texts.values() for line in text.splitlines() if '"stream":"audit"' in line]
    entries = [json.loads(line) for line in said]

    assert {entry["schema"] for entry in entries} >= {"gateway", "grading"}
    assert all(entry["action"] and entry["actor_subject"] for entry in entries)
