"""Where backups lie: a folder a backup, complete when it has its `backup.json`."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pyrage
from kit.blobs import BlobNotFound, Blobs
from pydantic import SecretStr

from ctl.backup.record import Backup, new_id
from ctl.failure import Failure

_RECORD = "backup.json"
#: What lies unfinished for longer belongs to a backup that was killed.
_UNFINISHED = timedelta(days=1)


class BackupNotFound(Failure):
    """There is no such backup."""


class Archive:
    """
    Backups in a store of their own.

    With *recipient*, an age public key, dumps are encrypted before they leave this machine; with *identity*,
    its private half, they can be read again. Whoever only takes backups needs no key that opens them.
    """

    def __init__(
        self, blobs: Blobs, *, recipient: str | None = None, identity: SecretStr | None = None
    ) -> None:
        self._blobs = blobs
        self._recipient = recipient
        self._identity = identity

    @property
    def is_encrypted(self) -> bool:
        """Tell whether new dumps are encrypted."""
        return self._recipient is not None

    async def all(self) -> list[Backup]:
        """List complete backups, newest first."""
        found = [key async for key, _ in self._blobs.list("backups/") if key.endswith(f"/{_RECORD}")]
        return [Backup.read(await self._blobs.get(key)) for key in sorted(found, reverse=True)]

    async def newest(self) -> Backup:
        """Give the newest complete backup, or refuse with `BackupNotFound`."""
        found = await self.all()
        if not found:
            raise BackupNotFound("there is no backup yet; take one with `korrigoctl backup now`")
        return found[0]

    async def find(self, backup_id: str) -> Backup:
        """Give one backup, or refuse with `BackupNotFound`."""
        try:
            return Backup.read(await self._blobs.get(f"backups/{backup_id}/{_RECORD}"))
        except BlobNotFound as error:
            raise BackupNotFound(f"there is no backup {backup_id}; see `korrigoctl backup ls`") from error

    async def put(self, backup: Backup, dump: Path, manifest: Path) -> None:
        """Keep a backup; its record comes last, so that a crash leaves none that is not whole."""
        await self._blobs.put_file(f"backups/{backup.manifest_key}", manifest)
        await self._blobs.put_file(f"backups/{backup.dump_key}", dump)
        await self._blobs.put(f"backups/{backup.id}/{_RECORD}", backup.to_json())

    def encrypt(self, path: Path) -> Path:
        """Encrypt a dump for the recipient, if there is one; give the file to keep."""
        if self._recipient is None:
            return path
        sealed = path.with_name(f"{path.name}.age")
        pyrage.encrypt_file(str(path), str(sealed), [pyrage.x25519.Recipient.from_str(self._recipient)])
        path.unlink()
        return sealed

    @asynccontextmanager
    async def dump(self, backup: Backup) -> AsyncIterator[Path]:
        """Give a backup's dump as a local file, decrypted, while the context lasts."""
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "database"
            await self._blobs.get_file(f"backups/{backup.dump_key}", path)
            yield self._decrypt(path) if backup.is_encrypted else path

    @asynccontextmanager
    async def manifest(self, backup: Backup) -> AsyncIterator[Path]:
        """Give a backup's list of files as a local file while the context lasts."""
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "files"
            await self._blobs.get_file(f"backups/{backup.manifest_key}", path)
            yield path

    async def prune(self, *, keep: int, now: datetime) -> Sequence[str]:
        """Remove all but the newest *keep*, and what a killed backup left; tell which went."""
        complete = [backup.id for backup in await self.all()]
        kept = set(complete[: max(keep, 1)])
        young = new_id(now - _UNFINISHED)
        keys = [key async for key, _ in self._blobs.list("backups/")]
        ids = {key.split("/")[1] for key in keys}
        gone = {each for each in ids - kept if each in complete or each < young}
        # The record goes first: what is half removed is no backup any more.
        for key in sorted(keys, key=lambda key: not key.endswith(_RECORD)):
            if key.split("/")[1] in gone:
                await self._blobs.delete(key)
        return sorted(gone)

    def _decrypt(self, path: Path) -> Path:
        if self._identity is None:
            raise BackupNotFound("the backup is encrypted; set KORRIGO_BACKUP_IDENTITY to open it")
        opened = path.with_name("opened")
        identity = pyrage.x25519.Identity.from_str(self._identity.get_secret_value().strip())
        pyrage.decrypt_file(str(path), str(opened), [identity])
        path.unlink()
        return opened
