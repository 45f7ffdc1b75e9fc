"""One data directory from `up` to `down`: a lock, what a killed supervisor left, the addresses."""

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from local.files import read_json
from local.home import Home
from local.reaper import Identity, end

_STOP_LIMIT = 90.0


class AlreadyRunningError(RuntimeError):
    """Korrigo already runs on this data directory."""


@contextmanager
def locked(home: Home) -> Iterator[None]:
    """Own the data directory; raise `AlreadyRunningError` while another supervisor does."""
    home.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(home.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise AlreadyRunningError(f"Korrigo already runs on {home.directory}") from None
    finally:
        os.close(handle)


def reap(home: Home, *, grace: float = 20) -> None:
    """End every process that `run.json` names and that still runs."""
    left = [_identity(entry) for entry in running(home).values()]
    end(*left, grace=grace)
    home.run.unlink(missing_ok=True)
    home.address.unlink(missing_ok=True)


def running(home: Home) -> dict[str, dict[str, Any]]:
    """Tell what was last written about the processes, by name."""
    processes: dict[str, dict[str, Any]] = read_json(home.run, dict[str, Any]()).get("processes", {})
    return processes


def address(home: Home) -> dict[str, Any]:
    """Tell where the ready system is; empty while it is not."""
    return read_json(home.address, dict[str, Any]())


def supervisor(home: Home) -> Identity | None:
    """Find the running supervisor."""
    entry = read_json(home.run, dict[str, Any]()).get("supervisor")
    identity = _identity(entry) if entry else None
    return identity if identity and identity.is_alive() else None


def identity(home: Home, process: str) -> Identity | None:
    """Find a running process by its name."""
    entry = running(home).get(process)
    found = _identity(entry) if entry else None
    return found if found and found.is_alive() else None


def stop(home: Home) -> None:
    """Have the supervisor end everything; end it all here when there is none or it takes too long."""
    leader = supervisor(home)
    if leader:
        leader.signal(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_LIMIT
        while leader.is_alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        end(leader, grace=0)
    reap(home)


def _identity(entry: dict[str, Any]) -> Identity:
    return Identity(entry["pid"], entry["started_at"])
