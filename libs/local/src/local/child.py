"""A server process that writes to a log file and is certainly gone after `stop` or `kill`."""

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

_POLL = 0.02


class StartError(RuntimeError):
    """The server did not start; the message ends with the last lines of its log."""


class Child:
    """One server process in a session of its own, so that Ctrl-C reaches only its parent."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Tell the id of the running process, None when there is none."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(
        self,
        command: Sequence[str],
        ready: Callable[[], bool],
        *,
        timeout: float = 30,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Start the command and return once `ready` says so; raise `StartError` otherwise."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, start_new_session=True
            )
        deadline = time.monotonic() + timeout
        while not ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise StartError(f"{self.name} did not start:\n{self._last_lines()}")
            time.sleep(_POLL)

    def stop(self, signal: int, *, timeout: float = 20) -> None:
        """Ask the process to end and wait; kill it when it takes too long."""
        if self._process is None:
            return
        self._process.send_signal(signal)
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kill the process and what it started, with SIGKILL, and wait until all are gone."""
        if self._process is None:
            return
        if self._process.poll() is None:
            kill_tree(self._process.pid)
        self._process.wait()

    def _last_lines(self, count: int = 20) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])


def kill_tree(pid: int) -> None:
    """Kill a process and its descendants with SIGKILL, the parent first so that it starts no new ones."""
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in family:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(family, timeout=10)


def runs(pid: int, argument: str) -> bool:
    """Say whether the process id still belongs to a command with this argument."""
    try:
        return argument in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
