"""Rate, errors and duration of each route; what browsers feel; who tries to sign in."""

from __future__ import annotations

from enum import StrEnum

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Felt(StrEnum):
    """What a browser measures."""

    #: From sending acts to their answer.
    AUTOSAVE = "autosave"
    #: From turning to a page to its image.
    PAGE_TURN = "page_turn"


REQUESTS = Counter("korrigo_http_requests_total", "HTTP requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "korrigo_http_request_seconds",
    "Time to the first byte of an answer.",
    ["method", "route"],
    buckets=_SECONDS,
)
BROWSER_SECONDS = Histogram(
    "korrigo_browser_seconds", "How long people waited, as their browsers saw it.", ["what"], buckets=_SECONDS
)
SIGN_INS = Counter("korrigo_gateway_sign_ins_total", "Passwords that were tried, by outcome.", ["outcome"])
STREAMS = Gauge("korrigo_gateway_event_streams", "Browsers that follow live events.")
