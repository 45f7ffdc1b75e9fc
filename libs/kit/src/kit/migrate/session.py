"""One guarded connection: its time limits, the migration lock of its schema, bounded retries."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from pydantic import SecretStr
from sqlalchemy import Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from kit.db.database import Limits, connection_arguments

LIMITS = Limits(lock_timeout=2_000, statement_timeout=300_000, idle_in_transaction_session_timeout=60_000)

#: lock_not_available, deadlock_detected
_RETRY = {"55P03", "40P01"}

_LOCK = text("SELECT pg_try_advisory_lock(hashtext('migrate'), hashtext(:schema))")
_HOLDER = text("""
SELECT format('%s (backend %s)', application_name, pid)
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid = hashtext('migrate')::bit(32)::bigint AND objid = hashtext(:schema)::bit(32)::bigint
""")
_IN_THE_WAY = text("""
SELECT string_agg(DISTINCT
  format('%s (backend %s)', coalesce(nullif(application_name, ''), usename), pid), ', ')
FROM pg_locks JOIN pg_stat_activity USING (pid) JOIN pg_class c ON c.oid = relation
WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND relnamespace = to_regnamespace(quote_ident(current_schema())) AND pid <> pg_backend_pid()
""")


class MigrationFailed(Exception):  # noqa: N818 -- says what happened
    """The schema is as the last whole revision left it."""

    state = "failed"
    exit_code = 1


class Refused(MigrationFailed):
    """Somebody has to decide first; nothing was changed."""

    state = "refused"
    exit_code = 2


class Busy(MigrationFailed):
    """Another migration of the same schema is running."""

    state = "busy"
    exit_code = 3


@dataclass(frozen=True)
class Patience:
    """How long a migration waits: seconds for the lock, tries for a revision, seconds between them."""

    wait: float = 60.0
    tries: int = 10
    pause: float = 1.0


@contextmanager
def session(
    dsn: str | SecretStr, schema: str, who: str, patience: Patience | None = None
) -> Iterator[Connection]:
    """Give a connection that alone may migrate the schema; the lock ends with the connection."""
    plain = dsn.get_secret_value() if isinstance(dsn, SecretStr) else dsn
    arguments = connection_arguments(schema, who, LIMITS)
    # A killed migration must not leave its backend at work.
    arguments["options"] += " -c client_connection_check_interval=1s"
    url = make_url(plain).set(drivername="postgresql+psycopg")
    engine = create_engine(url, poolclass=NullPool, connect_args=arguments)
    try:
        with engine.connect() as connection:
            _take_lock(connection, schema, (patience or Patience()).wait)
            yield connection
    except (SQLAlchemyError, psycopg.Error) as error:
        raise MigrationFailed(_reason(error)) from error


def _take_lock(connection: Connection, schema: str, wait: float) -> None:
    """Poll: a session that blocks in pg_advisory_lock() stops CREATE INDEX CONCURRENTLY of the holder."""
    deadline = time.monotonic() + wait
    while not connection.scalar(_LOCK, {"schema": schema}):
        holder = connection.scalar(_HOLDER, {"schema": schema}) or "a session that just left"
        connection.rollback()
        if time.monotonic() >= deadline:
            raise Busy(f"another migration of {schema} is running: {holder}; gave up after {wait:g} s")
        time.sleep(0.2)
    connection.commit()


def with_retries(connection: Connection, patience: Patience, what: str, action: Callable[[], None]) -> None:
    """Run a whole revision again after a lock timeout: retrying one statement would keep earlier locks."""
    for attempt in range(1, patience.tries + 1):
        try:
            return action()
        except (SQLAlchemyError, psycopg.Error) as error:
            if _is_lost(connection):
                raise MigrationFailed(f"{what}: connection lost: {_reason(error)}") from error
            connection.rollback()
            if _code(error) not in _RETRY:
                raise MigrationFailed(f"{what}: {_reason(error)}") from error
            if attempt == patience.tries:
                raise MigrationFailed(_gave_up(connection, what, error, attempt)) from error
            time.sleep(patience.pause)
    return None


def _gave_up(connection: Connection, what: str, error: BaseException, tries: int) -> str:
    others = connection.scalar(_IN_THE_WAY) or "nobody any more"
    connection.rollback()
    return f"{what}: {_reason(error)} ({tries} tries); in the way: {others}"


def _is_lost(connection: Connection) -> bool:
    driver: Any = None if connection.invalidated else connection.connection.driver_connection
    return driver is None or driver.broken


def _code(error: BaseException) -> str | None:
    cause = _cause(error)
    return cause.sqlstate if isinstance(cause, psycopg.Error) else None


def _reason(error: BaseException) -> str:
    """Say it in a line; what PostgreSQL adds may quote rows."""
    cause = _cause(error)
    said = cause.diag.message_primary if isinstance(cause, psycopg.Error) else None
    return said or " ".join(str(cause).split())


def _cause(error: BaseException) -> BaseException:
    """Find what the database itself said: a lost connection hides it behind other errors."""
    while not isinstance(error, psycopg.Error) and error.__context__ is not None:
        error = error.__context__
    return error
