"""Rate, errors and duration of each route."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

REQUESTS = Counter("korrigo_http_requests_total", "HTTP requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "korrigo_http_request_seconds",
    "Time to the first byte of an answer.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
