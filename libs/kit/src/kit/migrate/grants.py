"""What the service's own role may do in its schema: change rows, and nothing else."""

from psycopg import sql
from pydantic import SecretStr
from sqlalchemy import Connection, text

from kit.migrate.session import session

#: What the service itself may never change: its version, how to undo it, and the journal of who did what.
_READ_ONLY = ("alembic_version", "schema_release")
_APPEND_ONLY = ("audit",)


def grant(dsn: str | SecretStr, schema: str, role: str) -> None:
    """Let a role read and write the schema's tables, and change nothing else."""
    with session(dsn, schema, f"migrate {schema}") as connection:
        _grant(connection, schema, role)
        connection.commit()


def grant_to_service(connection: Connection, schema: str) -> None:
    """Grant to the role of the schema's name, where there is one."""
    if connection.scalar(text("SELECT to_regrole(quote_ident(:role)) IS NOT NULL"), {"role": schema}):
        _grant(connection, schema, schema)


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
