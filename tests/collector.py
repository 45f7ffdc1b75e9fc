"""Receive the spans of every process, as a collector of traces does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as messages
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service
from opentelemetry.proto.trace.v1 import trace_pb2


@dataclass(frozen=True)
class Span:
    """One span: which process did what, within which trace."""

    trace_id: str
    service: str
    name: str
    kind: str
    attributes: frozenset[str]
    links: int


@dataclass
class Collector(service.TraceServiceServicer):
    """Keeps what it receives, by trace."""

    address: str
    spans: dict[str, list[Span]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def Export(self, request: messages.ExportTraceServiceRequest, context: Any) -> Any:
        """Take a batch of spans."""
        with self._lock:
            for received in request.resource_spans:
                for span in _spans(received):
                    self.spans.setdefault(span.trace_id, []).append(span)
        return messages.ExportTraceServiceResponse()

    def of(self, trace_id: str) -> list[Span]:
        """Give the spans of one trace that have arrived."""
        with self._lock:
            return list(self.spans.get(trace_id, ()))


@contextmanager
def collecting(address: str) -> Iterator[Collector]:
    """Collect traces at an address while the block runs."""
    server = grpc.server(ThreadPoolExecutor(max_workers=2))
    collector = Collector(address)
    service.add_TraceServiceServicer_to_server(collector, server)  # type: ignore[no-untyped-call] # untyped upstream
    server.add_insecure_port(address)
    server.start()
    try:
        yield collector
    finally:
        server.stop(grace=0).wait()


def _spans(received: trace_pb2.ResourceSpans) -> Iterator[Span]:
    names = {pair.key: pair.value.string_value for pair in received.resource.attributes}
    for scope in received.scope_spans:
        for span in scope.spans:
            yield Span(
                trace_id=span.trace_id.hex(),
                service=names["service.name"],
                name=span.name,
                kind=trace_pb2.Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
                attributes=frozenset(pair.key for pair in span.attributes),
                links=len(span.links),
            )
