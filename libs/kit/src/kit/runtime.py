"""One shape for everything that runs: an async function that returns once told to stop."""

import asyncio
import atexit
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import uvloop
from prometheus_client import REGISTRY, Gauge
from prometheus_client.exposition import choose_encoder

from kit import logs
from kit.errors import Unavailable
from kit.settings import Settings
from kit.telemetry import get_logger

Loop = Callable[[asyncio.Event], Awaitable[None]]
Check = Callable[[], Awaitable[None]]
#: Takes the headers, by lower-case name, and the body of a POST, and gives the status of the answer.
Hook = Callable[[Mapping[str, str], bytes], Awaitable[int]]

REQUEST_SECONDS = 5
#: The longest body that a hook takes.
HOOK_BYTES = 1024**2
#: How long a part that is not needed may take to answer: a probe must not be late because of it.
UNNEEDED_SECONDS = 0.5

_UP = Gauge("korrigo_dependency_up", "1 while a part that this process uses answers.", ["part"])

NO_HOOKS: Mapping[str, Hook] = MappingProxyType({})

log = get_logger()


def main(program: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run *program* on uvloop; a failure is logged once and ends the process with 1."""
    status: Any = 1
    atexit.register(lambda: _leave(status))  # the first to be registered is the last to be called
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(program())
            status = 0
        except SystemExit as end:
            status = end.code
            raise
        except Exception:
            log.exception("process_failed")
            sys.exit(1)


def _leave(status: Any) -> None:
    """
    End the process without taking the interpreter down.

    Threads of the file store's native code may still report to it then, and that aborts the process:
    https://github.com/PyO3/pyo3-async-runtimes/issues/40
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else bool(status))


async def run(*loops: Loop) -> None:
    """Run *loops* until SIGTERM or SIGINT, then let each finish what it holds.

    If one fails, the others are cancelled and the failure goes up: Kubernetes restarts pods, not coroutines.
    A second signal stops the waiting.
    """
    stopping = asyncio.Event()
    task = asyncio.current_task()
    for number in signal.SIGTERM, signal.SIGINT:
        asyncio.get_running_loop().add_signal_handler(number, _on_signal, stopping, task)
    async with asyncio.TaskGroup() as group:
        for loop in loops:
            group.create_task(_last(loop, stopping))
    log.info("process_stopped")


def _on_signal(stopping: asyncio.Event, task: asyncio.Task[None] | None) -> None:
    if not stopping.is_set():
        log.info("process_stopping")
        stopping.set()
    elif task:
        task.cancel()


async def _last(loop: Loop, stopping: asyncio.Event) -> None:
    """Run one loop; one that ends before it was told to has failed."""
    await loop(stopping)
    if not stopping.is_set():
        raise RuntimeError(f"{getattr(loop, '__qualname__', loop)} ended by itself")


class Health:
    """What this process needs in order to do what it is for."""

    #: Whether the loop turns; whoever gets an answer has the proof.
    alive = True

    def __init__(self, *, patience: timedelta = timedelta(seconds=2)) -> None:
        """Start with nothing needed; a check that takes longer than *patience* has failed."""
        self._patience = patience.total_seconds()
        self._checks: dict[str, Check] = {}
        self._needed: set[str] = set()

    def add(self, name: str, check: Check, *, needed: bool = True) -> None:
        """Watch a part; *check* raises when it is not well. Without *needed* it is only reported."""
        self._checks[name] = check
        if needed:
            self._needed.add(name)

    async def ready(self) -> dict[str, str]:
        """Tell for each needed part why it is not well, "" when it is."""
        return await self._report(self._needed)

    async def report(self) -> dict[str, str]:
        """Tell the same of every part, needed or not."""
        return await self._report(self._checks.keys())

    def is_ready(self, report: dict[str, str]) -> bool:
        """Judge a report by the needed parts alone."""
        return not any(reason for name, reason in report.items() if name in self._needed)

    async def _report(self, names: Collection[str]) -> dict[str, str]:
        chosen = [name for name in self._checks if name in names]
        reasons = await asyncio.gather(*map(self._reason, chosen))
        for name, reason in zip(chosen, reasons, strict=True):
            _UP.labels(name).set(not reason)
        return dict(zip(chosen, reasons, strict=True))

    async def _reason(self, name: str) -> str:
        patience = self._patience if name in self._needed else min(self._patience, UNNEEDED_SECONDS)
        try:
            async with asyncio.timeout(patience):
                await self._checks[name]()
        except TimeoutError:
            return f"no answer within {patience:g} s"
        except Exception as error:
            return str(error) or type(error).__name__
        return ""


