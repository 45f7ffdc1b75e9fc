"""Tell whether a pod may run on the schema as it is."""

from functools import cache

from psycopg.errors import UndefinedTable
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from kit import errors
from kit.db import Database
from kit.migrate.upgrade import head

_CURRENT = text("SELECT version_num FROM alembic_version")

#: A package's revisions do not change while the process runs, and reading them takes a while.
_head = cache(head)


class MigrationPending(errors.Unavailable):
    """The database is being brought up to date; try again in a moment."""


async def check(database: Database, package: str) -> None:
    """Refuse with `MigrationPending` unless the schema is at the package's head."""
    found, wanted = await _current(database), _head(package)
    if found != wanted:
        raise MigrationPending(f"waiting for migration: {database.schema} is at {found}, not at {wanted}")


async def _current(database: Database) -> str | None:
    try:
        async with database.transaction() as session:
            found: str | None = await session.scalar(_CURRENT)
            return found
    except ProgrammingError as error:
        if isinstance(error.orig, UndefinedTable):
            return None
        raise
