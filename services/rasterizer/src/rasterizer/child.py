"""Run one job on untrusted files in a forked child that cannot do harm.

Fork only from a process that has the PDF libraries loaded and one thread. The child keeps no descriptor but
its pipe, and has limits on memory, processor time, file size and open files; it is killed when it has told
nothing for too long. What it told before stays true.
"""

import ctypes
import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, NoReturn

from rasterizer.refusals import KillReason, RefusalReason, Refused, SliceFailed, SliceKilled

Line = dict[str, Any]
Job = Callable[[Line], Iterator[Line]]

MAX_LINE = 1 << 20
_PIPE = 3
_OUT_OF_MEMORY = 77
_READ = 1 << 16
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of malloc.h
_LARGE_BLOCK = 32 << 20


@dataclass(frozen=True)
class Limits:
    """Bound what one child may use."""

    memory_bytes: int = 1 << 30
    cpu_seconds: int = 60
    file_bytes: int = 4 << 30
    open_files: int = 64
    #: Of processor time, between two lines: each job tells a line per side, face or page.
    line_cpu_seconds: int = 8
    #: Of wall time: on a busy machine an honest page may have to wait for its share of the processor.
    line_seconds: float = 20.0

    @property
    def tightened(self) -> "Limits":
        """Give a file that has already cost one slice half as long for its next bomb."""
        seconds = max(1, self.line_cpu_seconds // 2)
        return replace(self, line_cpu_seconds=seconds, line_seconds=self.line_seconds / 2)


class Child:
    """Follow one forked child."""

    def __init__(self, job: Job, args: Line, limits: Limits) -> None:
        self._pipe, writing = os.pipe()
        self._limits = limits
        self._received = b""
        self._end: Line | None = None
        self._killed: KillReason | None = None
        self.is_open = True
        self._pid = os.fork()
        if self._pid == 0:
            _live(job, args, limits, writing)
        os.close(writing)
        self._heard = time.monotonic()

    def fileno(self) -> int:
        """Give the descriptor to wait on."""
        return self._pipe

    def seconds_left(self) -> float:
        """Say how long the child may still be silent."""
        return max(0.0, self._heard + self._limits.line_seconds - time.monotonic())

    def receive(self) -> list[Line]:
        """Read the lines that have come; at the end of the pipe `is_open` becomes false."""
        data = os.read(self._pipe, _READ)
        self.is_open = bool(data)
        *complete, self._received = (self._received + data).split(b"\n")
        if len(self._received) > MAX_LINE:
            self.kill(KillReason.SIGNAL)
        lines = [json.loads(line) for line in complete]
        if lines:
            self._heard = time.monotonic()
        self._end = next((line["end"] for line in lines if "end" in line), self._end)
        return [line for line in lines if "end" not in line]

    def kill(self, reason: KillReason = KillReason.WALL) -> None:
        """End the child now; its pipe then comes to its end."""
        self._killed = reason
        os.kill(self._pid, signal.SIGKILL)

    def close(self) -> None:
        """Reap the child and say how it ended, by an exception unless all went well."""
        os.close(self._pipe)
        status = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        end = self._end if status == 0 and not self._killed else {"killed": self._killed or _reason(status)}
        raise_end(end or {"error": f"the job ended without a word, with status {status}"})


def follow(child: Child, *, hangup: int | None = None) -> Iterator[Line]:
    """Tell the lines of a child to its end; kill it when it is silent, or when `hangup` becomes readable."""
    poll = select.poll()
    for descriptor in (child.fileno(), *([] if hangup is None else [hangup])):
        poll.register(descriptor, select.POLLIN | select.POLLHUP)
    try:
        while child.is_open:
            ready = [descriptor for descriptor, _ in poll.poll(child.seconds_left() * 1000)]
            if not ready or hangup in ready:
                break
            yield from child.receive()
    finally:
        if child.is_open:
            child.kill(KillReason.WALL)
        child.close()


def raise_end(end: Line) -> None:
    """Turn the last line of a job into the exception that it stands for."""
    match end:
        case {"refused": reason}:
            raise Refused(RefusalReason(reason))
        case {"killed": reason}:
            raise SliceKilled(KillReason(reason))
        case {"error": message}:
            raise SliceFailed(message)


def _reason(status: int) -> KillReason:
    match -status:
        case signal.SIGXCPU:
            return KillReason.CPU
        case signal.SIGKILL:  # nobody here sent it: the kernel ran out of memory
            return KillReason.MEMORY
        case _:
            return KillReason.MEMORY if status == _OUT_OF_MEMORY else KillReason.SIGNAL


def _live(job: Job, args: Line, limits: Limits, writing: int) -> NoReturn:
    """Be the child: run the job and never return."""
    status = _OUT_OF_MEMORY
    try:
        os.dup2(writing, _PIPE)
        os.closerange(_PIPE + 1, os.sysconf("SC_OPEN_MAX"))
        _limit(limits)
        _keep_freed_memory()
        for line in job(args):
            _tell(line)
            _limit_next_line(limits)
        _tell({"end": {"done": True}})
        status = 0
    except MemoryError:
        pass
    except Refused as refusal:
        _tell({"end": {"refused": refusal.reason}})
        status = 0
    except BaseException as error:  # the edge of the process: everything becomes a line
        _tell({"end": {"error": f"{type(error).__name__}: {error}"}})
        status = 0
    finally:
        os._exit(status)


def _limit(limits: Limits) -> None:
    for kind, soft, hard in (
        (resource.RLIMIT_AS, limits.memory_bytes, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1),
        (resource.RLIMIT_FSIZE, limits.file_bytes, limits.file_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files, limits.open_files),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(kind, (soft, hard))
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    _limit_next_line(limits)


def _limit_next_line(limits: Limits) -> None:
    """Let the kernel end the job if the next line takes too long; it knows whole seconds only."""
    soonest = ceil(time.process_time()) + limits.line_cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (min(soonest, limits.cpu_seconds), limits.cpu_seconds + 1))


def _keep_freed_memory() -> None:
    """Let glibc reuse the buffer of one page for the next: fresh ones cost a page fault per 4 kB."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
        mallopt(_M_TRIM_THRESHOLD, 2 * _LARGE_BLOCK)


def _tell(line: Line) -> None:
    data = json.dumps(line, ensure_ascii=False, default=os.fspath).encode() + b"\n"
    while data:
        data = data[os.write(_PIPE, data) :]