def ops(settings: Settings, health: Health, hooks: Mapping[str, Hook] = NO_HOOKS) -> Loop:
    """
    Answer /livez, /readyz and /metrics on `settings.ops_port`, and say with what the process runs.

    `POST /loglevel?level=DEBUG` changes what is logged, for whoever is on this machine or in this pod.
    *hooks* take what is posted to their paths.
    """

    async def loop(stopping: asyncio.Event) -> None:
        serve = partial(_serve, health, hooks)
        server = await asyncio.start_server(serve, settings.host, settings.ops_port)
        async with server:
            port = server.sockets[0].getsockname()[1]
            # Once in the life of a process, what it runs with; secrets show as stars.
            log.info("ops_listening", port=port, settings=settings.model_dump(mode="json"))
            await stopping.wait()

    return loop


async def _serve(
    health: Health,
    hooks: Mapping[str, Hook],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """Answer one request and close; probes and scrapes need no more of HTTP."""
    try:
        async with asyncio.timeout(REQUEST_SECONDS):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            is_local = ip_address(writer.get_extra_info("peername")[0]).is_loopback
            if hook := hooks.get(_posted_to(head)):
                writer.write(await _hand_over(hook, head, reader))
            else:
                writer.write(await _answer(health, head, is_local=is_local))
            await writer.drain()
    except (TimeoutError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass  # whoever asked does not wait for the answer
    finally:
        writer.close()


async def _answer(health: Health, head: str, *, is_local: bool) -> bytes:
    request, *lines = head.split("\r\n")
    match request.split(" ")[:2]:
        case ["GET" | "HEAD", "/livez"]:
            return _response("200 OK", "application/json", b"{}")
        case ["GET" | "HEAD", "/readyz"]:
            report = await health.report()
            state = "200 OK" if health.is_ready(report) else "503 Service Unavailable"
            return _response(state, "application/json", orjson.dumps(report))
        case ["GET" | "HEAD", "/metrics"]:
            await health.report()
            encode, content_type = choose_encoder(_header(lines, "accept"))
            return _response("200 OK", content_type, encode(REGISTRY))
        case ["POST", address] if is_local and urlsplit(address).path == "/loglevel":
            return _change_level(urlsplit(address).query)
        case _:
            return _response("404 Not Found", "text/plain", b"/livez /readyz /metrics\n")


def _posted_to(head: str) -> str:
    method, _, rest = head.partition(" ")
    return rest.partition(" ")[0] if method == "POST" else ""


async def _hand_over(hook: Hook, head: str, reader: asyncio.StreamReader) -> bytes:
    """Give a hook the whole body; what is too long, or of unknown length, is refused unread."""
    fields = (line.partition(":") for line in head.split("\r\n")[1:])
    headers = {name.strip().lower(): value.strip() for name, _, value in fields}
    length = headers.get("content-length", "")
    if not length.isdecimal() or int(length) > HOOK_BYTES:
        return _response("413 Content Too Large", "text/plain", b"")
    body = await reader.readexactly(int(length))
    try:
        status = HTTPStatus(await hook(headers, body))
    except Unavailable:
        status = HTTPStatus.SERVICE_UNAVAILABLE  # whoever posted tries again
    return _response(f"{status} {status.phrase}", "application/json", b"{}")


def _change_level(query: str) -> bytes:
    level = "".join(parse_qs(query).get("level", []))
    try:
        logs.change_level(level)
    except ValueError as error:
        return _response("422 Unprocessable Content", "text/plain", f"{error}\n".encode())
    log.warning("log_level_changed", to=level)
    return _response("200 OK", "application/json", b"{}")


def _header(lines: list[str], name: str) -> str:
    fields = (line.partition(":") for line in lines)
    return ", ".join(value.strip() for key, _, value in fields if key.strip().lower() == name)


def _response(state: str, content_type: str, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {state}\r\ncontent-type: {content_type}\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body
