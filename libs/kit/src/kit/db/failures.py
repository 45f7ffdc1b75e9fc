"""What a failing database means to a caller: come back later, try again, or a bug."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from kit import errors

#: serialization_failure, deadlock_detected, lock_not_available
_CONFLICTS = {"40001", "40P01", "55P03"}

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
def translated() -> Iterator[None]:
    """Raise outages as `DatabaseUnavailable`, lost races as `Conflict`; let everything else fly."""
    try:
        yield
    except PoolExhausted as error:
        raise DatabaseUnavailable(retry_after="1") from error
    except DBAPIError as error:
        if is_outage(error):
            raise DatabaseUnavailable(retry_after="2") from error
        if _state(error) in _CONFLICTS:
            raise Conflict from error
        raise


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _never_connected(error: DBAPIError) -> bool:
    """Recognise psycopg's refusal to connect, which has no code."""
    return type(error.orig).__name__ in {"OperationalError", "ConnectionTimeout"}
