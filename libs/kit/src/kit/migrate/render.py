"""Render revisions to the statements that they would run, without a database."""

from typing import Any

from alembic import command
from alembic.ddl.postgresql import PostgresqlImpl
from sqlalchemy import BindParameter, text
from sqlalchemy.schema import DDLElement
from sqlalchemy.sql.visitors import iterate

from kit.migrate.release import Release
from kit.migrate.session import Refused

#: `named` keeps `%` as it is; without literal binds the text would keep `:name` in place of the value.
_OFFLINE = {
    "url": "postgresql+psycopg://",
    "dialect_opts": {"paramstyle": "named"},
    "literal_binds": True,
}

#: What Alembic writes around a revision.
_BOOKKEEPING = (
    "CREATE TABLE alembic_version",
    "INSERT INTO alembic_version",
    "UPDATE alembic_version",
    "DELETE FROM alembic_version",
)
_TRANSACTIONS = ("BEGIN;", "COMMIT;")


class _Statements(list[str]):
    """A buffer for Alembic that keeps statements apart: nothing has to split SQL later."""

    def write(self, statement: str) -> None:
        self.append(statement.strip())

    def flush(self) -> None:
        """Have nothing to flush."""


class _Strict(PostgresqlImpl):
    """Offline, a bind without a value would become NULL, also the `:1` inside a JSON text: refuse it."""

    __dialect__ = "postgresql"  # takes the place of Alembic's own class

    def _exec(self, construct: Any, *args: Any, **options: Any) -> Any:
        whole = text(construct) if isinstance(construct, str) else construct
        if self.as_sql and not isinstance(whole, DDLElement):
            for part in iterate(whole):
                if isinstance(part, BindParameter) and part.required:
                    raise ValueError(
                        f"no value for :{part.key} (write \\: for a colon, bindparams() for values)"
                    )
        return super()._exec(construct, *args, **options)


def render(release: Release, span: str, *, down: bool = False) -> tuple[str, ...]:
    """
    Render `from:to`, transactions and bookkeeping included.

    NotImplementedError flies when there is no way down; what else cannot be rendered is refused.
    """
    statements = _Statements()
    config = release.config(output_buffer=statements, **_OFFLINE)
    try:
        (command.downgrade if down else command.upgrade)(config, span, sql=True)
    except NotImplementedError:
        raise
    except Exception as error:
        verb = "downgrade" if down else "upgrade"
        raise Refused(f"{verb} {span} does not render offline: {type(error).__name__}: {error}") from error
    return tuple(filter(None, statements))


def is_remark(statement: str) -> bool:
    """Tell a comment from a statement that begins with one."""
    return all(line.startswith("--") for line in statement.splitlines())


def sql(statements: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out remarks and bookkeeping."""
    return tuple(
        statement
        for statement in statements
        if not statement.startswith(_BOOKKEEPING) and not is_remark(statement)
    )


def body(statements: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out the transactions too."""
    return tuple(statement for statement in sql(statements) if statement not in _TRANSACTIONS)
