"""The HTTP application: routes, problems, and what surrounds them."""

from __future__ import annotations

from typing import Any

from fastapi import Depends, FastAPI
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.trace import Span
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from gateway import problems, web
from gateway.answers import Problem
from gateway.asgi import Bounded, Observed, Protected
from gateway.context import Context
from gateway.routes import ROUTERS
from gateway.routes.body import read_headers
from gateway.settings import GatewaySettings

TITLE = "Korrigo"
DESCRIPTION = """
A change carries a `request_id` of the client's choice, in its body or as the header `Idempotency-Key`; sent
again, it changes nothing more and is answered as before. A body's `version` may come as the header `If-Match`
instead, with the `ETag` of what was read. Changes need the session's value in the header `X-Korrigo-CSRF`.
Refusals are `application/problem+json` with a `reason`. Points are integers of 1/100.
"""
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}
#: Larger than any JSON body or chunk; a chunk's own size is checked exactly.
MAX_BODY = 9 * 1024**2
#: Left as they are: compressed already, or streamed and to arrive at once.
NOT_COMPRESSED = (
    *DEFAULT_EXCLUDED_CONTENT_TYPES,
    "image/*",
    "font/*",
    "text/csv",
    "application/pdf",
    "application/octet-stream",
)
#: Streams without an end, and images, of which a page has dozens.
NOT_TRACED = "/api/v1/events,/i/.*"
#: Where the token of a one-time link follows: the page that the e-mail opens, and what the page asks.
SECRET_AFTER = ("/link/", "/api/v1/links/")


def describe() -> FastAPI:
    """The application without connections: enough for its OpenAPI description."""
    app = FastAPI(
        title=TITLE,
        version="1",
        description=DESCRIPTION,
        dependencies=[Depends(read_headers)],
        responses={"default": {"model": Problem, "description": "A refusal, as application/problem+json"}},
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    for router in ROUTERS:
        app.include_router(router)
    return app


def build(context: Context) -> FastAPI:
    """The application that is served."""
    app = describe()
    app.state.context = context
    problems.install(app)
    if context.settings.web_root is not None:
        app.include_router(web.router(context.settings.web_root.resolve()))
    app.add_middleware(
        GZipMiddleware, minimum_size=1024, compresslevel=5, exclude_content_types=NOT_COMPRESSED
    )
    app.add_middleware(Bounded, most=MAX_BODY)
    app.add_middleware(Observed)
    app.add_middleware(Protected, headers=_headers(context.settings))
    FastAPIInstrumentor.instrument_app(
        app,
        excluded_urls=NOT_TRACED,
        # A span for each piece of a chunk would cost more than the chunk.
        exclude_spans=["receive", "send"],
        server_request_hook=hide_secrets,
    )
    return app


def _headers(settings: GatewaySettings) -> dict[str, str]:
    return SECURITY_HEADERS | (HTTPS_ONLY if settings.is_secure else {})


def hide_secrets(span: Span, scope: dict[str, Any]) -> None:
    """Keep the token of a one-time link out of traces."""
    path: str = scope["path"]
    if span.is_recording() and path.startswith(SECRET_AFTER):
        for name in ("http.target", "http.url", "url.path", "url.full"):
            span.set_attribute(name, path[: path.rindex("/") + 1] + "…")
