"""Ask a database how it sees this very statement: `queries.py DSN`."""

import sys

from kit import runtime, telemetry
from kit.db import Database
from kit.settings import Settings
from sqlalchemy import text

STATEMENT = text("SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()")


class QuerySettings(Settings):
    """What the process is told."""

    service: str = "queries"


async def program() -> None:
    """Print our own trace and span, then the statement as the server got it."""
    telemetry.start(QuerySettings())
    database = Database(sys.argv[1], schema="public")
    with telemetry.tracer().start_as_current_span("asking"):
        print(telemetry.inject({})["traceparent"])
        async with database.transaction() as session:
            print(await session.scalar(STATEMENT))
    await database.close()


if __name__ == "__main__":
    runtime.main(program)
