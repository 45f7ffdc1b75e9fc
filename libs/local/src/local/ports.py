"""TCP ports of the loopback address: free ones, and those an installation keeps."""

import random
import socket
from pathlib import Path

from local.files import read_json, write_json

LOOPBACK = "127.0.0.1"

#: Below every system's ephemeral range, so that an outgoing connection never takes a port between two starts.
_RANGE = range(20_000, 32_000)


class PortError(RuntimeError):
    """Another program listens on the port that was asked for."""


def is_free(port: int, *, is_shared: bool = True) -> bool:
    """Say whether a server could listen on the port now; unless shared, whether nobody keeps it either."""
    bound = _bound(port, is_shared=is_shared)
    if bound:
        bound.close()
    return bound is not None


def free_port() -> int:
    """Pick a port that nobody listens on or keeps, at random."""
    return next(port for port in random.sample(_RANGE, len(_RANGE)) if is_free(port, is_shared=False))


def _bound(port: int, *, is_shared: bool) -> socket.socket | None:
    """Bind a socket to the port; a shared one leaves room for a server that listens."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, is_shared)
    try:
        bound.bind((LOOPBACK, port))
    except OSError:
        bound.close()
        return None
    return bound


class Ports:
    """
    The ports of an installation, by name: chosen once, kept in a file, changed only when taken.

    Whoever chose or renewed them holds them, so that nobody else chooses them before the servers listen.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ports = read_json(path, dict[str, int]())
        self._held: dict[str, socket.socket | None] = {}

    def __getitem__(self, name: str) -> int:
        """Give the port kept under a name, choosing one the first time."""
        if name not in self._ports:
            self._keep(name, self._unused())
        return self._ports[name]

    def ask(self, name: str, port: int) -> None:
        """Keep the port that the user asked for; raise `PortError` when another program has it."""
        if not is_free(port):
            raise PortError(f"port {port} is taken by another program; choose one with --http PORT")
        self._keep(name, port)

    def renew(self) -> None:
        """Choose anew what another program took since; nothing of this installation may run."""
        for name, port in self._ports.items():
            self._keep(name, port if is_free(port) else self._unused())

    def _unused(self) -> int:
        return next(port for port in iter(free_port, None) if port not in self._ports.values())

    def _keep(self, name: str, port: int) -> None:
        self._ports[name] = port
        if held := self._held.get(name):
            held.close()
        self._held[name] = _bound(port, is_shared=True)
        write_json(self._path, self._ports)
