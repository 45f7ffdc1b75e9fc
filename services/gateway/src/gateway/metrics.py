"""Rate, errors and duration of each route."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from prometheus_client import Counter, Histogram

REQUESTS = Counter(
    "korrigo_http_requests_total", "HTTP requests answered.", ["method", "route", "status"], unit=""
)
SECONDS = Histogram(
    "korrigo_http_request_seconds",
    "Time to the first byte of an answer.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


async def measure(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Count and time a request under its route's template, never its path."""
    began = time.perf_counter()
    status = 500
    try:
        response = await call_next(request)
        status = response.status_code
    finally:
        route = getattr(request.scope.get("route"), "path", "unknown")
        REQUESTS.labels(request.method, route, str(status)).inc()
        SECONDS.labels(request.method, route).observe(time.perf_counter() - began)
    return response
