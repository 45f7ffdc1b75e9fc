"""OP-06: the migration guard refuses what it must, and names the way back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlencode
from uuid import uuid4

import psycopg
from kit.migrate import Migration, MigrationSettings, Refused, Release, plan
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from ctl.backup.rehearsal import scratch_database
from ctl.failure import Failure
from ctl.gate.verdict import Evidence, failed, judged, not_shown, shown
from ctl.roles import STATEFUL
from ctl.settings import OperationsSettings

GUARD, RECORDED = "OP-06 guard", "OP-06 recorded"
SCHEMA = "gate"
#: A release; its successor, which drops a column and says so; and one that does not say so.
OLDER, DECLARED, UNDECLARED = (
    Release(SCHEMA, f"kit.migrate.specimens.{name}") for name in ("older", "declared", "undeclared")
)
_RECORD = "SELECT revision, reverse_sql IS NOT NULL, is_lossy FROM {} ORDER BY position"


def judges() -> Iterator[Evidence]:
    """Have the guard of this version read two releases that never run."""
    try:
        plan.pending(UNDECLARED, [], None)
        yield failed(GUARD, "a revision that breaks older code without saying so was let pass")
        return
    except Refused as refusal:
        reason = _short(refusal)
    (first, second) = plan.review(plan.pending(DECLARED, [], None), [], {"0001"})
    is_seen = not first.objections and len(second.objections) == 2 and "way back" in str(second)
    yield judged(GUARD, holds=is_seen, said=f"the guard says: {reason}; and of another: {second}")


async def recorded(settings: OperationsSettings) -> AsyncIterator[Evidence]:
    """Read which ways back the database keeps of what was applied to it."""
    rows = []
    async with await psycopg.AsyncConnection.connect(settings.dsn.get_secret_value()) as connection:
        for schema in STATEFUL:
            record = sql.SQL(_RECORD).format(sql.Identifier(schema, "schema_release"))
            rows += [(schema, *row) for row in await (await connection.execute(record)).fetchall()]
    barred = [f"{schema} {revision}" for schema, revision, has_way_back, _ in rows if not has_way_back]
    if not rows:
        yield not_shown(RECORDED, "no revision is recorded")
        return
    said = f"{len(rows) - len(barred)} of {len(rows)} applied revisions have their way back in the database"
    yield shown(RECORDED, said + (f", not {', '.join(barred)}" if barred else ""))


async def tried(settings: OperationsSettings) -> AsyncIterator[Evidence]:
    """Upgrade a scratch database, be refused, allow it by name, and go back with the older release."""
    if settings.scratch_dsn is None:
        raise Failure("there is no scratch-dsn")
    async with scratch_database(settings.scratch_dsn, f"korrigo_gate_{uuid4().hex[:12]}") as scratch:
        yield await asyncio.to_thread(_there_and_back, _url(scratch.get_secret_value()))


def _there_and_back(dsn: str) -> Evidence:
    nothing, allowed = MigrationSettings(), MigrationSettings(migrate_allow=f"{SCHEMA}:0002")
    Migration(OLDER, dsn, nothing).up()
    unsaid, unallowed = (_refusal(Migration(each, dsn, nothing)) for each in (UNDECLARED, DECLARED))
    Migration(DECLARED, dsn, allowed).up()
    back = Migration(OLDER, dsn, nothing).back()
    is_right = "compatible_since" in unsaid and f"{SCHEMA}:0002" in unallowed and back == "undid 0002"
    said = f"in a scratch database: {unsaid}; {unallowed}; allowed by name it ran, and the older code {back}"
    return judged(GUARD, holds=is_right, said=said)


def _url(address: str) -> str:
    """Write the address of a database, in whichever form it is, as the migrations read it."""
    known = conninfo_to_dict(address)
    return f"postgresql:///{known.pop('dbname')}?{urlencode(known)}"


def _refusal(migration: Migration) -> str:
    try:
        migration.up()
    except Refused as refusal:
        return f"refused: {_short(refusal)}"
    return "not refused"


def _short(refusal: Refused) -> str:
    """Leave out the statement that an undeclared revision quotes, and what goes without saying."""
    return str(refusal).partition(": ALTER")[0].removesuffix("; nothing was changed")
