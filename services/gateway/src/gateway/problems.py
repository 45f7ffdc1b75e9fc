"""Refusals and failures as application/problem+json."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from kit.errors import Refusal
from opentelemetry import trace
from starlette.exceptions import HTTPException

from gateway.answers import Problem
from gateway.shape import HIDDEN

STATUS: Mapping[str, int] = {
    "INVALID_ARGUMENT": 422,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "FAILED_PRECONDITION": 409,
    "ABORTED": 412,
    "RESOURCE_EXHAUSTED": 429,
    "UNAVAILABLE": 503,
}


def install(app: FastAPI) -> None:
    """Answer every refusal of *app* as a problem."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def problem(status: int, reason: str, detail: str, metadata: Mapping[str, Any] | None = None) -> Response:
    """One problem, with the trace id that finds it in the logs."""
    known = {name: value for name, value in (metadata or {}).items() if name not in HIDDEN}
    body = Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        reason=reason,
        detail=detail,
        metadata=known,
        trace_id=_trace_id(),
    )
    headers = {"Retry-After": str(known.get("retry_after", 5))} if status in (429, 503) else {}
    return Response(body.model_dump_json(), status, headers, media_type="application/problem+json")


def failure() -> Response:
    """The problem that a bug becomes; what happened is in the log only."""
    return problem(500, "INTERNAL", "Something went wrong on our side. Nothing of this request was kept.")


def too_large() -> Response:
    """The problem of a body that no endpoint takes."""
    return problem(413, HTTPStatus(413).name, HTTPStatus(413).description)


def _trace_id() -> str:
    span = trace.get_current_span().get_span_context()
    return f"{span.trace_id:032x}" if span.is_valid else ""


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return problem(STATUS[error.code], error.reason, str(error), error.metadata)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    places = {".".join(str(part) for part in one["loc"]): one["msg"] for one in error.errors()}
    return problem(422, "BODY_INVALID", "Something in the request is not as expected.", places)


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    reason = HTTPStatus(error.status_code).name
    return problem(error.status_code, reason, str(error.detail))
