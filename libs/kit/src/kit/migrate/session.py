"""One guarded connection: its time limits, the migration lock of its schema, bounded retries."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from pydantic import SecretStr
from sqlalchemy import Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kit.db.database import Limits, connection_arguments

LIMITS = Limits(lock_timeout=2_000, statement_timeout=300_000, idle_in_transaction_session_timeout=60_000)
_TRIES = 10
_PAUSE = 1.0
_WAIT = 60.0
_RETRY = {"55P03", "40P01"}

_LOCK = text("SELECT pg_try_advisory_lock(hashtext('migrate'), hashtext(:schema))")
_HOLDER = text("""
SELECT format('%s, backend %s, connected since %s', application_name, pid, backend_start)
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid = hashtext('migrate')::bit(32)::bigint AND objid = hashtext(:schema)::bit(32)::bigint
""")


class MigrationFailed(Exception):  # noqa: N818 -- says what happened
    """The schema is as the last whole revision left it."""

    exit_code = 1


class Busy(MigrationFailed):
    """Another migration of the same schema is running."""

    exit_code = 3


@contextmanager
def session(dsn: str | SecretStr, schema: str, who: str) -> Iterator[Connection]:
    """Give a connection that alone may migrate the schema; the lock ends with the connection."""
    plain = dsn.get_secret_value() if isinstance(dsn, SecretStr) else dsn
    arguments = connection_arguments(schema, who, LIMITS)
    # A killed migration must not leave its backend at work.
    arguments["options"] += " -c client_connection_check_interval=1s"
    url = make_url(plain).set(drivername="postgresql+psycopg")
    engine = create_engine(url, poolclass=NullPool, connect_args=arguments)
    try:
        with engine.connect() as connection:
            _take_lock(connection, schema)
            yield connection
    except (SQLAlchemyError, psycopg.Error) as error:
        raise MigrationFailed(_reason(error)) from error


def _take_lock(connection: Connection, schema: str) -> None:
    """Poll: a session that blocks in pg_advisory_lock() stops CREATE INDEX CONCURRENTLY of the holder."""
    deadline = time.monotonic() + _WAIT
    while not connection.scalar(_LOCK, {"schema": schema}):
        holder = connection.scalar(_HOLDER, {"schema": schema})
        connection.rollback()
        if time.monotonic() >= deadline:
            raise Busy(f"another migration of {schema} is running: {holder or 'a session that just left'}")
        time.sleep(0.2)
    connection.commit()


def with_retries(connection: Connection, what: str, action: Callable[[], None]) -> None:
    """Run a whole revision again after a lock timeout: retrying one statement would keep earlier locks."""
    for attempt in range(1, _TRIES + 1):
        try:
            return action()
        except DBAPIError as error:
            connection.rollback()
            if getattr(error.orig, "sqlstate", None) not in _RETRY or attempt == _TRIES:
                raise MigrationFailed(f"{what}: {_reason(error)} ({attempt} tries)") from error
            time.sleep(_PAUSE)
    return None


def _reason(error: BaseException) -> str:
    """Quote the database itself: a lost connection hides it behind other errors."""
    while not isinstance(error, psycopg.Error) and error.__context__ is not None:
        error = error.__context__
    return str(error).strip()
