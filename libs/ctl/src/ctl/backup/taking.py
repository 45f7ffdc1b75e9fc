"""Take a backup while everybody works on."""

import asyncio
import hashlib
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import psycopg
from kit.blobs import Blobs
from pydantic import SecretStr

from ctl.backup import dumps, manifest
from ctl.backup.archive import Archive, BackupNotFound
from ctl.backup.manifest import File
from ctl.backup.record import Backup, new_id
from ctl.failure import Failure

#: Held while a backup runs, so that nothing is swept between the dump and the list of files.
LOCK = "SELECT pg_try_advisory_lock(hashtext('korrigo'), hashtext('backup'))"

_UNLOCK = "SELECT pg_advisory_unlock(hashtext('korrigo'), hashtext('backup'))"


class BackupRunning(Failure):
    """Another backup of this database is running."""


async def take(
    dsn: SecretStr, blobs: Blobs, archive: Archive, *, version: str, clock: Callable[[], datetime]
) -> Backup:
    """
    Dump the schemas, then list the files: each that a row names was written before the row.

    Raises BackupRunning beside another one, and DumpFailed; neither leaves anything that counts as a backup.
    """
    began, backup_id = time.monotonic(), new_id(clock())
    async with _alone(dsn) as revisions:
        with tempfile.TemporaryDirectory() as directory:
            dump, listing = Path(directory) / "database.dump", Path(directory) / "files.jsonl.gz"
            await asyncio.to_thread(dumps.dump, dsn, dump)
            dump = await asyncio.to_thread(archive.encrypt, dump)
            total = await manifest.write(blobs, listing, known=await _known(archive))
            backup = Backup(
                id=backup_id,
                version=version,
                revisions=revisions,
                dump_bytes=dump.stat().st_size,
                dump_sha256=await asyncio.to_thread(_sha256, dump),
                files=total.files,
                file_bytes=total.bytes,
                files_hashed=total.hashed,
                is_encrypted=archive.is_encrypted,
                seconds=round(time.monotonic() - began, 3),
            )
            await archive.put(backup, dump, listing)
    return backup


@asynccontextmanager
async def _alone(dsn: SecretStr) -> AsyncIterator[dict[str, str]]:
    """Keep others and the sweeps out meanwhile; give the revision that each schema is at."""
    connection = await psycopg.AsyncConnection.connect(
        dsn.get_secret_value(), autocommit=True, connect_timeout=10, application_name="backup"
    )
    async with connection:
        row = await (await connection.execute(LOCK)).fetchone()
        if row is None or not row[0]:
            raise BackupRunning("another backup is running; wait for it, or end its session")
        try:
            yield {schema: await _revision(connection, schema) for schema in dumps.SCHEMAS}
        finally:
            # The server ends a closed session when it finds the time; the next backup need not wait for that.
            await connection.execute(_UNLOCK)


async def _revision(connection: psycopg.AsyncConnection, schema: str) -> str:
    statement = psycopg.sql.SQL("SELECT version_num FROM {}").format(
        psycopg.sql.Identifier(schema, "alembic_version")
    )
    row = await (await connection.execute(statement)).fetchone()
    return str(row[0]) if row else ""


async def _known(archive: Archive) -> dict[str, File]:
    try:
        newest = await archive.newest()
    except BackupNotFound:
        return {}
    async with archive.manifest(newest) as path:
        return {file.key: file for file in manifest.read(path)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
