"""What runs now, asked of the processes themselves."""

from dataclasses import dataclass

import psutil

from local import installation
from local.home import Home
from local.plan import answer
from local.ports import LOOPBACK


@dataclass(frozen=True)
class Row:
    """One process as it is now."""

    name: str
    pid: int
    state: str
    ops_port: int | None
    restarts: int
    memory_mib: int


def rows(home: Home) -> list[Row]:
    """Look at every process that should run."""
    return [_row(home, name, entry) for name, entry in installation.running(home).items()]


def _row(home: Home, name: str, entry: dict[str, int]) -> Row:
    identity = installation.identity(home, name)
    port = entry.get("ops_port")
    memory = psutil.Process(identity.pid).memory_info().rss // 1024**2 if identity else 0
    return Row(name, entry["pid"], _state(identity is not None, port), port, entry.get("restarts", 0), memory)


def _state(is_alive: bool, port: int | None) -> str:
    if not is_alive:
        return "stopped"
    if port is None:
        return "running"
    return "ready" if answer(f"http://{LOOPBACK}:{port}/readyz") else "not ready"
