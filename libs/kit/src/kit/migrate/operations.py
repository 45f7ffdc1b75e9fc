"""
What a revision may do that is not one transaction.

Each can be run again after a failure at any point, and skips what is done.
"""

from collections.abc import Sequence

from alembic import context, op
from sqlalchemy import text

_INVALID = text("SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")


def create_index_concurrently(
    name: str, table: str, columns: Sequence[str], *, unique: bool = False, where: str | None = None
) -> None:
    """Build an index beside reads and writes, after dropping what a failed try has left INVALID."""
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")  # it waits for older transactions, but blocks nobody
        op.execute("SET statement_timeout = 0")
        if not context.is_offline_mode() and op.get_bind().scalar(_INVALID, {"name": name}):
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.create_index(
            name,
            table,
            list(columns),
            unique=unique,
            if_not_exists=True,
            postgresql_concurrently=True,
            postgresql_where=None if where is None else text(where),
        )
        op.execute("RESET lock_timeout")
        op.execute("RESET statement_timeout")


def add_constraint(table: str, name: str, definition: str) -> None:
    """Hold new rows to a constraint first, then read the old ones without stopping writers."""
    with op.get_context().autocommit_block():
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition} NOT VALID")
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def set_not_null(table: str, column: str) -> None:
    """Forbid NULL in a column that a backfill has filled."""
    add_constraint(table, f"nn_{table}_{column}", f"NOT NULL {column}")


def backfill(table: str, assignment: str, where: str, *, key: str, chunk: int = 1000) -> None:
    """Update the rows that lack something in chunks along a unique key, each committed by itself."""
    if context.is_offline_mode():
        op.execute(f"UPDATE {table} SET {assignment} WHERE {where} /* in chunks of {chunk} */")
        return
    with op.get_context().autocommit_block():
        last = None
        while (upto := _edge(table, key, last, chunk)) is not None:
            _fill(table, assignment, where, key, (last, upto))
            last = upto


def _edge(table: str, key: str, last: object, chunk: int) -> object:
    after = f"WHERE {key} > :last" if last is not None else ""
    ahead = f"SELECT {key} AS edge FROM {table} {after} ORDER BY {key} LIMIT {chunk}"
    found = text(f"SELECT edge FROM ({ahead}) ahead ORDER BY edge DESC LIMIT 1")
    return op.get_bind().scalar(found, {} if last is None else {"last": last})


def _fill(table: str, assignment: str, where: str, key: str, span: tuple[object, object]) -> None:
    last, upto = span
    after = f"{key} > :last AND" if last is not None else ""
    update = text(f"UPDATE {table} SET {assignment} WHERE {after} {key} <= :upto AND ({where})")
    op.get_bind().execute(update, {"upto": upto} | ({} if last is None else {"last": last}))
