"""The list of files that belong to a backup, with their sizes and hashes."""

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
from kit.blobs import Blobs

#: Folders whose files rows name. Chunks of uploads are left out: the browser sends them again.
FOLDERS = ("scans/", "pages/", "copies/", "frozen/", "results/", "exports/")


@dataclass(frozen=True)
class File:
    """A file of the store as it was."""

    key: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Total:
    """What a list holds."""

    files: int = 0
    bytes: int = 0
    hashed: int = 0


async def write(blobs: Blobs, path: Path, *, known: dict[str, File]) -> Total:
    """
    List every file to *path*; read only those that no earlier list knows.

    A file never changes under its key, so that an earlier hash of the same size stands.
    """
    files = size = hashed = 0
    with gzip.open(path, "wb", compresslevel=3) as out:
        for folder in FOLDERS:
            async for key, length in blobs.list(folder):
                file = known.get(key)
                if file is None or file.bytes != length:
                    file = File(key, length, await sha256(blobs, key))
                    hashed += 1
                out.write(orjson.dumps(file) + b"\n")
                files, size = files + 1, size + length
    return Total(files, size, hashed)


def read(path: Path) -> Iterator[File]:
    """Go through a list."""
    with gzip.open(path, "rb") as lines:
        for line in lines:
            yield File(**orjson.loads(line))


async def sha256(blobs: Blobs, key: str) -> str:
    """Hash a file in bounded memory."""
    digest = hashlib.sha256()
    async for chunk in blobs.stream(key):
        digest.update(chunk)
    return digest.hexdigest()
