"""What a backup says of itself."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Self

import orjson

STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Backup:
    """One complete backup, described by `backup.json`, which is written last."""

    #: When it began, as in `20260131T020000Z`; names sort by time.
    id: str
    version: str
    #: The revision that each schema was at.
    revisions: dict[str, str]
    dump_bytes: int
    dump_sha256: str
    files: int
    file_bytes: int
    #: Files that were listed but not read before: the hashes of the others are from earlier backups.
    files_hashed: int
    is_encrypted: bool
    seconds: float

    @property
    def taken_at(self) -> datetime:
        """Tell when it began, in UTC."""
        return datetime.strptime(self.id, STAMP).replace(tzinfo=UTC)

    @property
    def dump_key(self) -> str:
        """Name the dump in the archive."""
        return f"{self.id}/database.dump" + (".age" if self.is_encrypted else "")

    @property
    def manifest_key(self) -> str:
        """Name the list of files in the archive."""
        return manifest_key(self.id)

    def to_json(self) -> bytes:
        """Write it as `backup.json`."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2)

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read a `backup.json`."""
        return cls(**orjson.loads(data))


def new_id(now: datetime) -> str:
    """Name a backup that begins now."""
    return now.astimezone(UTC).strftime(STAMP)


def manifest_key(backup_id: str) -> str:
    """Name a backup's list of files in the archive."""
    return f"{backup_id}/files.jsonl.gz"
