"""An installation's database, broker and files, and the settings of the jobs that look after them."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from ctl.backup.dumps import SCHEMAS
from kit import migrate
from local.postgres import Postgres
from pydantic import SecretStr

_numbers = count(1)


@pytest.fixture(scope="session")
def installed(postgres: Postgres) -> str:
    """Give a database with every service's schema, to copy from."""
    postgres.create_database("installed")
    for schema in SCHEMAS:
        migrate.upgrade(postgres.dsn("installed"), f"{schema}.migrations", schema)
    return "installed"


@pytest_asyncio.fixture
async def dsn(postgres: Postgres, installed: str) -> AsyncIterator[SecretStr]:
    """Give the address of a database of this test's own."""
    name = f"operations_{next(_numbers)}"
    postgres.create_database(name, template=installed)
    yield SecretStr(postgres.dsn(name))
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Give the directory of the file store."""
    (tmp_path / "blobs").mkdir()
    return tmp_path / "blobs"
