"""Tell whether a pod may run on the schema as it is."""

import asyncio

from sqlalchemy import text

from kit import errors
from kit.db import Database
from kit.migrate.upgrade import head

_CURRENT = text("SELECT version_num FROM alembic_version")
_KNOWN = text("SELECT to_regclass('alembic_version') IS NOT NULL")


class MigrationPending(errors.Unavailable):
    """Waiting for migration."""


async def check(database: Database, package: str) -> None:
    """Refuse with `MigrationPending` unless the schema is at the package's head."""
    wanted = await asyncio.to_thread(head, package)
    async with database.transaction() as session:
        found = await session.scalar(_CURRENT) if await session.scalar(_KNOWN) else None
    if found != wanted:
        raise MigrationPending(f"waiting for migration: {database.schema} is at {found}, not at {wanted}")
