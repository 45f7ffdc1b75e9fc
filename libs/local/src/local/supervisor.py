"""Start the plan's processes, keep them running, and end them all."""

import asyncio
import json
import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from local.files import read_json, write_json
from local.home import Home
from local.logs import RotatingFile
from local.plan import Process, Stage
from local.reaper import Identity, end

EX_CONFIG = 78
_POLL = 0.05
_START_LIMIT = 120.0
_GRACE = 25.0
_BACKOFF = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_STEADY = 30.0
_TRIES = 4

Listener = Callable[[str, str], None]


class StartFailedError(RuntimeError):
    """A process did not become ready; the message ends with its last lines."""


@dataclass
class Watched:
    """One process under watch and what is known of it."""

    process: Process
    log: RotatingFile
    identity: Identity | None = None
    exit_code: int | None = None
    restarts: int = 0
    failures: int = 0
    last_lines: deque[str] = field(default_factory=partial(deque, maxlen=20))


class Supervisor:
    """
    The parent of every process.

    A process that ends is started again, later each time while it keeps failing. What runs is written
    to `run.json`, so that a successor can end what a killed supervisor left.
    """

    def __init__(self, home: Home, heard: Listener) -> None:
        self._home = home
        self._heard = heard
        self._log = RotatingFile(home.log("supervisor"))
        self._stages: list[list[Watched]] = []
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()

    async def start(self, stages: Sequence[Stage]) -> None:
        """Start stage after stage; raise `StartFailedError` when a process does not become ready."""
        starting: list[Watched] = []
        for stage in stages:
            watched = [Watched(each, RotatingFile(self._home.log(each.name))) for each in stage.processes]
            self._stages.append(watched)
            for each in watched:
                loop = self._keep if each.process.is_ready else self._run
                self._keepers[each.process.name] = asyncio.create_task(loop(each))
            starting += watched
            if not stage.is_awaited:
                continue
            await asyncio.gather(*(self._started(each) for each in starting))
            starting.clear()
            if stage.then:
                await asyncio.to_thread(stage.then)

    async def stop(self) -> None:
        """End every process, the last stage first, each with its own signal."""
        self._stopping.set()
        for stage in reversed(self._stages):
            await asyncio.gather(*(self._end(each) for each in stage))
        self._home.run.unlink(missing_ok=True)

    async def _started(self, watched: Watched) -> None:
        """Wait until the process is ready, or, for a step, until it ended well."""
        name, is_ready = watched.process.name, watched.process.is_ready
        if is_ready is None:
            await self._keepers[name]
            if watched.exit_code != 0:
                raise StartFailedError(f"{name} failed:\n{_last_lines(watched)}")
            return
        deadline = time.monotonic() + _START_LIMIT
        while not watched.identity or not await asyncio.to_thread(is_ready):
            if watched.exit_code == EX_CONFIG or watched.failures >= _TRIES or time.monotonic() > deadline:
                raise StartFailedError(f"{name} did not start:\n{_last_lines(watched)}")
            await asyncio.sleep(_POLL)
        self._say("process_ready", process=name)

    async def _keep(self, watched: Watched) -> None:
        """Run the process again and again until everything stops."""
        while not self._stopping.is_set():
            if self._home.held(watched.process.name).exists():
                await self._pause(_POLL)
                continue
            began = time.monotonic()
            await self._run(watched)
            if self._stopping.is_set():
                continue
            if self._home.held(watched.process.name).exists():
                self._say("process_held", "info", process=watched.process.name)
                continue
            watched.restarts += 1
            watched.failures = 1 if time.monotonic() - began > _STEADY else watched.failures + 1
            delay = _BACKOFF[min(watched.failures, len(_BACKOFF)) - 1]
            self._say(
                "process_ended",
                "warning",
                process=watched.process.name,
                code=watched.exit_code,
                again_in=delay,
            )
            await self._pause(delay)

    async def _run(self, watched: Watched) -> None:
        """Run the process once, to its end, and take what is left of its session with it."""
        try:
            if watched.process.prepare:
                await asyncio.to_thread(watched.process.prepare)
            child, output = await _spawn(watched.process)
        except (OSError, RuntimeError) as error:
            watched.exit_code = -1
            self._line(watched, f"{error}\n".encode())
            return
        watched.identity = Identity.of(child.pid)
        self._record()
        if self._stopping.is_set():
            watched.identity.signal(watched.process.stop_signal)
        pump = asyncio.create_task(self._pump(watched, output))
        watched.exit_code = await child.wait()
        await asyncio.to_thread(end, watched.identity)
        watched.identity = None
        await pump

    async def _pump(self, watched: Watched, output: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await output.read(65_536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._line(watched, line + b"\n")
        if rest:
            self._line(watched, rest + b"\n")

    def _line(self, watched: Watched, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        watched.log.write(line)
        watched.last_lines.append(text)
        self._heard(watched.process.name, text)

    async def _end(self, watched: Watched) -> None:
        keeper = self._keepers.get(watched.process.name)
        if watched.identity:
            watched.identity.signal(watched.process.stop_signal)
        if keeper and not (await asyncio.wait([keeper], timeout=_GRACE))[0] and watched.identity:
            await asyncio.to_thread(end, watched.identity, grace=0)
            await keeper
        watched.log.close()

    async def _pause(self, seconds: float) -> None:
        await asyncio.wait([asyncio.ensure_future(self._stopping.wait())], timeout=seconds)

    def _record(self) -> None:
        running = {
            each.process.name: _entry(each) for stage in self._stages for each in stage if each.identity
        }
        write_json(self._home.run, {"supervisor": _identity(Identity.own()), "processes": running})
        if self._home.address.exists():
            update(self._home.address, processes=running)

    def _say(self, event: str, level: str = "info", **fields: object) -> None:
        entry = {"time": datetime.now(UTC).isoformat(), "level": level, "event": event, **fields}
        line = json.dumps(entry)
        self._log.write(line.encode() + b"\n")
        self._heard("supervisor", line)


async def _spawn(process: Process) -> tuple[asyncio.subprocess.Process, asyncio.StreamReader]:
    """Start a process with a pipe of our own: asyncio's would hide its end while a descendant holds it."""
    readable, writable = os.pipe()
    output = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(output)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(readable, "rb"))
    try:
        child = await asyncio.create_subprocess_exec(
            *process.command,
            env=process.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=writable,
            stderr=writable,
            start_new_session=True,
        )
    finally:
        os.close(writable)
    return child, output


def update(path: Path, **fields: object) -> None:
    """Set fields of a JSON file."""
    write_json(path, {**read_json(path, dict[str, object]()), **fields})


def _entry(watched: Watched) -> dict[str, object]:
    assert watched.identity
    extra = {"ops_port": watched.process.ops_port, "restarts": watched.restarts}
    return {**_identity(watched.identity), **extra}


def _identity(identity: Identity) -> dict[str, object]:
    return {"pid": identity.pid, "started_at": identity.started_at}


def _last_lines(watched: Watched) -> str:
    return "\n".join(watched.last_lines) or "(it said nothing)"
