"""
The database's roles as SQL: each service owns one schema and sees no other.

Run it in the database as a superuser, or as the database's owner with CREATEROLE; repeated, it changes
nothing but the passwords.
"""

from collections.abc import Iterator, Mapping

from psycopg import sql

from ctl.keys import Passwords

DATABASE = "korrigo"
#: The services with a schema.
STATEFUL = ("ingest", "grading", "notification", "gateway")
#: Reads every schema, to back it up; makes and drops databases of its own, to try a backup.
OPERATIONS = "operations"
SCRATCH = "scratch"
#: The server's own, as which schemas are restored.
SUPERUSER = "postgres"

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


def password_name(role: str) -> str:
    """Name the password of a role."""
    return f"postgres.{role}"


def script(passwords: Passwords, *, database: str = DATABASE) -> str:
    """Write the roles and schemas of every service, and the operators' roles."""
    parts = [*statements(STATEFUL, passwords, database=database), *_operators(passwords, database)]
    return "".join(f"{part.as_string()};\n" for part in parts)


def statements(
    services: tuple[str, ...], passwords: Passwords, *, database: str = DATABASE
) -> Iterator[sql.Composed]:
    """Give, one by one, the statements that make the services' roles and schemas."""
    yield sql.SQL("REVOKE ALL ON SCHEMA public FROM PUBLIC").format()
    yield sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database))
    for service in services:
        for role, limits in ((owner(service), _OWNER_LIMITS), (service, _SERVICE_LIMITS)):
            yield from _role(role, passwords, database)
            yield from _settings(role, {"search_path": service, **limits})
        yield from _schema(service)
        # A migration compares the schema with temporary tables made from the models.
        temporary = sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}")
        yield temporary.format(sql.Identifier(database), sql.Identifier(owner(service)))


def _operators(passwords: Passwords, database: str) -> Iterator[sql.Composed]:
    yield from _role(OPERATIONS, passwords, database)
    yield sql.SQL("GRANT pg_read_all_data TO {}").format(sql.Identifier(OPERATIONS))
    yield from _role(SCRATCH, passwords, database)
    yield sql.SQL("ALTER ROLE {} CREATEDB").format(sql.Identifier(SCRATCH))


def _role(role: str, passwords: Passwords, database: str) -> Iterator[sql.Composed]:
    name, password = sql.Identifier(role), passwords.password(password_name(role))
    yield sql.SQL(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {}) THEN CREATE ROLE {}; END IF; "
        "END $$"
    ).format(sql.Literal(role), name)
    yield sql.SQL("ALTER ROLE {} LOGIN NOSUPERUSER PASSWORD {}").format(name, sql.Literal(password))
    yield sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), name)


def _settings(role: str, settings: Mapping[str, str]) -> Iterator[sql.Composed]:
    for name, value in settings.items():
        setting = sql.SQL("ALTER ROLE {} SET {} TO {}")
        yield setting.format(sql.Identifier(role), sql.Identifier(name), sql.Literal(value))


def _schema(service: str) -> Iterator[sql.Composed]:
    schema, role, keeper = sql.Identifier(service), sql.Identifier(service), sql.Identifier(owner(service))
    yield sql.SQL("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}").format(schema, keeper)
    yield sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role)
