"""Migrations: guarded, one at a time, and the same as the models."""

import asyncio
import shutil
import sys
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from kit import migrate
from kit.db import Database
from kit.migrate import Release
from kit.migrate.__main__ import revision
from kit.migrate.session import session
from kit.testing import DatabaseFor
from local.postgres import Postgres
from psycopg import errors as pg
from sqlalchemy import text

from libs.kit.tests.sample.store import Base

PACKAGE = "libs.kit.tests.sample.migrations"
_numbers = count(1)

SECOND = '''
"""Second."""
from alembic import op
revision = "0002"
down_revision = "0001"
def upgrade() -> None:
    op.execute("{statement}")
'''


@pytest.fixture
def dsn(postgres: Postgres) -> Iterator[str]:
    """Give an empty database."""
    name = f"migrate_{next(_numbers)}"
    postgres.create_database(name)
    yield postgres.dsn(name)
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def grown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give a copy of the sample's revisions with a second one that takes the table of boxes for itself."""
    name = f"grown_{next(_numbers)}"
    source = Path(sys.modules["libs.kit.tests.sample.store"].__file__ or "").parent / "migrations"
    shutil.copytree(source, tmp_path / name)
    second = SECOND.format(statement="ALTER TABLE boxes ADD COLUMN colour text")
    (tmp_path / name / "versions" / "0002_second.py").write_text(second)
    monkeypatch.syspath_prepend(tmp_path)
    yield name
    sys.modules.pop(name, None)


def test_an_upgrade_makes_what_the_models_say(dsn: str) -> None:
    migrate.upgrade(dsn, PACKAGE, "sample")

    assert migrate.differences(dsn, "sample", Base.metadata) == []


def test_a_difference_is_named(dsn: str) -> None:
    migrate.upgrade(dsn, PACKAGE, "sample")
    with psycopg.connect(dsn) as connection:
        connection.execute("ALTER TABLE sample.boxes DROP CONSTRAINT ck_boxes_content_positive")
        connection.execute("DROP TRIGGER outbox_notify ON sample.outbox")

    found = migrate.differences(dsn, "sample", Base.metadata)

    assert len(found) == 2
    assert found[0] == "only in the models: constraint boxes.ck_boxes_content_positive CHECK ((content >= 0))"
    assert "TRIGGER outbox_notify" in found[1]


def test_an_upgrade_repeated_changes_nothing(dsn: str) -> None:
    migrate.upgrade(dsn, PACKAGE, "sample")
    migrate.upgrade(dsn, PACKAGE, "sample")

    assert migrate.differences(dsn, "sample", Base.metadata) == []


def test_two_upgrades_at_a_time_take_turns(dsn: str) -> None:
    failures: list[BaseException] = []

    def upgrade() -> None:
        try:
            migrate.upgrade(dsn, PACKAGE, "sample")
        except migrate.MigrationFailed as failure:
            failures.append(failure)

    threads = [threading.Thread(target=upgrade) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []


def test_an_upgrade_gives_up_on_a_held_lock_and_names_its_holder(
    dsn: str,
) -> None:
    with (
        session(dsn, "sample", "the first migration"),
        pytest.raises(migrate.Busy, match="the first migration"),
    ):
        migrate.upgrade(dsn, PACKAGE, "sample", migrate.Patience(wait=0.3))


def test_a_revision_waits_in_short_turns_for_a_busy_table(dsn: str, grown: str) -> None:
    migrate.upgrade(dsn, PACKAGE, "sample")
    with psycopg.connect(dsn) as busy:
        busy.execute("LOCK TABLE sample.boxes IN ACCESS SHARE MODE")
        threading.Timer(2.5, busy.commit).start()
        migrate.upgrade(dsn, grown, "sample", migrate.Patience(pause=0.05))

    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT colour FROM sample.boxes").fetchall() == []


def test_a_failed_revision_leaves_the_whole_ones_before_it(dsn: str, grown: str, tmp_path: Path) -> None:
    broken = SECOND.format(statement="ALTER TABLE nowhere ADD COLUMN colour text")
    (tmp_path / grown / "versions" / "0002_second.py").write_text(broken)

    with pytest.raises(migrate.MigrationFailed, match="nowhere"):
        migrate.upgrade(dsn, grown, "sample")

    assert migrate.differences(dsn, "sample", Base.metadata) == []


async def test_a_pod_on_an_older_schema_waits(database_for: DatabaseFor, grown: str) -> None:
    database = database_for(PACKAGE, "sample")
    await migrate.check(database, Release("sample", PACKAGE))

    with pytest.raises(migrate.WrongSchema, match="is at 0001, this code needs 0002"):
        await migrate.check(database, Release("sample", grown))


async def test_a_pod_on_an_empty_database_waits(dsn: str) -> None:
    database = Database(dsn, schema="sample")

    with pytest.raises(migrate.WrongSchema, match="waiting for migration"):
        await migrate.check(database, Release("sample", PACKAGE))
    await database.close()


@pytest.fixture
def as_service(dsn: str, postgres: Postgres) -> Iterator[psycopg.Connection]:
    """Give a connection as the service's own role, which is named like its schema."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS sample")
        connection.execute("CREATE ROLE sample LOGIN")
    migrate.upgrade(dsn, PACKAGE, "sample")
    with psycopg.connect(dsn, user="sample", options="-c search_path=sample", autocommit=True) as connection:
        yield connection
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("DROP OWNED BY sample")
        connection.execute("DROP ROLE sample")


def test_the_service_may_change_rows_but_neither_tables_nor_its_version_nor_the_journal(
    as_service: psycopg.Connection,
) -> None:
    as_service.execute("INSERT INTO boxes VALUES ('shoes', 1)")
    as_service.execute("UPDATE boxes SET content = 2")
    as_service.execute("DELETE FROM boxes")
    for statement in (
        b"DROP TABLE boxes",
        b"UPDATE alembic_version SET version_num = '9'",
        b"UPDATE schema_release SET reverse_sql = '[]'",
        b"DELETE FROM audit",
        b"UPDATE audit SET action = ''",
        b"CREATE TABLE more ()",
    ):
        with pytest.raises(pg.InsufficientPrivilege):
            as_service.execute(statement)


def test_a_revision_written_from_the_models_makes_the_models(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = f"written_{next(_numbers)}"
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)

    revision(package, "Begin", Base.metadata)
    migrate.upgrade(dsn, package, "sample")

    assert Release("sample", package).head == "0001"
    assert migrate.differences(dsn, "sample", Base.metadata) == []


async def test_a_copied_template_is_whole(database_for: DatabaseFor) -> None:
    first, second = database_for(PACKAGE, "sample"), database_for(PACKAGE, "sample")
    async with first.transaction() as session:
        await session.execute(text("INSERT INTO boxes VALUES ('shoes', 1)"))
    async with second.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM boxes")) == 0

    assert await asyncio.to_thread(migrate.differences, first.dsn, "sample", Base.metadata) == []
