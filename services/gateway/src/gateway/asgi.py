"""What surrounds every request: its id, its line in the log, its metrics, its size, its security headers."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from kit import telemetry
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway import metrics, problems

REQUEST_ID = "X-Request-Id"
#: What is taken over from a proxy; anything else could forge log lines.
ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")

log = telemetry.get_logger()


@dataclass(slots=True)
class _Answer:
    """How far the answer to a request has come."""

    began: float = field(default_factory=time.perf_counter)
    status: int = 0
    first_byte: float = 0.0


class Observed:
    """Gives each request an id, one log line and its metrics, and turns a bug into a problem, logged once."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        answer = _Answer()

        async def observe(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.first_byte = time.perf_counter() - answer.began
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        with telemetry.bind(request_id=request_id):
            try:
                await self._run(scope, receive, observe, answer)
            finally:
                _note(scope, answer)

    async def _run(self, scope: Scope, receive: Receive, send: Send, answer: _Answer) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception:
            log.exception("request_failed", method=scope["method"], route=route(scope))
            if answer.status:
                raise  # half an answer is out: the connection has to break
            await problems.failure()(scope, receive, send)


class Bounded:
    """Refuses a body that is longer than any request needs, whatever its length is said to be."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        left = self._most

        async def count() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413)
            return message

        if scope["type"] == "http" and _declared(scope) > self._most:
            await problems.too_large()(scope, receive, send)
        else:
            await self._app(scope, count, send)


class Protected:
    """Sets headers that every answer carries, unless it has its own."""

    def __init__(self, app: ASGIApp, *, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def protect(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, protect if scope["type"] == "http" else send)


def route(scope: Scope) -> str:
    """The template of a request's route, never its path: paths carry ids and secrets."""
    return getattr(scope.get("route"), "path", "unknown")


def _declared(scope: Scope) -> int:
    length = Headers(scope=scope).get("Content-Length", "")
    return int(length) if length.isdecimal() else 0


def _request_id(scope: Scope) -> str:
    told = Headers(scope=scope).get(REQUEST_ID, "")
    return told if ACCEPTABLE.fullmatch(told) else uuid4().hex


def _note(scope: Scope, answer: _Answer) -> None:
    method, path = scope["method"], route(scope)
    seconds = time.perf_counter() - answer.began
    metrics.REQUESTS.labels(method, path, str(answer.status)).inc()
    metrics.SECONDS.labels(method, path).observe(answer.first_byte or seconds, telemetry.exemplar())
    is_fine, seconds = answer.status < 400, round(seconds, 4)
    log.info("http_request", method=method, route=path, status=answer.status, seconds=seconds, chatty=is_fine)
