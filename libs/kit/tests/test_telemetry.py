"""What a process says: one JSON object a line, with ids; spans that reach a collector and the database."""

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotli  # type: ignore[import-untyped]  # no types are published
import grpc
from kit import telemetry
from local.postgres import Postgres
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as pb
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as pb_grpc

from libs.kit.tests.processes import program, rest


async def spoken(**environment: str) -> list[dict[str, Any]]:
    async with program("speaks", **environment) as process:
        code, out, err = await rest(process)
    assert (code, out) == (0, "")
    return [json.loads(line) for line in err.splitlines()]


@contextmanager
def reports() -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Take reports as Sentry does: envelopes of one JSON object a line."""
    received: list[dict[str, Any]] = []

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            lines = map(json.loads, brotli.decompress(body).splitlines())
            received.extend(line for line in lines if "exception" in line)
            self.send_response(200)
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, received
    server.shutdown()
    server.server_close()


async def test_a_line_carries_every_id_that_is_bound() -> None:
    bound, outside, *_ = await spoken(HOSTNAME="speaks-7d9f")

    assert bound["time"].endswith("Z")
    assert bound | {"time": "", "trace_id": "", "span_id": ""} == {
        "time": "",
        "level": "info",
        "event": "scan_sealed",
        "service": "speaks",
        "version": bound["version"],
        "pod": "speaks-7d9f",
        "trace_id": "",
        "span_id": "",
        "request_id": "r-1",
        "event_id": "e-1",
        "pages": 3,
    }
    assert (len(bound["trace_id"]), len(bound["span_id"])) == (32, 16)
    assert not {"trace_id", "request_id"} & outside.keys()


async def test_libraries_and_failures_speak_the_same_way() -> None:
    *_, library, failure = await spoken()

    assert (library["event"], library["level"], library["logger"]) == ("this is odd", "warning", "library")
    assert (failure["event"], failure["level"]) == ("scan_failed", "error")
    assert failure["exception"].endswith("ValueError: bad page")


async def test_only_what_the_level_asks_for_is_said() -> None:
    assert "below the level" not in {line["event"] for line in await spoken()}
    assert "below the level" in {line["event"] for line in await spoken(KORRIGO_LOG_LEVEL="DEBUG")}


async def test_spans_reach_the_collector_before_the_process_ends() -> None:
    received: list[tuple[str, str]] = []

    class Collector(pb_grpc.TraceServiceServicer):
        def Export(self, request: Any, context: Any) -> Any:
            for spans in request.resource_spans:
                service = {field.key: field.value.string_value for field in spans.resource.attributes}
                received.extend(
                    (service["service.name"], span.name)
                    for scope in spans.scope_spans
                    for span in scope.spans
                )
            return pb.ExportTraceServiceResponse()

    server = grpc.server(futures.ThreadPoolExecutor(1))
    add: Any = pb_grpc.add_TraceServiceServicer_to_server  # untyped upstream
    add(Collector(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    await spoken(KORRIGO_OTLP_ENDPOINT=f"http://127.0.0.1:{port}")
    server.stop(None)

    assert received == [("speaks", "work")]


async def test_a_collector_that_is_away_does_not_hold_the_process_up() -> None:
    async with asyncio.timeout(60):
        await spoken(KORRIGO_OTLP_ENDPOINT="http://127.0.0.1:9")


def test_a_trace_travels_in_headers() -> None:
    traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    context = telemetry.extract({"traceparent": traceparent})

    with trace.use_span(trace.get_current_span(context)):
        assert telemetry.inject({})["traceparent"] == traceparent
        assert telemetry.exemplar() == {"trace_id": "0af7651916cd43dd8448eb211c80319c"}
    assert telemetry.inject({}) == {}


async def test_the_database_knows_which_trace_a_statement_serves(postgres: Postgres) -> None:
    away = "http://127.0.0.1:9"  # spans are recorded once there is a collector, whether it answers or not
    async with program("queries", postgres.dsn("postgres"), KORRIGO_OTLP_ENDPOINT=away) as process:
        code, out, _ = await rest(process)
    assert code == 0

    ours, statement = out.splitlines()
    _, trace_id, our_span, _ = ours.split("-")
    found = re.search(f"traceparent='00-{trace_id}-([0-9a-f]{{16}})-0[13]'", statement)
    assert found, statement
    assert found[1] != our_span


async def test_everyday_successes_are_thinned_out_and_failures_are_not() -> None:
    events = {line["event"] for line in await spoken(KORRIGO_LOG_SHARE="0")}

    assert "page_served" not in events
    assert "scan_failed" in events


async def test_a_failure_is_reported_without_anything_personal() -> None:
    with reports() as (port, received):
        await spoken(KORRIGO_SENTRY_DSN=f"http://key@127.0.0.1:{port}/1")

    [report] = received
    [failure] = report["exception"]["values"]
    assert (failure["type"], failure["value"]) == ("ValueError", "bad page")
    assert report["release"].startswith("korrigo-speaks@")
    assert report["tags"]["event"] == "scan_failed"
    assert not {"user", "request"} & report.keys()
    assert report["breadcrumbs"]["values"] == []
    assert not any(frame.get("vars") for frame in failure["stacktrace"]["frames"])
