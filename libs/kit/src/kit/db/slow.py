"""Log statements that take long: their text, which carries no values, and their time."""

import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import ExecutionContext
from sqlalchemy.ext.asyncio import AsyncEngine

from kit.telemetry import get_logger

SLOW_SECONDS = 0.5
LONGEST_TEXT = 2000

log = get_logger()


def log_slow(engine: AsyncEngine, schema: str) -> None:
    """Time every statement of an engine and log the slow ones."""

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def begin(*arguments: Any) -> None:
        context: ExecutionContext = arguments[4]
        context.korrigo_began = time.perf_counter()  # type: ignore[attr-defined]  # made for such notes

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def end(*arguments: Any) -> None:
        statement, context = arguments[2], arguments[4]
        seconds = time.perf_counter() - context.korrigo_began
        if seconds >= SLOW_SECONDS:
            text = " ".join(statement.split())[:LONGEST_TEXT]
            log.warning("statement_slow", schema=schema, seconds=round(seconds, 3), statement=text)
