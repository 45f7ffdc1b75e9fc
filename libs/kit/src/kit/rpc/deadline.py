"""How much time is left: what a method asks of others ends before its own caller gives up."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: What is kept to answer the caller after the last call of our own.
MARGIN_SECONDS = 0.05

_end: ContextVar[float | None] = ContextVar("end", default=None)


@contextmanager
def ending_in(seconds: float | None) -> Iterator[None]:
    """Let calls in this context end within *seconds*; None sets no bound."""
    token = _end.set(None if seconds is None else time.monotonic() + seconds - MARGIN_SECONDS)
    try:
        yield
    finally:
        _end.reset(token)


def budget(seconds: float) -> float:
    """Shorten a deadline to what is left; 0 when nothing is."""
    end = _end.get()
    return seconds if end is None else max(0.0, min(seconds, end - time.monotonic()))
