"""A backup is whole or none, and comes back as it was."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pyrage
import pytest
from ctl import backup
from ctl.backup import Archive, Backup
from ctl.backup.dumps import SCHEMAS
from ctl.backup.taking import LOCK
from kit.blobs import Blobs
from kit.events import Broker
from kit.events.streams import FACTS
from kit.settings import BlobSettings
from kit.testing import Clock
from pydantic import SecretStr

_REQUEST = "INSERT INTO gateway.requests (id, kind) VALUES ('POPULAR-CURTAINS', 'test')"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Give an archive without encryption."""
    return Archive(_store(tmp_path / "archive"))


def _store(directory: Path) -> Blobs:
    return Blobs.open(BlobSettings(blobs_url=f"file://{directory}"))


async def _take(dsn: SecretStr, blobs: Blobs, archive: Archive, clock: Clock) -> Backup:
    clock.advance(timedelta(hours=1))
    return await backup.take(dsn, blobs, archive, version="1.2.3", clock=clock)


def _execute(dsn: SecretStr, statement: str) -> object:
    with psycopg.connect(dsn.get_secret_value(), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


async def test_a_backup_says_what_it_holds(
    dsn: SecretStr, blobs: Blobs, archive: Archive, clock: Clock
) -> None:
    """It names revisions, files and bytes, and the newest is the last taken."""
    await blobs.put("scans/a.pdf", b"%PDF-1")
    await blobs.put("uploads/left/0", b"not ours to keep")
    await _take(dsn, blobs, archive, clock)
    taken = await _take(dsn, blobs, archive, clock)

    assert (taken.files, taken.file_bytes, taken.version) == (1, 6, "1.2.3")
    assert set(taken.revisions) == set(SCHEMAS)
    assert taken.taken_at == datetime(2026, 6, 15, 10, 0, tzinfo=UTC)
    assert taken == await archive.newest()


async def test_files_are_read_once_and_not_again(
    dsn: SecretStr, blobs: Blobs, archive: Archive, clock: Clock
) -> None:
    """A later backup reads only what is new."""
    await blobs.put("scans/a.pdf", b"%PDF-1")
    first = await _take(dsn, blobs, archive, clock)
    await blobs.put("results/b.pdf", b"%PDF-2")
    second = await _take(dsn, blobs, archive, clock)

    assert (first.files_hashed, second.files_hashed, second.files) == (1, 1, 2)


async def test_two_backups_do_not_run_beside_each_other(
    dsn: SecretStr, blobs: Blobs, archive: Archive, clock: Clock
) -> None:
    """The second is refused and leaves nothing."""
    with psycopg.connect(dsn.get_secret_value(), autocommit=True) as other:
        other.execute(LOCK)

        with pytest.raises(backup.BackupRunning):
            await _take(dsn, blobs, archive, clock)

    assert await archive.all() == []


async def test_a_dump_that_fails_is_no_backup(
    dsn: SecretStr, blobs: Blobs, archive: Archive, clock: Clock
) -> None:
    """PostgreSQL's own words are the reason."""
    _execute(dsn, "CREATE ROLE newcomer LOGIN")
    for schema in SCHEMAS:
        _execute(dsn, f"GRANT USAGE ON SCHEMA {schema} TO newcomer")
        _execute(dsn, f"GRANT SELECT ON {schema}.alembic_version TO newcomer")
    newcomer = SecretStr(dsn.get_secret_value().replace("postgres@", "newcomer@"))

    with pytest.raises(backup.DumpFailed, match="permission denied"):
        await _take(newcomer, blobs, archive, clock)

    assert await archive.all() == []


async def test_old_backups_go_and_the_newest_stay(
    dsn: SecretStr, blobs: Blobs, archive: Archive, clock: Clock, tmp_path: Path
) -> None:
    """What a killed backup left goes after a day."""
    taken = [await _take(dsn, blobs, archive, clock) for _ in range(3)]
    await _store(tmp_path / "archive").put("backups/20260101T000000Z/database.dump", b"half")

    gone = await archive.prune(keep=2, now=clock())

    assert gone == ["20260101T000000Z", taken[0].id]
    assert [each.id for each in await archive.all()] == [taken[2].id, taken[1].id]


async def test_a_restore_brings_rows_back_and_tells_facts_again(
    dsn: SecretStr, blobs: Blobs, archive: Archive, clock: Clock, broker: Broker
) -> None:
    """What came after the backup is gone, kept facts wait to be told, and missing files are named."""
    _execute(dsn, _REQUEST)
    _execute(
        dsn,
        "INSERT INTO ingest.outbox (id, subject, payload, headers, published_at)"
        " VALUES (gen_random_uuid(), 'korrigo.ingest.v1.Told', '', '{}', now())",
    )
    await blobs.put("scans/a.pdf", b"%PDF-1")
    await blobs.put("scans/b.pdf", b"%PDF-2")
    taken = await _take(dsn, blobs, archive, clock)
    _execute(dsn, "INSERT INTO gateway.requests (id, kind) VALUES ('LATER', 'test')")
    await broker.publish("korrigo.ingest.v1.Later", b"", {})
    await blobs.delete("scans/b.pdf")

    done = await backup.restore(dsn, blobs, archive, broker, taken, replace=True, progress=lambda _: None)

    assert _execute(dsn, "SELECT string_agg(id, ' ') FROM gateway.requests") == "POPULAR-CURTAINS"
    assert _execute(dsn, "SELECT count(*) FROM ingest.outbox WHERE published_at IS NULL") == 1
    assert (done.missing, done.told_again) == (["scans/b.pdf"], 1)
    assert (await broker.jetstream.stream_info(FACTS)).state.messages == 0


async def test_a_restore_onto_rows_or_beside_services_is_refused(
    dsn: SecretStr, blobs: Blobs, archive: Archive, clock: Clock, broker: Broker
) -> None:
    """Nothing is changed by a refusal."""
    taken = await _take(dsn, blobs, archive, clock)
    _execute(dsn, _REQUEST)

    with pytest.raises(backup.RestoreRefused, match="--replace"):
        await backup.restore(dsn, blobs, archive, broker, taken, replace=False, progress=lambda _: None)
    with (
        psycopg.connect(dsn.get_secret_value(), application_name="head=0001 ingest"),
        pytest.raises(backup.RestoreRefused, match="head=0001 ingest"),
    ):
        await backup.restore(dsn, blobs, archive, broker, taken, replace=True, progress=lambda _: None)

    assert _execute(dsn, "SELECT count(*) FROM gateway.requests") == 1


async def test_a_restore_that_fails_keeps_what_was_there(
    dsn: SecretStr, blobs: Blobs, archive: Archive, clock: Clock, broker: Broker, tmp_path: Path
) -> None:
    """A dump that cannot be read changes nothing."""
    taken = await _take(dsn, blobs, archive, clock)
    _execute(dsn, _REQUEST)
    await _store(tmp_path / "archive").put(f"backups/{taken.dump_key}", b"PGDMP but not really")

    with pytest.raises(backup.DumpFailed):
        await backup.restore(dsn, blobs, archive, broker, taken, replace=True, progress=lambda _: None)

    assert _execute(dsn, "SELECT count(*) FROM gateway.requests") == 1


async def test_an_encrypted_backup_opens_with_its_key_alone(
    dsn: SecretStr, blobs: Blobs, clock: Clock, tmp_path: Path
) -> None:
    """Whoever takes it cannot read it."""
    key = pyrage.x25519.Identity.generate()
    store = _store(tmp_path / "archive")
    taken = await _take(dsn, blobs, Archive(store, recipient=str(key.to_public())), clock)

    assert taken.is_encrypted
    assert b"PGDMP" not in await store.get(f"backups/{taken.dump_key}")
    with pytest.raises(backup.BackupNotFound, match="KORRIGO_BACKUP_IDENTITY"):
        await backup.drill(dsn, blobs, Archive(store))
    drilled = await backup.drill(dsn, blobs, Archive(store, identity=SecretStr(str(key))))
    assert drilled.backup == taken


async def test_a_drill_counts_rows_and_leaves_no_database(
    dsn: SecretStr, blobs: Blobs, archive: Archive, clock: Clock
) -> None:
    """There is no result to open yet, and it says so."""
    _execute(dsn, _REQUEST)
    await blobs.put("scans/a.pdf", b"%PDF-1")
    await _take(dsn, blobs, archive, clock)

    done = await backup.drill(dsn, blobs, archive)

    assert done.rows["gateway"] >= 1
    assert (done.files_compared, done.result_pages) == (1, None)
    assert _execute(dsn, "SELECT count(*) FROM pg_database WHERE datname LIKE 'korrigo_drill%'") == 0


@pytest.mark.parametrize("damage", [b"%PDF-X", None])
async def test_a_drill_finds_a_file_that_is_gone_or_changed(
    dsn: SecretStr, blobs: Blobs, archive: Archive, clock: Clock, damage: bytes | None
) -> None:
    """It names the file."""
    await blobs.put("scans/a.pdf", b"%PDF-1")
    await _take(dsn, blobs, archive, clock)
    await (blobs.put("scans/a.pdf", damage) if damage else blobs.delete("scans/a.pdf"))

    with pytest.raises(backup.DrillFailed, match=r"scans/a\.pdf"):
        await backup.drill(dsn, blobs, archive)
