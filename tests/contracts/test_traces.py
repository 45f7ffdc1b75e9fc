"""One upload is one trace: through HTTP, gRPC, the database and NATS to the last page."""

import secrets
from pathlib import Path
from uuid import uuid4

import pytest

from tests import exams
from tests.collector import Collector, Span
from tests.desk import Desk
from tests.exams import Exam
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


#: What is heard between a marker's last click and the PDF.
STAMPED = {("rasterizer", "StampCopy"), ("grading", "ResultStamped")}


def traced(trace_id: str) -> dict[str, str]:
    """Give the header with which a browser begins a trace."""
    return {"traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01"}


@pytest.fixture(scope="module")
def exam(people: People) -> Exam:
    """An exam whose every step is watched."""
    return exams.create(people, "Sous observation")


@pytest.fixture(scope="module")
def trace(exam: Exam, collector: Collector, desk_drawer: Path) -> list[Span]:
    """The spans of the request that hands a file over, and of all that follows from it."""
    shelved_scan(a4_pile(roster(1, seed=71)), desk_drawer / "traced.pdf", dpi=100)
    content = (desk_drawer / "traced.pdf").read_bytes()
    upload = exam.office.open_upload(exam.id, exam.batch("every_n_sides", 4), "traced.pdf", len(content))
    exam.office.put_chunk(upload, 0, content)
    trace_id = secrets.token_hex(16)
    body = {"request_id": str(uuid4())}
    path = f"/uploads/{upload['id']}/complete"
    answer = exam.office.ask("POST", path, body=body, headers=traced(trace_id))
    exam.ended(answer.json()["scan"])
    until(lambda: _is_whole(collector.of(trace_id)), "every process to tell its spans", seconds=30)
    return collector.of(trace_id)


@pytest.fixture(scope="module")
def finalizing(exam: Exam, trace: list[Span], collector: Collector) -> list[Span]:
    """The spans of the request that finalizes a copy, and of all that follows from it."""
    marker = exam.add_marker("curie@lycee.example")
    exam.open(exam.staged())
    exam.dispatch()
    [copy] = marker.items(f"/lots/{exam.id}/copies")
    desk = Desk(marker, exam.id, copy["id"])
    desk.mark_all([150, 250, 400, 1200])
    trace_id = secrets.token_hex(16)
    body = {"request_id": str(uuid4()), "journal_id": desk.journal, "last_sequence": desk.sequence}
    marker.ask("POST", f"{desk.path}/finalize", body=body, headers=traced(trace_id))
    exam.finalized(1)
    until(lambda: heard(collector.of(trace_id)) >= STAMPED, "every process to tell its spans", seconds=30)
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


def test_finalizing_goes_on_with_its_trace_to_the_stamped_file(finalizing: list[Span]) -> None:
    assert heard(finalizing) >= STAMPED


def test_whatever_is_heard_is_linked_to_what_told_it(trace: list[Span], finalizing: list[Span]) -> None:
    consumers = [span for span in (*trace, *finalizing) if span.kind == "CONSUMER"]

    assert consumers
    assert {span.links for span in consumers} == {1}
