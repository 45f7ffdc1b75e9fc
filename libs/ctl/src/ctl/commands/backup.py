"""`korrigoctl backup now | ls | reference`, `restore` and `drill`: what survives the loss of everything."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from cyclopts import App
from kit.blobs import Blobs
from kit.events import Broker
from pydantic import SecretStr

from ctl import backup
from ctl.backup import Archive, Backup, BackupNotFound
from ctl.failure import Failure
from ctl.operations import Operation, told
from ctl.output import Format, Output, errors, rows, size, span, write
from ctl.settings import OperationsSettings

app = App(name="backup", help="Take backups and list them.")


class SettingMissing(Failure):
    """This command needs a setting that the others do without."""


class BackupTooOld(Failure):
    """The newest backup is older than what may be relied on."""


@app.command
def now(*, output: Output = Format.TEXT) -> None:
    """Take a backup: one dump of the database, and the list of files with their hashes."""
    settings = OperationsSettings.start()
    taken = asyncio.run(told(settings, "backup", partial(_now, settings)))
    write(taken, output, _sentence(taken))


@app.command(name="ls")
def list_backups(*, output: Output = Format.TEXT) -> None:
    """List the complete backups, newest first."""
    found = asyncio.run(_archive(OperationsSettings.start()).all())
    table = rows("BACKUP", "VERSION", "DUMP", "FILES", "OF", "ENCRYPTED", of=[_row(each) for each in found])
    write(found, output, table if found else "There is no backup yet; take one with `korrigoctl backup now`.")


@app.command
def reference(*, out: Path, max_age: str = "") -> None:
    """
    Write which backup a migration may rely on.

    Parameters
    ----------
    out
        The file to write.
    max_age
        Refuse a backup older than that, as in 26h; without it any will do, or none.
    """
    settings = OperationsSettings.start()
    found = asyncio.run(_archive(settings).all())
    if max_age:
        _refuse_old(found, timedelta(hours=float(max_age.removesuffix("h"))))
    out.write_bytes(found[0].to_json() if found else b"{}")
    errors.print(
        f"relying on {_sentence(found[0])}" if found else "there is no backup to rely on", markup=False
    )


def restore(backup_id: str, *, replace: bool = False, output: Output = Format.TEXT) -> None:
    """
    Bring a backup back, while no service is connected.

    Files are not touched; those that the backup lists and the store lacks are named.

    Parameters
    ----------
    backup_id
        As `korrigoctl backup ls` names it, or "newest".
    replace
        Put the backup in place of what the database holds.
    """
    settings = OperationsSettings.start()
    act = partial(
        _restore, settings, backup_id, replace=replace, progress=partial(errors.print, markup=False)
    )
    done = asyncio.run(told(settings, "restore", act))
    missing = "".join(f"\nmissing: {key}" for key in done.missing)
    text = f"restored {_sentence(done.backup)}; {done.told_again} facts are told again{missing}"
    write(done, output, text)
    if done.missing:
        raise Failure(f"{len(done.missing)} files are missing; bring them back from the store's own copies")


def drill(*, output: Output = Format.TEXT) -> None:
    """Show that the newest backup can be restored: into a scratch database, down to a student's PDF."""
    settings = OperationsSettings.start()
    done = asyncio.run(told(settings, "drill", partial(_drill, settings)))
    pages = "no result yet" if done.result_pages is None else f"a result of {done.result_pages} pages opened"
    text = f"restored {_sentence(done.backup)}; {done.files_compared} files compared; {pages}"
    write(done, output, f"{text}; took {span(done.seconds)}")


async def _now(settings: OperationsSettings) -> tuple[Backup, Operation]:
    archive = _archive(settings)
    taken = await backup.take(
        settings.dsn,
        Blobs.open(settings),
        archive,
        version=settings.version,
        clock=partial(datetime.now, UTC),
    )
    gone = await archive.prune(keep=settings.backup_keep, now=datetime.now(UTC))
    figures = {"dump_bytes": taken.dump_bytes, "files": taken.files, "file_bytes": taken.file_bytes}
    return taken, Operation(_sentence(taken), figures | {"removed": len(gone)})


async def _drill(settings: OperationsSettings) -> tuple[backup.Drill, Operation]:
    scratch = _needed(settings.scratch_dsn, "SCRATCH_DSN")
    done = await backup.drill(scratch, Blobs.open(settings), _archive(settings))
    figures = {"rows": sum(done.rows.values()), "files_compared": done.files_compared}
    return done, Operation(f"restored {_sentence(done.backup)}", figures)


async def _restore(
    settings: OperationsSettings, backup_id: str, *, replace: bool, progress: Callable[[str], None]
) -> tuple[backup.Restored, Operation]:
    archive, dsn = _archive(settings), _needed(settings.restore_dsn, "RESTORE_DSN")
    chosen = await (archive.newest() if backup_id == "newest" else archive.find(backup_id))
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(Broker(settings.nats_url))
        done = await backup.restore(
            dsn, Blobs.open(settings), archive, broker, chosen, replace=replace, progress=progress
        )
    return done, Operation(f"restored {_sentence(chosen)}", {"missing": len(done.missing)})


def _archive(settings: OperationsSettings) -> Archive:
    return Archive(
        Blobs.open(settings.backups()),
        recipient=settings.backup_recipient,
        identity=settings.backup_identity,
    )


def _needed(value: SecretStr | None, name: str) -> SecretStr:
    if value is None:
        raise SettingMissing(f"KORRIGO_{name}: is missing; set it or KORRIGO_{name}_FILE")
    return value


def _refuse_old(found: list[Backup], limit: timedelta) -> None:
    if not found:
        raise BackupNotFound("there is no backup to rely on; take one with `korrigoctl backup now`")
    age = datetime.now(UTC) - found[0].taken_at
    if age > limit:
        raise BackupTooOld(
            f"the newest backup is {span(age.total_seconds())} old, more than {span(limit.total_seconds())}; "
            "take one with `korrigoctl backup now`"
        )


def _sentence(taken: Backup) -> str:
    return (
        f"backup {taken.id}: {size(taken.dump_bytes)} dump, {taken.files} files of {size(taken.file_bytes)}"
    )


def _row(taken: Backup) -> tuple[object, ...]:
    encrypted = "yes" if taken.is_encrypted else "no"
    return taken.id, taken.version, size(taken.dump_bytes), taken.files, size(taken.file_bytes), encrypted
