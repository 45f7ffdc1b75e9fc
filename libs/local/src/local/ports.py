"""Free TCP ports of the loopback address."""

import random
import socket
from contextlib import closing

LOOPBACK = "127.0.0.1"

#: Below every system's ephemeral range, so that an outgoing connection never takes a port between two starts.
_RANGE = range(20_000, 32_000)


def is_free(port: int) -> bool:
    """Say whether a server could listen on the port now."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """Pick a port that nothing listens on, at random: parallel test runs seldom meet."""
    return next(port for port in random.sample(_RANGE, len(_RANGE)) if is_free(port))
