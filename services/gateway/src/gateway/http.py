"""The HTTP application: routes, problems, headers, the web app's files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from starlette.middleware.gzip import GZipMiddleware

from gateway import metrics, problems
from gateway.context import Context
from gateway.refusals import NothingHere
from gateway.routes import API, IMAGES

TITLE = "Korrigo"
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
#: Larger than any JSON body or chunk; a chunk's own size is checked exactly.
MAX_BODY = 9 * 1024**2


def describe() -> FastAPI:
    """The application without connections: enough for its OpenAPI description."""
    app = FastAPI(title=TITLE, version="1", openapi_url="/api/v1/openapi.json", docs_url=None, redoc_url=None)
    app.include_router(API)
    app.include_router(IMAGES)
    return app


def build(context: Context) -> FastAPI:
    """The application that is served."""
    app = describe()
    app.state.context = context
    problems.install(app)
    if context.settings.web_root is not None:
        _serve_web(app, context.settings.web_root.resolve())
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    app.middleware("http")(_headers)
    app.middleware("http")(metrics.measure)
    FastAPIInstrumentor.instrument_app(app, excluded_urls="/api/v1/events,/i/.*")
    return app


async def _headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.url.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _serve_web(app: FastAPI, root: Path) -> None:
    """Files of the web app; any other path is the app itself, which routes in the browser."""
    index = root / "index.html"

    @app.get("/{path:path}", include_in_schema=False)
    async def web(path: str) -> Response:
        if path.startswith(("api/", "i/")):
            raise NothingHere
        file = (root / path).resolve()
        if path and file.is_relative_to(root) and file.is_file():
            is_hashed = path.startswith("assets/")
            return FileResponse(file, headers={"Cache-Control": _caching(is_hashed=is_hashed)})
        return FileResponse(index, headers={"Cache-Control": _caching(is_hashed=False)})


def _caching(*, is_hashed: bool) -> str:
    return "public, max-age=31536000, immutable" if is_hashed else "no-cache"
