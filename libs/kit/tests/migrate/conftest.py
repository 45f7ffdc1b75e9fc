"""A shop for each test."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from local.postgres import Postgres

from libs.kit.tests.migrate.site import Site

_numbers = count(1)


@pytest.fixture
def site(postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Give an empty database and a folder for releases."""
    name = f"shop_{next(_numbers)}"
    postgres.create_database(name)
    monkeypatch.syspath_prepend(tmp_path)
    site = Site(postgres.dsn(name), tmp_path)
    yield site
    for process in site.started:
        process.kill()
        process.communicate()
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
