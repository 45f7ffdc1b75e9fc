"""The database: each service owns one schema and sees no other."""

import psycopg
from ctl import roles
from ctl.keys import Passwords

from local.postgres import Postgres


def set_up(server: Postgres, services: tuple[str, ...], passwords: Passwords) -> None:
    """Create the database and every service's two roles and schema; repeat it to change nothing."""
    server.create_database(roles.DATABASE)
    with psycopg.connect(server.dsn(roles.DATABASE), autocommit=True) as connection:
        for statement in roles.statements(services, passwords):
            connection.execute(statement)
