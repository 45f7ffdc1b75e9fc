"""A running Korrigo for tests and benchmarks: real processes in a directory, broken and mended on purpose."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

import psutil

from local import installation, mail
from local.detached import start_detached
from local.home import Home
from local.status import Row, rows

_LIMIT = 60.0


class System:
    """The whole system under a supervisor of its own, from `start` to `stop`; data stays between them."""

    def __init__(
        self,
        directory: Path,
        *,
        http: int | None = None,
        demo: bool = False,
        s3: bool = False,
        durable: bool = False,
        observe: bool = False,
        environment: dict[str, dict[str, str]] | None = None,
    ) -> None:
        self.home = Home(directory.absolute())
        self._arguments = ["up", "--data", str(self.home.directory), *(("--http", str(http)) if http else ())]
        flags = {"demo": demo, "s3": s3, "durable": durable, "observe": observe}
        self._arguments += [f"--{'' if wanted else 'no-'}{flag}" for flag, wanted in flags.items()]
        for process, settings in (environment or {}).items():
            for key, value in settings.items():
                self._arguments += ["--env", f"{process}:{key}={value}"]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything and return when it is ready."""
        start_detached(self.home, self._arguments)

    def stop(self) -> None:
        """End every process; the data stays."""
        installation.stop(self.home)

    @property
    def address(self) -> dict[str, Any]:
        """Tell the content of `address.json`."""
        return installation.address(self.home)

    @property
    def url(self) -> str:
        """Give the address for browsers."""
        return str(self.address["url"])

    def processes(self) -> list[Row]:
        """Look at every process as it is now."""
        return rows(self.home)

    def pid(self, process: str) -> int:
        """Give the id of a running process."""
        found = installation.identity(self.home, process)
        if found is None:
            raise LookupError(f"no process {process} runs")
        return found.pid

    def mails(self) -> list[EmailMessage]:
        """Read every mail that was sent, oldest first."""
        return mail.read(self.home.mail)

    def command(self, service: str, *arguments: str) -> str:
        """Run a command of a service with the settings of its process; give what it prints."""
        command = [sys.executable, "-m", service, *arguments]
        environment = self.environment(service)
        return subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, text=True, timeout=60, check=True
        ).stdout

    def environment(self, process: str) -> dict[str, str]:
        """Tell the settings of a running process."""
        return psutil.Process(self.pid(process)).environ()

    def log(self, process: str) -> str:
        """Read the log of a process."""
        return self.home.log(process).read_text(errors="replace")

    def kill(self, process: str) -> None:
        """Kill a process as a crash would; it is started again by itself."""
        self._signal(process, signal.SIGKILL)

    def pause(self, process: str) -> None:
        """Stop a process and keep it stopped until `resume`."""
        held = self.home.held(process)
        held.parent.mkdir(exist_ok=True)
        held.touch()
        self._signal(process, signal.SIGINT if process == "postgres" else signal.SIGTERM)
        self._wait(lambda: installation.identity(self.home, process) is None, f"{process} to end")

    def resume(self, process: str) -> None:
        """Start a paused process and return when it runs; whoever needs it comes back by itself."""
        self.home.held(process).unlink()
        self._wait(lambda: self._is_up(process), f"{process} to run")

    def restart(self, process: str) -> None:
        """Stop a process cleanly and start it again."""
        self.pause(process)
        self.resume(process)

    def stop_nats(self) -> None:
        """Take the broker away until `start_nats`."""
        self.pause("nats")

    def start_nats(self) -> None:
        """Give the broker back."""
        self.resume("nats")

    def cpu_seconds(self) -> float:
        """Add up what all processes, their children and their ended children have used so far."""
        families = (_family(row.pid) for row in self.processes())
        return sum(_cpu_seconds(process) for family in families for process in family)

    def wait_for_restart(self, process: str, pid: int, timeout: float = _LIMIT) -> None:
        """Return when the process runs under another id than before."""
        self._wait(lambda: self._runs_anew(process, pid), f"{process} to run again", timeout)

    def wait_until_ready(self, timeout: float = _LIMIT) -> None:
        """Return when every process is ready again."""
        self._wait(self._is_ready, "everything to be ready", timeout)

    def _runs_anew(self, process: str, pid: int) -> bool:
        found = installation.identity(self.home, process)
        return found is not None and found.pid != pid

    def _is_ready(self) -> bool:
        return all(row.state in ("ready", "running") for row in self.processes())

    def _is_up(self, process: str) -> bool:
        return any(row.name == process and row.state in ("ready", "running") for row in self.processes())

    def _signal(self, process: str, number: int) -> None:
        found = installation.identity(self.home, process)
        if found:
            found.signal(number)

    def _wait(self, condition: Callable[[], bool], what: str, timeout: float = _LIMIT) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited in vain for {what}: {self.processes()}")
            time.sleep(0.05)


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _cpu_seconds(process: psutil.Process) -> float:
    try:
        used = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(used.user + used.system + used.children_user + used.children_system)
