"""What a schema remembers of its revisions: `schema_release` beside Alembic's own version."""

import json
from dataclasses import dataclass
from typing import Any

from psycopg.errors import UndefinedTable
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from kit.migrate.plan import Step, pending
from kit.migrate.release import Release
from kit.migrate.rules import Applied, Verdict, judge
from kit.migrate.session import Refused

#: The way back is kept as the statements to run: the older image that runs them has no such revision.
_TABLE = text("""
CREATE TABLE IF NOT EXISTS schema_release (
  position integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  revision text NOT NULL UNIQUE,
  compatible_since text NOT NULL,
  reverse_sql jsonb,
  is_lossy boolean NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  applied_by text NOT NULL,
  outgoing text,
  backup jsonb
)""")
_EXISTS = text("SELECT to_regclass(:name) IS NOT NULL")
_VERSION = text("SELECT version_num FROM alembic_version")
_ROWS = text("SELECT revision, compatible_since, reverse_sql, is_lossy FROM schema_release ORDER BY position")
_INSERT = text("""
INSERT INTO schema_release
  (revision, compatible_since, reverse_sql, is_lossy, applied_by, outgoing, backup)
VALUES (:revision, :since, cast(:reverse AS jsonb), :is_lossy, :by, :outgoing, cast(:backup AS jsonb))
""")
#: One statement, so one snapshot.
GLANCE = text("""
SELECT (SELECT version_num FROM alembic_version),
  (SELECT coalesce(json_agg(json_build_array(revision, compatible_since) ORDER BY position), '[]')
   FROM schema_release)
""")


@dataclass(frozen=True)
class Circumstances:
    """What is written down beside each revision of a run."""

    #: The version of the image.
    by: str
    #: The revision that the run found.
    outgoing: str | None = None
    #: The backup that the run relies on.
    backup: dict[str, Any] | None = None


def current(connection: Connection) -> str | None:
    """Tell the revision that the schema is at; more than one is an error."""
    found = connection.execute(_VERSION).scalar_one_or_none() if _has(connection, "alembic_version") else None
    connection.commit()
    return found


def load(connection: Connection) -> list[Applied]:
    """List what is recorded, oldest first."""
    rows = connection.execute(_ROWS).all() if _has(connection, "schema_release") else ()
    connection.commit()
    return [
        Applied(row.revision, row.compatible_since, _statements(row.reverse_sql), row.is_lossy)
        for row in rows
    ]


def record(connection: Connection, step: Step, circumstances: Circumstances) -> None:
    """Remember a revision; the caller's transaction is that of the revision itself."""
    backup = circumstances.backup
    values = {
        "revision": step.revision,
        "since": step.compatible_since,
        "reverse": None if step.reverse is None else json.dumps(step.reverse),
        "is_lossy": step.is_lossy,
        "by": circumstances.by,
        "outgoing": circumstances.outgoing,
        "backup": None if backup is None else json.dumps(backup),
    }
    connection.execute(_INSERT, values)


def adopt(
    connection: Connection, release: Release, circumstances: Circumstances, *, write: bool = True
) -> list[Applied]:
    """List what is recorded, with the revisions that were applied before there was a record."""
    chain, found = load(connection), current(connection)
    if write:
        connection.execute(_TABLE)
    if found in release.known and found not in {applied.revision for applied in chain}:
        for step in pending(release, chain, chain[-1].revision if chain else None, upto=str(found)):
            chain.append(step.applied)
            if write:
                record(connection, step, circumstances)
    connection.commit()
    if chain and chain[-1].revision != found:
        raise Refused(f"the schema is at {found}, but schema_release at {chain[-1].revision}")
    return chain


def verdict(connection: Connection, release: Release) -> Verdict:
    """Judge whether the release's code may run on the schema."""
    found, chain = glance(connection)
    return judge(release.head, found, chain, release.known)


def glance(connection: Connection) -> tuple[str | None, list[Applied]]:
    """Read the revision and the record at one moment."""
    try:
        found, rows = connection.execute(GLANCE).one()
    except ProgrammingError as error:
        connection.rollback()
        if not isinstance(error.orig, UndefinedTable):
            raise
        return current(connection), []  # nothing yet, or only Alembic's table
    connection.rollback()
    return found, [Applied(*row) for row in rows]


def _has(connection: Connection, table: str) -> bool:
    return bool(connection.scalar(_EXISTS, {"name": table}))


def _statements(reverse: list[str] | None) -> tuple[str, ...] | None:
    return None if reverse is None else tuple(reverse)
