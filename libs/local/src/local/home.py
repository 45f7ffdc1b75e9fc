"""The data directory: where everything of one installation lies."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The paths inside a data directory."""

    directory: Path

    @property
    def postgres(self) -> Path:
        return self.directory / "postgres"

    @property
    def nats(self) -> Path:
        return self.directory / "nats"

    @property
    def store(self) -> Path:
        return self.directory / "store"

    @property
    def scratch(self) -> Path:
        """Where the rasterizer works; of no value once it has stopped."""
        return self.directory / "scratch"

    @property
    def mail(self) -> Path:
        return self.directory / "mail"

    @property
    def secrets(self) -> Path:
        return self.directory / "secrets"

    @property
    def ports(self) -> Path:
        return self.directory / "ports.json"

    @property
    def run(self) -> Path:
        """The running processes, for `status` and for whoever finds them orphaned."""
        return self.directory / "run.json"

    @property
    def address(self) -> Path:
        """Where the ready system is and how to sign in; absent while it is not ready."""
        return self.directory / "address.json"

    @property
    def lock(self) -> Path:
        return self.directory / "lock"

    @property
    def up_log(self) -> Path:
        """What a detached supervisor said while it came up."""
        return self.directory / "up.log"

    def log(self, process: str) -> Path:
        return self.directory / "logs" / f"{process}.log"

    def held(self, process: str) -> Path:
        """While this file exists, the process stays stopped."""
        return self.directory / "held" / process

    def logged(self) -> list[str]:
        """List the processes that have a log."""
        return sorted(path.stem for path in (self.directory / "logs").glob("*.log"))
