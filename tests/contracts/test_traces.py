"""One upload is one trace: through HTTP, gRPC, the database and NATS to the last page."""

import secrets
from pathlib import Path
from uuid import uuid4

import pytest

from tests import exams
from tests.collector import Collector, Span
from tests.paper.piles import a4_pile
from tests.paper.shelf import shelved_scan
from tests.paper.students import roster
from tests.people import People
from tests.waiting import until

#: Who must take part, in which role, and an attribute that says over what.
PARTS = {
    "HTTP": ("gateway", "SERVER", "http."),
    "gRPC, asking": ("gateway", "CLIENT", "rpc."),
    "gRPC, asked": ("ingest", "SERVER", "rpc."),
    "the gateway's database": ("gateway", "CLIENT", "db."),
    "ingest's database": ("ingest", "CLIENT", "db."),
}
#: What is heard on the way, by whom.
HEARD = {
    ("ingest", "ScanReceived"),
    ("rasterizer", "InspectScan"),
    ("ingest", "ScanInspected"),
    ("rasterizer", "RenderSides"),
    ("ingest", "SidesRendered"),
    ("grading", "LedgerChanged"),
}


@pytest.fixture(scope="module")
def trace(people: People, collector: Collector, desk_drawer: Path) -> list[Span]:
    """The spans of the request that hands a file over, and of all that follows from it."""
    exam = exams.create(people, "Sous observation")
    shelved_scan(a4_pile(roster(1, seed=71)), desk_drawer / "traced.pdf", dpi=100)
    content = (desk_drawer / "traced.pdf").read_bytes()
    upload = exam.office.open_upload(exam.id, exam.batch("every_n_sides", 4), "traced.pdf", len(content))
    exam.office.put_chunk(upload, 0, content)
    trace_id = secrets.token_hex(16)
    parent = {"traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01"}
    body = {"request_id": str(uuid4())}
    answer = exam.office.ask("POST", f"/uploads/{upload['id']}/complete", body=body, headers=parent)
    exam.ended(answer.json()["scan"])
    until(lambda: _is_whole(collector.of(trace_id)), "every process to tell its spans", seconds=30)
    return collector.of(trace_id)


def _is_whole(spans: list[Span]) -> bool:
    """Tell whether everybody has spoken; each process sends its spans in its own time."""
    return heard(spans) >= HEARD and all(has(spans, *part) for part in PARTS.values())


def has(spans: list[Span], service: str, kind: str, attribute: str) -> bool:
    """Tell whether a service did something of a kind."""
    done = [span for span in spans if (span.service, span.kind) == (service, kind)]
    return any(name.startswith(attribute) for span in done for name in span.attributes)


def heard(spans: list[Span]) -> set[tuple[str, str]]:
    """List who heard what."""
    consumers = (span for span in spans if span.kind == "CONSUMER")
    return {(span.service, span.name.rsplit(".", 1)[-1]) for span in consumers}


@pytest.mark.parametrize("part", PARTS)
def test_the_request_is_seen_from_http_to_the_database(trace: list[Span], part: str) -> None:
    assert has(trace, *PARTS[part])


def test_what_follows_from_it_goes_on_with_its_trace(trace: list[Span]) -> None:
    assert heard(trace) >= HEARD
