"""An installation on this machine: the data directory of `korrigo-local up`."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import urllib3

from ctl.failure import Failure
from ctl.gate.place import Line, Seen, parts, read_line

_SECONDS = 180
_PROBE_SECONDS = 5.0


class NotRunning(Failure):
    """No system runs on the directory."""


class Local:
    """The processes of one data directory."""

    namespace = ""

    def __init__(self, directory: Path) -> None:
        self._directory = directory.absolute()
        self._http = urllib3.PoolManager(retries=False, timeout=_PROBE_SECONDS)
        if not (self._directory / "address.json").exists():
            raise NotRunning(f"nothing runs on {directory}: korrigo-local up --data {directory}")
        self._address = self._read("address.json")

    @property
    def url(self) -> str:
        """Give the address for browsers."""
        return str(self._address["url"])

    @property
    def prometheus(self) -> str:
        """Give the address of the Prometheus that runs with `--observe`."""
        return str(self._address.get("prometheus", ""))

    def login(self, role: str) -> tuple[str, str] | None:
        """Find a login of the demo."""
        logins = (each for each in self._address["logins"] if each["role"] == role)
        return next(((each["email"], each["password"]) for each in logins), None)

    def look(self) -> list[Seen]:
        """Ask every process that has probes."""
        processes = self._read("run.json")["processes"]
        return [self._seen(name, entry) for name, entry in processes.items() if entry.get("ops_port")]

    def lines(self, needle: str, seconds: float) -> Iterator[Line]:
        """Read the logs, those that were moved aside too."""
        since = (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()
        for path in sorted((self._directory / "logs").glob("*.log*")):
            for text in path.read_text(errors="replace").splitlines():
                line = read_line(path.name.partition(".log")[0], text) if needle in text else None
                if line and str(line.get("time", "")) >= since:
                    yield line

    def ask(self, arguments: Sequence[str]) -> list[dict[str, Any]]:
        """Run a command with the settings that the operators' jobs have in a cluster."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KORRIGO_")}
        done = _run("ctl", *arguments, environment={**kept, **self._address["operations"]})
        answer: list[dict[str, Any]] = orjson.loads(done.stdout)
        return answer

    def kill(self, name: str) -> str:
        """Kill a process with SIGKILL."""
        self._korrigo_local("kill", name)
        return f"{name} killed with SIGKILL"

    def sweep(self, key: str) -> list[Line]:
        """Run the command of ingest with the settings of its process."""
        said = self._korrigo_local("command", "ingest", "--", "sweep", "--delete", "--at-once", key)
        return [line for text in said.stderr.splitlines() if (line := read_line("sweep", text))]

    @contextmanager
    def without_broker(self) -> Iterator[Callable[[], list[Seen]]]:
        """Stop the broker of all."""
        self._korrigo_local("pause", "nats")
        try:
            yield self.look
        finally:
            self._korrigo_local("resume", "nats")

    def mails(self, about: str) -> list[float]:
        """Look through what the mail catcher has kept."""
        index = Path(self._address["mail_dir"]) / "index.json"
        mails = orjson.loads(index.read_bytes()) if index.exists() else []
        found = [mail["received_at"] for mail in mails if about in mail["subject"]]
        return [datetime.fromisoformat(moment).timestamp() for moment in found]

    def _seen(self, name: str, entry: dict[str, Any]) -> Seen:
        alive, ready, metrics = (
            self._probe(entry["ops_port"], path) for path in ("livez", "readyz", "metrics")
        )
        return Seen(
            name=name,
            workload=name,
            is_alive=alive[0] == 200,
            is_ready=ready[0] == 200,
            parts=parts(ready[1]),
            metrics=metrics[1],
            restarts=entry.get("restarts", 0),
        )

    def _probe(self, port: int, path: str) -> tuple[int, str]:
        try:
            answer = self._http.request("GET", f"http://127.0.0.1:{port}/{path}")
        except urllib3.exceptions.HTTPError:
            return 0, ""
        return answer.status, answer.data.decode(errors="replace")

    def _korrigo_local(self, command: str, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return _run("local", command, "--data", str(self._directory), name, *arguments)

    def _read(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads((self._directory / name).read_bytes())
        return found


def _run(
    module: str, *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a module of ours and give what it answers and what it logs."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        raise Failure(f"{module} {arguments[0]} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return done
