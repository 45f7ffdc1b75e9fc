"""The NATS server from its wheel: JetStream in a directory, a user with rights for each service."""

import json
import signal
import socket
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from ctl.rights import Rights, authorization

from local.child import Child, kill_tree, runs
from local.ports import LOOPBACK, free_port


class Nats:
    """A NATS server whose streams stay in a directory between starts; without users it is open."""

    def __init__(
        self, directory: Path, *, port: int | None = None, users: Mapping[str, Rights] | None = None
    ) -> None:
        self.directory = directory.absolute()
        self.port = port or free_port()
        self._users = dict(users or {})
        self._child = Child("nats", self.directory.with_name(f"{self.directory.name}.log"))

    @property
    def pid(self) -> int | None:
        """Tell the id of the server process, None when it does not run."""
        return self._child.pid

    def url(self, user: str | None = None) -> str:
        """Give the server's address, with a user's name and password when one is named."""
        login = f"{user}:{self._users[user].password}@" if user else ""
        return f"nats://{login}{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Start the server and wait until it takes connections; end an orphan on the directory first."""
        self.prepare()
        self._child.start(self.command(), self.is_ready)

    def stop(self) -> None:
        """Shut the server down cleanly."""
        self._child.stop(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the server as a crash would."""
        self._child.kill()

    def prepare(self) -> None:
        """Write the configuration and end a server that a killed parent left on the directory."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._end_orphan()
        self._file.touch(mode=0o600)
        self._file.write_text(self.configuration())

    def command(self) -> list[str]:
        """Give the command line of the server."""
        return [str(Path(sysconfig.get_path("scripts")) / "nats-server"), "--config", str(self._file)]

    def is_ready(self) -> bool:
        """Read the greeting: the server opens its port only after JetStream has recovered."""
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=2) as connection:
                return connection.recv(4096).startswith(b"INFO ")
        except OSError:
            return False

    @property
    def _file(self) -> Path:
        return self.directory / "nats.conf"

    def configuration(self) -> str:
        """Render the configuration file; NATS reads JSON."""
        settings: dict[str, object] = {
            "server_name": "korrigo",
            "listen": f"{LOOPBACK}:{self.port}",
            "pid_file": str(self.directory / "nats.pid"),
            "jetstream": {"store_dir": str(self.directory)},
            "max_payload": 1_048_576,
        }
        if self._users:
            settings["authorization"] = authorization(self._users)
        return json.dumps(settings, indent=2)

    def _end_orphan(self) -> None:
        record = self.directory / "nats.pid"
        if record.exists() and (pid := record.read_text().strip()) and runs(int(pid), str(self._file)):
            kill_tree(int(pid))
