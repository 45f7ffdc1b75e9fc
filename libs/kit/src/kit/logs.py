"""
One JSON object a line, on stderr, from our code and from libraries alike.

`docs/logging.md` lists the fields and every event. The level may change while the process runs; chatty
events may be thinned out, whole traces at a time.
"""

import logging
import os
import random
import sys
from collections.abc import Collection, MutableMapping
from typing import Any

import orjson
import structlog
from opentelemetry import trace
from structlog.typing import Processor, WrappedLogger

from kit.settings import Settings

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
#: Marks an event of everyday success, of which a share may do.
CHATTY = "chatty"

_Event = MutableMapping[str, Any]


def start(settings: Settings, *, observers: Collection[Processor] = ()) -> None:
    """Send structlog and the standard library the same way; *observers* see events before they are text."""
    common: list[Processor] = [*_processors(settings), *observers, structlog.processors.format_exc_info]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            _thinned(settings.log_share),
            *common,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        # Everything passes here: `filter_by_level` decides, so that the level can change.
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
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


def change_level(level: str) -> None:
    """Log from *level* on, until told otherwise or restarted; ValueError when there is no such level."""
    if level not in LEVELS:
        raise ValueError(f"the levels are {', '.join(LEVELS)}")
    logging.getLogger().setLevel(level)


def pod() -> str:
    """Tell the pod's name, which is its host name."""
    return os.environ.get("HOSTNAME", "")


def _processors(settings: Settings) -> list[Processor]:
    identity = {"service": settings.service, "version": settings.version, "pod": pod()}

    def add_identity(_: WrappedLogger, __: str, event: _Event) -> _Event:
        event.update(identity)
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        add_identity,
        _add_trace,
    ]


def _thinned(share: float) -> Processor:
    """Keep a share of the chatty events: all those of a trace or none, so that what is kept is whole."""

    def thin(_: WrappedLogger, __: str, event: _Event) -> _Event:
        if event.pop(CHATTY, False) and share < 1:
            if _lot() >= share:
                raise structlog.DropEvent
            event["share"] = share
        return event

    return thin


def _lot() -> float:
    span = trace.get_current_span().get_span_context()
    return (span.trace_id & 0xFFFFFFFF) / 2**32 if span.is_valid else random.random()


def _add_trace(_: WrappedLogger, __: str, event: _Event) -> _Event:
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        event.update(trace_id=f"{span.trace_id:032x}", span_id=f"{span.span_id:016x}")
    return event


def _render(_: WrappedLogger, __: str, event: _Event) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
