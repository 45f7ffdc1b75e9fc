"""What a failing database means to a caller: come back later, try again, or a bug."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from kit import errors

FAILURES = Counter("korrigo_db_failures", "Transactions that failed, by why.", ["schema", "kind"])

_CONFLICTS = {"40001": "serialization", "40P01": "deadlock", "55P03": "lock_timeout"}
_STATEMENT_TIMEOUT = "57014"

#: connection lost, no resources left, operator shuts down, server starts up, read-only standby
_OUTAGES = ("08", "53", "57P01", "57P02", "57P03", "25006")


class DatabaseUnavailable(errors.Unavailable):
    """The database does not answer; try again in a moment."""


class Conflict(errors.Aborted):
    """Someone else is changing the same thing; try again."""


def is_outage(error: DBAPIError) -> bool:
    """Tell an unreachable database from one that refuses a statement."""
    state = _state(error)
    return state.startswith(_OUTAGES) if state else error.connection_invalidated or _never_connected(error)


@contextmanager
def translated(schema: str) -> Iterator[None]:
    """Raise outages as `DatabaseUnavailable`, lost races as `Conflict`; the rest flies; all are counted."""
    try:
        yield
    except PoolExhausted as error:
        FAILURES.labels(schema, "pool_exhausted").inc()
        raise DatabaseUnavailable(retry_after="1") from error
    except DBAPIError as error:
        kind = _kind(error)
        FAILURES.labels(schema, kind).inc()
        if kind == "outage":
            raise DatabaseUnavailable(retry_after="2") from error
        if kind in _CONFLICTS.values():
            raise Conflict from error
        raise


def _kind(error: DBAPIError) -> str:
    """Name why a transaction failed, in the few words that a metric's label may have."""
    if is_outage(error):
        return "outage"
    return (
        "statement_timeout" if _state(error) == _STATEMENT_TIMEOUT else _CONFLICTS.get(_state(error), "other")
    )


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _never_connected(error: DBAPIError) -> bool:
    """Recognise psycopg's refusal to connect, which has no code."""
    return type(error.orig).__name__ in {"OperationalError", "ConnectionTimeout"}
