"""A large course migrates, and goes back, beside people who work on it: none of their writes fails."""

from __future__ import annotations

import itertools
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from kit.migrate import Migration, MigrationSettings, Release
from local.postgres import Postgres

HERE = Path(__file__).parent
NEXT = HERE.parent / "cluster" / "releases" / "incompatible"
#: What a pod allows itself to wait.
LIMITS = "-c lock_timeout=2s -c statement_timeout=10s -c search_path="
#: What people do meanwhile: each touches rows that the revisions are about.
WORK = {
    "ingest": (
        "UPDATE scans SET version = version + 1 WHERE id = md5('scan' || %(turn)s %% 100 + 1)::uuid",
        "UPDATE copies SET version = version + 1 WHERE number = %(turn)s %% 4000 + 1",
        "UPDATE pages SET rotation = 90 WHERE copy_id = md5('copy' || %(turn)s %% 4000 + 1)::uuid",
    ),
    "grading": (
        "UPDATE marks SET points = %(turn)s %% 8 WHERE copy_id = 'copy' || %(turn)s %% 4000 + 1",
        "INSERT INTO acts (copy_id, act_id, marker_id, journal_id, sequence, body, outcome, reason, version)"
        " VALUES ('copy1', 'late' || %(turn)s, 'marker1', 'late', %(turn)s, '', 'accepted', '', 1)",
    ),
}


@dataclass
class Worker:
    """Somebody who writes without a pause until told to stop."""

    dsn: str
    schema: str
    stopping: threading.Event = field(default_factory=threading.Event)
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def work(self) -> None:
        """Write, each time in a transaction of its own."""
        with psycopg.connect(self.dsn, autocommit=True, options=f"{LIMITS}{self.schema}") as connection:
            for turn in itertools.count():
                if self.stopping.is_set():
                    return
                for statement in WORK[self.schema]:
                    self._write(connection, statement, turn)

    def _write(self, connection: psycopg.Connection[tuple[object, ...]], statement: str, turn: int) -> None:
        began = time.monotonic()
        try:
            connection.execute(statement.encode(), {"turn": turn})
        except psycopg.Error as error:
            self.failures.append(str(error))
        self.seconds.append(time.monotonic() - began)


@contextmanager
def working(dsn: str, schema: str) -> Iterator[Worker]:
    """Have somebody work while the block runs."""
    worker = Worker(dsn, schema)
    thread = threading.Thread(target=worker.work)
    thread.start()
    try:
        yield worker
    finally:
        worker.stopping.set()
        thread.join()


@pytest.fixture(params=WORK)
def schema(request: pytest.FixtureRequest) -> str:
    """Name the service."""
    return str(request.param)


@pytest.fixture
def dsn(postgres: Postgres, schema: str) -> str:
    """Give an empty database."""
    postgres.create_database(f"large_{schema}")
    return postgres.dsn(f"large_{schema}")


@pytest.fixture
def released(schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Release]:
    """Package the service's revisions up to one, and, up to 9, those of a release to come."""
    monkeypatch.syspath_prepend(tmp_path)
    own = Release(schema, f"{schema}.migrations").versions

    def make(upto: str) -> Release:
        versions = tmp_path / f"{schema}_{upto}" / "versions"
        versions.mkdir(parents=True)
        (versions.parent / "__init__.py").touch()
        for path in [*own.glob("0*.py"), *(NEXT.glob("*.py") if schema == "grading" else ())]:
            if path.name <= f"{upto}~":
                shutil.copy(path, versions)
        return Release(schema, f"{schema}_{upto}")

    return make


def test_no_write_fails_while_a_large_course_migrates_and_goes_back(
    dsn: str, schema: str, released: Callable[[str], Release], capsys: pytest.CaptureFixture[str]
) -> None:
    settings = MigrationSettings(migrate_allow="ingest:0003")  # which forgets dismissals on its way back
    first, last = (Migration(released(upto), dsn, settings) for upto in ("0001", "9"))
    first.up()
    rows = fill(dsn, schema)
    with working(dsn, schema) as worker:
        upwards = timed(last.up)
        back = timed(first.back)

    with capsys.disabled():
        longest = f"longest of {len(worker.seconds)} writes {max(worker.seconds):.3f} s"
        print(f"\n{schema}: {rows} rows; up {upwards:.2f} s, back {back:.2f} s; {longest}")
    assert worker.failures == []
    assert worker.seconds


def fill(dsn: str, schema: str) -> int:
    """Write a large course; count its rows."""
    with psycopg.connect(dsn, autocommit=True, options=f"-c search_path={schema}") as connection:
        connection.execute((HERE / f"{schema}.sql").read_bytes())
        connection.execute("VACUUM ANALYZE")
        count = "SELECT sum(reltuples)::bigint FROM pg_class WHERE relnamespace = %s::regnamespace"
        row = connection.execute(f"{count} AND relkind = 'r'".encode(), [schema]).fetchone()
    return int(row[0]) if row else 0


def timed(act: Callable[[], str]) -> float:
    """Do something; tell the seconds."""
    began = time.monotonic()
    act()
    return time.monotonic() - began
