"""End processes for certain: by id and start time, with everything in their session."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Identity:
    """One process for all time: ids are reused, the pair with the start time is not."""

    pid: int
    started_at: float

    @classmethod
    def of(cls, pid: int) -> "Identity":
        """Identify a running process; one that is already gone is never alive."""
        try:
            return cls(pid, psutil.Process(pid).create_time())
        except psutil.NoSuchProcess:
            return cls(pid, 0.0)

    @classmethod
    def own(cls) -> "Identity":
        """Identify this process."""
        return cls.of(os.getpid())

    def is_alive(self) -> bool:
        """Say whether this very process still runs."""
        return _is(self.pid, self.started_at)

    def signal(self, number: int) -> None:
        """Send a signal to the process unless it is gone."""
        if self.is_alive():
            os.kill(self.pid, number)


def end(*identities: Identity, grace: float = 20) -> None:
    """Ask processes to end, wait, then kill what is left of them, their descendants and their sessions."""
    leaders = [psutil.Process(each.pid) for each in identities if each.is_alive()]
    families = [process for leader in leaders for process in _descendants(leader)]
    for identity in identities:
        identity.signal(signal.SIGTERM)
    psutil.wait_procs(leaders, timeout=grace)
    rest = [*leaders, *families, *(member for identity in identities for member in session(identity))]
    for process in rest:
        _kill(process)
    psutil.wait_procs(rest, timeout=10)


def session(identity: Identity) -> list[psutil.Process]:
    """List the members of the session that a process led; its id is not reused while one lives."""
    if psutil.pid_exists(identity.pid) and not identity.is_alive():
        return []
    return [process for process in _processes() if _session_of(process.pid) == identity.pid]


def _processes() -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        if process.pid != os.getpid():
            yield process


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _is(pid: int, started_at: float) -> bool:
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - started_at) < 0.01 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.Error:
        return
