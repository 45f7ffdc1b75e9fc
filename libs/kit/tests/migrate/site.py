"""A shop in a database of its own: three releases of its schema, commands on them, and code that runs."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from kit import migrate
from kit.db import Database
from kit.migrate import Migration, MigrationSettings, Patience, Release, catalog
from sqlalchemy import create_engine, make_url, text

REVISIONS = Path(__file__).parent / "shop"
PROGRAM = Path(__file__).parents[1] / "programs" / "migrate.py"
#: The heads of three releases: each is fine for code of the one before, except that `C` renames a column.
A, B, C = "b2", "g7", "h8"
HASTY = Patience(wait=5, tries=3, pause=0.1)

_numbers = count(1)


def revision(name: str, previous: str, *statements: str, declares: str = "reverse_is_nothing = True") -> str:
    """Write a revision that runs statements."""
    body = "\n".join(f"    op.execute({statement!r})" for statement in statements) or "    pass"
    return (
        f'"""Revision {name}."""\nfrom alembic import op\nrevision, down_revision = "{name}", "{previous}"\n'
        f"{declares}\ndef upgrade():\n{body}\ndef downgrade(): pass\n"
    )


@dataclass
class Site:
    """The database and the folder of the releases."""

    dsn: str
    folder: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def release(self, upto: str, models: Any = None, **more: str) -> Release:
        """Package the revisions up to one, and more of them by their sources."""
        package = f"shop_{next(_numbers)}"
        versions = self.folder / package / "versions"
        versions.mkdir(parents=True)
        (self.folder / package / "__init__.py").touch()
        for path in sorted(REVISIONS.glob("*.py")):
            if path.name <= f"{upto}_~":
                shutil.copy(path, versions)
        for name, source in more.items():
            (versions / f"{name}.py").write_text(source)
        return Release("shop", package, models)

    def run(self, release: Release, action: str = "up", patience: Patience = HASTY, **settings: str) -> str:
        """Migrate in this process and give the reason; a refusal or failure flies."""
        told = MigrationSettings.model_validate(settings)
        return str(getattr(Migration(release, self.dsn, told, patience), action)())

    def start(self, release: Release, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Migrate in a process of its own."""
        told = {"KORRIGO_DSN": self.dsn, "KORRIGO_NATS_URL": "nats://127.0.0.1:9", **environment}
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), "shop", release.package, *arguments],
            env={**os.environ, "PYTHONPATH": str(self.folder), **told},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.started.append(process)
        return process

    def connect(self, name: str = "test") -> psycopg.Connection[Any]:
        """Connect to the shop's tables."""
        options = "-c search_path=shop"
        return psycopg.connect(self.dsn, application_name=name, options=options, autocommit=True)

    def sql(self, query: str) -> list[Any]:
        """Run one statement and give its rows."""
        with self.connect() as connection:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def one(self, query: str) -> Any:
        """Give the one value of a query."""
        return self.sql(query)[0][0]

    @property
    def revision(self) -> str:
        """Tell the revision that the schema is at."""
        return str(self.one("SELECT version_num FROM alembic_version"))

    @property
    def recorded(self) -> str:
        """List the recorded revisions."""
        return str(self.one("SELECT string_agg(revision, ' ' ORDER BY position) FROM schema_release"))

    def described(self) -> set[str]:
        """Describe the schema as the database does."""
        with create_engine(make_url(self.dsn).set(drivername="postgresql+psycopg")).connect() as connection:
            connection.execute(text("SET search_path = shop"))
            return catalog.describe(connection, "shop")

    def fill(self, rows: int) -> None:
        """Keep so many items."""
        self.sql(f"INSERT INTO items (name) SELECT 'n' || i FROM generate_series(1, {rows}) i")

    def is_running(self, pattern: str) -> bool:
        """Tell whether a migration is at a statement like this."""
        return bool(
            self.one(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'migrate %' "
                f"AND datname = current_database() AND state = 'active' AND query LIKE '{pattern}'"
            )
        )

    def is_locked(self) -> bool:
        """Tell whether a migration holds its lock."""
        return bool(
            self.one(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        )

    async def is_ready(self, release: Release) -> str:
        """Tell why code of a release may not run, "" when it may."""
        database = Database(self.dsn, schema="shop")
        try:
            await migrate.check(database, release)
        except migrate.WrongSchema as refusal:
            return str(refusal)
        finally:
            await database.close()
        return ""


@dataclass
class Pod:
    """Code of the first release, at work."""

    served: int = 0
    errors: list[str] = field(default_factory=list)

    async def work(self, database: Database, release: Release) -> None:
        """Write, read and be probed for ever."""
        while True:
            try:
                async with database.transaction() as session:
                    await session.execute(text("INSERT INTO items (name, price) VALUES ('pod', 1.5)"))
                    await session.execute(text("SELECT id, name, price, state FROM items LIMIT 3"))
                await migrate.check(database, release)
                self.served += 1
            except Exception as error:
                self.errors.append(repr(error))
            await asyncio.sleep(0.005)

    async def serves_on(self) -> None:
        """Wait for a few more requests."""
        before = self.served
        await until(lambda: self.served > before + 5)


@asynccontextmanager
async def running(site: Site, release: Release) -> AsyncIterator[Pod]:
    """Run code of a release beside what happens to its schema."""
    pod = Pod()
    database = Database(site.dsn, schema="shop", application_name=release.application_name)
    task = asyncio.create_task(pod.work(database, release))
    try:
        await pod.serves_on()
        yield pod
    finally:
        task.cancel()
        await asyncio.wait([task])
        await database.close()


async def until(condition: Callable[[], object], within: float = 30) -> None:
    """Poll until something holds."""
    async with asyncio.timeout(within):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110 -- the state is in other processes
            await asyncio.sleep(0.02)
