"""The database's roles: each service owns one schema and sees no other."""

from collections.abc import Iterator

import psycopg
from psycopg import sql

from local.keys import Secrets
from local.postgres import Postgres

DATABASE = "korrigo"

#: Kept by the server for each role, so that a forgotten limit in a client cannot hang the others.
_SERVICE_LIMITS = {
    "lock_timeout": "2s",
    "statement_timeout": "10s",
    "idle_in_transaction_session_timeout": "10s",
}
_OWNER_LIMITS = {
    "lock_timeout": "5s",
    "statement_timeout": "10min",
    "idle_in_transaction_session_timeout": "1min",
}


def owner(service: str) -> str:
    """Name the role that owns the service's schema and migrates it."""
    return f"{service}_owner"


def set_up(server: Postgres, services: tuple[str, ...], secrets: Secrets) -> None:
    """Create the database and every service's two roles and schema; repeat it to change nothing."""
    server.create_database(DATABASE)
    with psycopg.connect(server.dsn(DATABASE), autocommit=True) as connection:
        for statement in _closed_to_strangers():
            connection.execute(statement)
        for service in services:
            _set_up_service(connection, service, secrets)


def _set_up_service(connection: psycopg.Connection, service: str, secrets: Secrets) -> None:
    for role, limits in ((owner(service), _OWNER_LIMITS), (service, _SERVICE_LIMITS)):
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
        for statement in _role(role, secrets.password(f"postgres.{role}"), limits, schema=service):
            connection.execute(statement)
    for statement in _schema(service):
        connection.execute(statement)


def _closed_to_strangers() -> Iterator[sql.Composed]:
    yield sql.SQL("REVOKE ALL ON SCHEMA public FROM PUBLIC").format()
    yield sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(DATABASE))


def _role(role: str, password: str, limits: dict[str, str], *, schema: str) -> Iterator[sql.Composed]:
    name = sql.Identifier(role)
    yield sql.SQL("ALTER ROLE {} LOGIN NOSUPERUSER PASSWORD {}").format(name, sql.Literal(password))
    yield sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(DATABASE), name)
    yield sql.SQL("ALTER ROLE {} SET search_path TO {}").format(name, sql.Identifier(schema))
    for limit, value in limits.items():
        yield sql.SQL("ALTER ROLE {} SET {} TO {}").format(name, sql.Identifier(limit), sql.Literal(value))


def _schema(service: str) -> Iterator[sql.Composed]:
    schema, role, keeper = sql.Identifier(service), sql.Identifier(service), sql.Identifier(owner(service))
    yield sql.SQL("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}").format(schema, keeper)
    yield sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role)
