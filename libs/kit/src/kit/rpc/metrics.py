"""Rate, errors and duration of calls, on both sides."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import grpc
from prometheus_client import Histogram

from kit.errors import Refusal
from kit.telemetry import exemplar

#: Hears how a call ended and how many seconds it took.
Note = Callable[[str, float], None]

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

SERVED = Histogram(
    "korrigo_rpc_server_seconds",
    "Calls served, by outcome",
    ("service", "method", "code"),
    buckets=BUCKETS,
)
CALLED = Histogram(
    "korrigo_rpc_client_seconds",
    "Calls made to peers, retries included, by outcome",
    ("service", "method", "code"),
    buckets=BUCKETS,
)


@contextmanager
def measured(histogram: Histogram, path: str, note: Note | None = None) -> Iterator[None]:
    """Measure one call of the method at *path*; the outcome, told to *note*, is the exception that leaves."""
    service, _, method = path.removeprefix("/").partition("/")
    started, code = time.perf_counter(), "OK"
    try:
        yield
    except BaseException as error:
        code = _code(error)
        raise
    finally:
        seconds = time.perf_counter() - started
        histogram.labels(service, method, code).observe(seconds, exemplar())
        if note:
            note(code, seconds)


def _code(error: BaseException) -> str:
    match error:
        case Refusal():
            return error.code
        case grpc.aio.AioRpcError():
            return error.code().name
        case asyncio.CancelledError():
            return "CANCELLED"
        case _:
            return "INTERNAL"
