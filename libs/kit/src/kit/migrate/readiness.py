"""Tell whether a pod may run on the schema as it is, and show both to whoever watches."""

from prometheus_client import Gauge, Info
from psycopg.errors import UndefinedTable
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from kit import errors
from kit.db import Database
from kit.migrate.record import GLANCE
from kit.migrate.release import Release
from kit.migrate.rules import Applied, Verdict, judge

REVISION = Info(
    "korrigo_schema_revision", "The revision that the schema is at and the head of this code.", ["schema"]
)
COMPATIBLE = Gauge("korrigo_schema_compatible", "1 while this code may run on the schema.", ["schema"])

_VERSION = text("SELECT version_num FROM alembic_version")


class WrongSchema(errors.Unavailable):
    """The database does not have the schema that this code needs."""


async def check(database: Database, release: Release) -> None:
    """Refuse with `WrongSchema` unless the release's code may run on the schema."""
    current, chain = await _glance(database)
    found = judge(release.head, current, chain, release.known)
    _show(release, current, found)
    if not found.is_ready:
        raise WrongSchema(f"{release.schema}: {found.reason}")


def _show(release: Release, current: str | None, found: Verdict) -> None:
    REVISION.labels(release.schema).info({"revision": current or "", "head": release.head})
    COMPATIBLE.labels(release.schema).set(found.is_ready)


async def _glance(database: Database) -> tuple[str | None, list[Applied]]:
    try:
        async with database.transaction() as session:
            current, rows = (await session.execute(GLANCE)).one()
            return current, [Applied(*row) for row in rows]
    except ProgrammingError as error:
        if isinstance(error.orig, UndefinedTable):
            return await _version(database), []  # nothing yet, or only Alembic's table
        raise


async def _version(database: Database) -> str | None:
    try:
        async with database.transaction() as session:
            found: str | None = await session.scalar(_VERSION)
            return found
    except ProgrammingError as error:
        if isinstance(error.orig, UndefinedTable):
            return None
        raise
