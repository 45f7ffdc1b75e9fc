"""The embedded PostgreSQL keeps what was committed, whatever happens to its process."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from local.postgres import Postgres


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    made = Postgres(tmp_path / "pg", durable=False, password="a+b/c@d")
    made.start()
    yield made
    made.kill()


def test_a_killed_server_keeps_what_was_committed(server: Postgres) -> None:
    server.create_database()
    with psycopg.connect(server.dsn()) as connection:
        connection.execute("CREATE TABLE copy (code text)")
        connection.execute("INSERT INTO copy VALUES ('quiet-otter')")

    server.kill()
    server.start()

    with psycopg.connect(server.dsn()) as connection:
        assert connection.execute("SELECT code FROM copy").fetchall() == [("quiet-otter",)]


def test_a_stopped_server_leaves_no_process(server: Postgres) -> None:
    server.stop()

    assert server.pid is None
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.dsn("postgres"), connect_timeout=2)


def test_a_new_server_ends_the_orphan_on_its_directory(server: Postgres, tmp_path: Path) -> None:
    heir = Postgres(tmp_path / "pg", durable=False, password="a+b/c@d")

    heir.start()

    assert server.pid is None
    heir.stop()


def test_a_wrong_password_is_refused(server: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.dsn("postgres", password="guess"))


def test_creating_a_database_twice_changes_nothing(server: Postgres) -> None:
    server.create_database("exam")
    server.create_database("exam")

    psycopg.connect(server.dsn("exam")).close()
