"""An S3 server (SeaweedFS) in a directory, for tests and benchmarks of what a cluster would use."""

import json
import signal
import sysconfig
import urllib.request
from pathlib import Path

from local.child import Child
from local.files import write
from local.ports import LOOPBACK, Ports

BUCKET = "korrigo"
REGION = "us-east-1"
ACCESS_KEY = "korrigo"

_OFF = ("webdav=false", "admin.ui=false", "master.telemetry=false", "s3.port.iceberg=0", "s3.port.lance=0")
_PORTS = (
    "s3.port",
    "s3.port.grpc",
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "admin.port",
)


class Store:
    """An S3 server with one bucket and one key; what is put stays between starts."""

    def __init__(self, directory: Path, *, secret_key: str) -> None:
        self.directory = directory.absolute()
        self.secret_key = secret_key
        #: Kept: the server knows its own parts by their ports.
        self._ports = Ports(self.directory / "ports.json")
        self._child = Child("store", self.directory.with_name(f"{self.directory.name}.log"))

    @property
    def endpoint(self) -> str:
        """Give the address of the S3 API."""
        return f"http://{LOOPBACK}:{self._ports['s3.port']}"

    @property
    def pid(self) -> int | None:
        """Tell the id of the server process, None when it does not run."""
        return self._child.pid

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self.prepare()
        self._child.start(self.command(), self.is_ready)

    def stop(self) -> None:
        """Shut the server down cleanly."""
        self._child.stop(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the server as a crash would."""
        self._child.kill()

    def prepare(self) -> None:
        """Write the key that the server accepts."""
        key = {"accessKey": ACCESS_KEY, "secretKey": self.secret_key}
        identity = {
            "name": ACCESS_KEY,
            "credentials": [key],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        write(self._file, json.dumps({"identities": [identity]}))

    def command(self) -> list[str]:
        """Give the command line of the server."""
        ports = [f"-{name}={self._ports[name]}" for name in _PORTS]
        where = (
            f"-dir={self.directory}",
            f"-ip={LOOPBACK}",
            f"-ip.bind={LOOPBACK}",
            f"-s3.config={self._file}",
        )
        server = Path(sysconfig.get_path("scripts")) / "weed"
        return [str(server), "mini", *where, f"-bucket={BUCKET}", *ports, *(f"-{flag}" for flag in _OFF)]

    def is_ready(self) -> bool:
        """Say whether the S3 API answers."""
        try:
            with urllib.request.urlopen(f"{self.endpoint}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    @property
    def _file(self) -> Path:
        return self.directory / "s3.json"
