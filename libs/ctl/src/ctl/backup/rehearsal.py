"""Show that the last backup can be restored: into a scratch database, down to a student's PDF."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf
import psycopg
from kit.blobs import BlobNotFound, Blobs
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from ctl.backup import dumps, manifest
from ctl.backup.archive import Archive
from ctl.backup.manifest import File
from ctl.backup.record import Backup
from ctl.failure import Failure

#: How many files are read and compared with their hashes, spread over the whole list.
SAMPLE = 20

_RESULT = """
SELECT pdf_key FROM grading.results WHERE sha256 <> '' ORDER BY stamped_at DESC LIMIT 1
"""


class DrillFailed(Failure):
    """The backup could not be brought back as it should be."""


@dataclass(frozen=True)
class Drill:
    """What a rehearsal found."""

    backup: Backup
    #: Rows by schema, all tables together.
    rows: dict[str, int]
    files_compared: int
    #: Sheets of the result that was opened; None when the backup has no result yet.
    result_pages: int | None
    seconds: float


async def drill(dsn: SecretStr, blobs: Blobs, archive: Archive) -> Drill:
    """
    Restore the newest backup into a scratch database, compare files with their hashes, open a result.

    *dsn* is of a role that may create databases; the scratch one is dropped in any case. Raises
    BackupNotFound, DumpFailed or DrillFailed.
    """
    began, backup = time.monotonic(), await archive.newest()
    async with (
        scratch_database(dsn, f"korrigo_drill_{backup.id.lower()}") as scratch,
        archive.dump(backup) as path,
    ):
        await asyncio.to_thread(dumps.load, scratch, path, with_owners=False)
        rows = await _rows(scratch, backup)
        compared = await _compare(blobs, archive, backup)
        pages = await _open_a_result(scratch, blobs, archive, backup)
    return Drill(backup, rows, compared, pages, round(time.monotonic() - began, 3))


@asynccontextmanager
async def scratch_database(dsn: SecretStr, name: str) -> AsyncIterator[SecretStr]:
    """Make a database of that name for the context; one that a killed rehearsal left goes first."""
    address = dsn.get_secret_value()
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    async with await psycopg.AsyncConnection.connect(address, autocommit=True, connect_timeout=10) as server:
        await server.execute(drop)
        await server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            yield SecretStr(make_conninfo(address, dbname=name))
        finally:
            await server.execute(drop)


async def _rows(scratch: SecretStr, backup: Backup) -> dict[str, int]:
    """Count every schema's rows; refuse a schema that is not at the revision it was dumped at."""
    counted = {}
    async with await psycopg.AsyncConnection.connect(scratch.get_secret_value()) as connection:
        for schema, revision in backup.revisions.items():
            found = await _scalar(
                connection,
                sql.SQL("SELECT version_num FROM {}").format(sql.Identifier(schema, "alembic_version")),
            )
            if found != revision:
                raise DrillFailed(f"{schema} came back at revision {found}, not {revision}")
            counted[schema] = await _rows_of(connection, schema)
    return counted


async def _rows_of(connection: psycopg.AsyncConnection, schema: str) -> int:
    tables = await connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
    rows = 0
    for (table,) in await tables.fetchall():
        count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
        rows += int(str(await _scalar(connection, count)))
    return rows


async def _scalar(connection: psycopg.AsyncConnection, statement: sql.Composed) -> object:
    row = await (await connection.execute(statement)).fetchone()
    return row[0] if row else None


async def _compare(blobs: Blobs, archive: Archive, backup: Backup) -> int:
    """Read some files, evenly spread, and compare them with their hashes."""
    step = max(backup.files // SAMPLE, 1)
    async with archive.manifest(backup) as path:
        chosen = [file for number, file in enumerate(manifest.read(path)) if number % step == 0]
    for file in chosen:
        await _check(blobs, file)
    return len(chosen)


async def _check(blobs: Blobs, file: File) -> None:
    try:
        found = await manifest.sha256(blobs, file.key)
    except BlobNotFound as error:
        raise DrillFailed(f"{file.key} is in the backup and not in the store") from error
    if found != file.sha256:
        raise DrillFailed(f"{file.key} is not what it was when the backup was taken")


async def _open_a_result(scratch: SecretStr, blobs: Blobs, archive: Archive, backup: Backup) -> int | None:
    """Open the PDF that the restored database names as a student's result."""
    async with await psycopg.AsyncConnection.connect(scratch.get_secret_value()) as connection:
        row = await (await connection.execute(_RESULT)).fetchone()
    if row is None:
        return None
    async with archive.manifest(backup) as path:
        known = {file.key: file for file in manifest.read(path) if file.key == row[0]}
    if not known:
        raise DrillFailed(f"{row[0]} is named by the database and not listed in the backup")
    await _check(blobs, known[row[0]])
    with TemporaryDirectory() as directory:
        copy = Path(directory) / "result.pdf"
        await blobs.get_file(row[0], copy)
        with pikepdf.open(copy) as opened:
            return len(opened.pages)
