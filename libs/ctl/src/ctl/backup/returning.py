"""Bring a backup back into an empty database, and the facts to those who wait for them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from kit.blobs import BlobNotFound, Blobs
from kit.events import Broker
from psycopg import sql
from pydantic import SecretStr

from ctl.backup import dumps, manifest
from ctl.backup.archive import Archive
from ctl.backup.record import Backup
from ctl.failure import Failure

#: Streams whose messages are of the time after the backup.
STREAMS = ("FACTS", "WORK", "STRIKES")

_SERVING = """
SELECT DISTINCT application_name FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'head=%'
"""
_PRESENT = "SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s)"
#: Names kept in a rename end with this, so that nothing is lost by a restore onto a database in use.
_ASIDE = "before_restore"


class RestoreRefused(Failure):
    """The database is in use or not empty; nothing was changed."""


@dataclass(frozen=True)
class Restored:
    """What a restore did."""

    backup: Backup
    #: Files that the backup lists and the store lacks, or has in another size.
    missing: list[str] = field(default_factory=list)
    #: Facts and work that will be told again.
    told_again: int = 0


async def restore(
    dsn: SecretStr,
    blobs: Blobs,
    archive: Archive,
    broker: Broker,
    backup: Backup,
    *,
    replace: bool,
    progress: Callable[[str], None],
) -> Restored:
    """
    Load the dump, empty the streams and let every kept fact be told again.

    Refused with RestoreRefused while services are connected, or when the schemas exist and *replace* is not
    given; with it they are renamed to `<schema>_before_restore` first, and dropped once the dump is in.
    """
    await broker.ready(within=30)  # before anything changes: the streams must be emptied with it
    async with archive.dump(backup) as path:
        await _make_room(dsn, replace=replace)
        progress("loading the dump")
        await _load(dsn, path)
    progress("emptying the streams")
    for stream in STREAMS:
        await broker.jetstream.purge_stream(stream)
    told_again = await _tell_again(dsn)
    progress("looking for missing files")
    return Restored(backup, await _missing(blobs, archive, backup), told_again)


async def _make_room(dsn: SecretStr, *, replace: bool) -> None:
    async with await _connect(dsn) as connection:
        serving = [row[0] for row in await (await connection.execute(_SERVING)).fetchall()]
        if serving:
            raise RestoreRefused(
                f"still connected: {', '.join(sorted(serving))}; scale the services to 0 first"
            )
        present = await (await connection.execute(_PRESENT, [list(dumps.SCHEMAS)])).fetchall()
        if present and not replace:
            names = ", ".join(sorted(row[0] for row in present))
            raise RestoreRefused(
                f"the database already has {names}; restore into an empty one, or with --replace"
            )
        for (schema,) in present:
            await _rename(connection, schema, f"{schema}_{_ASIDE}")


async def _load(dsn: SecretStr, path: Path) -> None:
    """Load the dump; give the old schemas their names back if it cannot be."""
    try:
        await asyncio.to_thread(dumps.load, dsn, path, with_owners=True)
    except BaseException:
        await _settle(dsn, is_loaded=False)
        raise
    await _settle(dsn, is_loaded=True)


async def _settle(dsn: SecretStr, *, is_loaded: bool) -> None:
    async with await _connect(dsn) as connection:
        kept = await (
            await connection.execute(_PRESENT, [[f"{schema}_{_ASIDE}" for schema in dumps.SCHEMAS]])
        ).fetchall()
        for (aside,) in kept:
            if is_loaded:
                await connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(aside)))
            else:
                await _rename(connection, aside, aside.removesuffix(f"_{_ASIDE}"))


async def _rename(connection: psycopg.AsyncConnection, old: str, new: str) -> None:
    statement = sql.SQL("ALTER SCHEMA {} RENAME TO {}")
    await connection.execute(statement.format(sql.Identifier(old), sql.Identifier(new)))


async def _tell_again(dsn: SecretStr) -> int:
    """Mark every kept row of the outboxes as not told; the relays do the rest when they start."""
    rows = 0
    async with await _connect(dsn) as connection:
        for schema in dumps.SCHEMAS:
            statement = sql.SQL("UPDATE {} SET published_at = NULL WHERE published_at IS NOT NULL")
            done = await connection.execute(statement.format(sql.Identifier(schema, "outbox")))
            rows += done.rowcount
    return rows


async def _missing(blobs: Blobs, archive: Archive, backup: Backup) -> list[str]:
    missing = []
    async with archive.manifest(backup) as path:
        for file in manifest.read(path):
            try:
                if await blobs.size(file.key) != file.bytes:
                    missing.append(file.key)
            except BlobNotFound:
                missing.append(file.key)
    return missing


async def _connect(dsn: SecretStr) -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(
        dsn.get_secret_value(), autocommit=True, connect_timeout=10, application_name="restore"
    )
