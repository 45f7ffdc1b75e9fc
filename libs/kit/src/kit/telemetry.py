"""What a process says about itself: JSON logs with ids bound once, and traces that cross processes."""

import logging
import os
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

import orjson
import structlog
from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider, sampling
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from structlog.typing import FilteringBoundLogger, Processor, WrappedLogger

from kit.settings import Settings

#: How long a collector that is away may hold up the end of a process.
EXPORT_SECONDS = 3

_Event = MutableMapping[str, Any]


def start(settings: Settings) -> None:
    """Turn on logs and traces; called once, first thing in a process."""
    _start_logs(settings)
    _start_traces(settings)


def get_logger() -> FilteringBoundLogger:
    """Give a logger; its events are named like `scan_sealed` and carry fields, not prose."""
    logger: FilteringBoundLogger = structlog.get_logger()
    return logger


def tracer() -> trace.Tracer:
    """Give the tracer for spans of our own."""
    return trace.get_tracer("kit")


@contextmanager
def bind(**ids: str) -> Iterator[None]:
    """Put *ids* on every log line of this context."""
    with structlog.contextvars.bound_contextvars(**ids):
        yield


def bound(name: str) -> str | None:
    """Tell an id that was bound in this context."""
    value: str | None = structlog.contextvars.get_contextvars().get(name)
    return value


def inject(headers: dict[str, str]) -> dict[str, str]:
    """Add the current trace to *headers* and give them back."""
    propagate.inject(headers)
    return headers


def extract(headers: Mapping[str, str]) -> Context:
    """Read the trace that *headers* carry."""
    return propagate.extract(headers)


def exemplar() -> dict[str, str] | None:
    """Give the current trace as a Prometheus exemplar, None when nobody records it."""
    span = trace.get_current_span().get_span_context()
    return {"trace_id": f"{span.trace_id:032x}"} if span.trace_flags.sampled else None


def _start_traces(settings: Settings) -> None:
    provider = TracerProvider(
        # Without a collector nobody reads spans: ids still join the logs, at a fraction of the cost.
        sampler=sampling.DEFAULT_ON if settings.otlp_endpoint else sampling.ALWAYS_OFF,
        resource=Resource.create(
            {
                "service.name": settings.service,
                "service.version": settings.version,
                "service.instance.id": _pod(),
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


def _start_logs(settings: Settings) -> None:
    """Send structlog and the standard library the same way: one JSON object a line, to stderr."""
    common = _processors(settings)
    structlog.configure(
        processors=[*common, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *common],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _render],
        )
    )
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    logging.captureWarnings(True)


def _processors(settings: Settings) -> list[Processor]:
    identity = {"service": settings.service, "version": settings.version, "pod": _pod()}

    def add_identity(_: WrappedLogger, __: str, event: _Event) -> _Event:
        event.update(identity)
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.format_exc_info,
        add_identity,
        _add_trace,
    ]


def _add_trace(_: WrappedLogger, __: str, event: _Event) -> _Event:
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        event.update(trace_id=f"{span.trace_id:032x}", span_id=f"{span.span_id:016x}")
    return event


def _render(_: WrappedLogger, __: str, event: _Event) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _pod() -> str:
    return os.environ.get("HOSTNAME", "")
