"""Apply the revisions of a package, oldest first, each in a transaction of its own."""

from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy import Connection, text

from kit.migrate.session import session, with_retries
from kit.telemetry import get_logger

_SCRIPTS = Path(__file__).parent / "alembic"

#: What the service itself may never change: its version, and the journal of who did what.
_READ_ONLY = ("alembic_version",)
_APPEND_ONLY = ("audit",)


def config(package: str, **configure: Any) -> Config:
    """Make Alembic's configuration for the revisions of a package."""
    made = Config()
    made.set_main_option("script_location", str(_SCRIPTS))
    made.set_main_option("path_separator", "newline")
    made.set_main_option("version_locations", str(versions(package)))
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    made.attributes["configure"] = configure
    return made


def versions(package: str) -> Path:
    """Tell where a package keeps its revisions."""
    return Path(next(iter(import_module(package).__path__))) / "versions"


def head(package: str) -> str:
    """Tell the newest revision of a package; there is exactly one."""
    found = ScriptDirectory.from_config(config(package)).get_current_head()
    if found is None:
        raise LookupError(f"{package} has no revisions")
    return found


def upgrade(dsn: str | SecretStr, package: str, schema: str) -> None:
    """
    Bring the schema to the package's head and let the role of the schema's name use it.

    A failure leaves it at the last whole revision; running it again goes on from there.
    """
    log = get_logger()
    with session(dsn, schema, f"migrate {schema}") as connection:
        _create(connection, schema)
        revisions = _pending(connection, package)
        for revision in revisions:
            with_retries(connection, revision, partial(_apply, connection, package, revision))
            log.info("revision_applied", schema=schema, revision=revision)
        if connection.scalar(text("SELECT to_regrole(quote_ident(:role)) IS NOT NULL"), {"role": schema}):
            _grant(connection, schema, schema)
        connection.commit()
    log.info("schema_upgraded", schema=schema, applied=len(revisions))


def grant(dsn: str | SecretStr, schema: str, role: str) -> None:
    """Let a role read and write the schema's tables, and change nothing else."""
    with session(dsn, schema, f"migrate {schema}") as connection:
        _grant(connection, schema, role)
        connection.commit()


def current(connection: Connection) -> str | None:
    """Tell the revision that the schema is at."""
    found = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    return found


def _create(connection: Connection, schema: str) -> None:
    """Create the schema only where it is missing: asking for it needs rights that its owner may lack."""
    if not connection.scalar(text("SELECT to_regnamespace(quote_ident(:schema))"), {"schema": schema}):
        connection.execute(text(f'CREATE SCHEMA "{schema}"'))
    connection.commit()


def _pending(connection: Connection, package: str) -> list[str]:
    scripts = ScriptDirectory.from_config(config(package))
    base = current(connection) or "base"
    return [script.revision for script in scripts.iterate_revisions("heads", base)][::-1]


def _apply(connection: Connection, package: str, revision: str) -> None:
    connection.execute(text("RESET lock_timeout"))  # the revision before may have changed it
    connection.commit()  # Alembic takes an open transaction for the caller's and would never commit
    command.upgrade(config(package, connection=connection), revision)


def _grant(connection: Connection, schema: str, role: str) -> None:
    names = {"schema": sql.Identifier(schema), "role": sql.Identifier(role)}
    statements = [
        "GRANT USAGE ON SCHEMA {schema} TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
    ]
    tables = text("SELECT tablename FROM pg_tables WHERE schemaname = :schema")
    present = set(connection.scalars(tables, {"schema": schema}))
    for table in present & {*_READ_ONLY, *_APPEND_ONLY}:
        what = "INSERT, UPDATE, DELETE" if table in _READ_ONLY else "UPDATE, DELETE"
        statements.append(f'REVOKE {what} ON {{schema}}."{table}" FROM {{role}}')
    if "audit" in present:
        statements.append('GRANT UPDATE (seal, hash) ON {schema}."audit" TO {role}')
    for statement in statements:
        connection.exec_driver_sql(sql.SQL(statement).format(**names).as_string())
