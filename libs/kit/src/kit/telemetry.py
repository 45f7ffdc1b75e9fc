"""What a process says about itself: logs with ids bound once, traces that cross processes, its version."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import structlog
from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider, sampling
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import Gauge
from structlog.typing import FilteringBoundLogger

from kit import logs, reports
from kit.settings import Settings

#: How long a collector that is away may hold up the end of a process.
EXPORT_SECONDS = 3
#: The header in which a request's id goes on from process to process.
REQUEST_ID = "x-request-id"

_BUILD = Gauge("korrigo_build_info", "1, for the version that runs.", ["service", "version"])


def start(settings: Settings) -> None:
    """Turn on logs, reports and traces; called once, first thing in a process."""
    reports.start(settings)
    logs.start(settings, observers=[reports.report])
    _start_traces(settings)
    _BUILD.labels(settings.service, settings.version).set(1)


def get_logger() -> FilteringBoundLogger:
    """Give a logger; its events are named like `scan_sealed` and carry fields, not prose."""
    logger: FilteringBoundLogger = structlog.get_logger()
    return logger


def tracer() -> trace.Tracer:
    """Give the tracer for spans of our own."""
    return trace.get_tracer("kit")


@contextmanager
def bind(**ids: str) -> Iterator[None]:
    """Put *ids* on every log line of this context; an empty one is left out."""
    with structlog.contextvars.bound_contextvars(**{name: id for name, id in ids.items() if id}):
        yield


def bound(name: str) -> str | None:
    """Tell an id that was bound in this context."""
    value: str | None = structlog.contextvars.get_contextvars().get(name)
    return value


def inject(headers: dict[str, str]) -> dict[str, str]:
    """Add the current trace and request id to *headers* and give them back."""
    propagate.inject(headers)
    if request_id := bound("request_id"):
        headers[REQUEST_ID] = request_id
    return headers


def extract(headers: Mapping[str, str]) -> Context:
    """Read the trace that *headers* carry."""
    return propagate.extract(headers)


def links(context: Context) -> list[trace.Link]:
    """Link to what told a message: many may follow from one, each in its own time."""
    teller = trace.get_current_span(context).get_span_context()
    return [trace.Link(teller)] if teller.is_valid else []


def exemplar() -> dict[str, str] | None:
    """Give the current trace as a Prometheus exemplar, None when nobody records it."""
    span = trace.get_current_span().get_span_context()
    return {"trace_id": f"{span.trace_id:032x}"} if span.trace_flags.sampled else None


def _start_traces(settings: Settings) -> None:
    # Without a collector nobody reads spans: ids still join the logs, at a fraction of the cost.
    share = settings.trace_share if settings.otlp_endpoint else 0.0
    provider = TracerProvider(
        sampler=sampling.ParentBasedTraceIdRatio(share) if share else sampling.ALWAYS_OFF,
        resource=Resource.create(
            {
                "service.name": settings.service,
                "service.version": settings.version,
                "service.instance.id": logs.pod(),
                "deployment.environment.name": settings.environment,
            }
        ),
    )
    if settings.otlp_endpoint:
        insecure = settings.otlp_endpoint.startswith("http://")
        exporter = OTLPSpanExporter(
            endpoint=settings.otlp_endpoint, insecure=insecure, timeout=EXPORT_SECONDS
        )
        provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    # 0.66b1 declares SQLAlchemy < 2.1, works with 2.1, and without the flag only logs a line
    SQLAlchemyInstrumentor().instrument(skip_dep_check=True, enable_commenter=True)
