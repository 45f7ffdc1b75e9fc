"""The scans that a worker keeps at hand, so that each is fetched once and not once a slice."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from kit.blobs import Blobs

#: Is told of a file by its key, and whether it is well again.
Report = Callable[[str, bool], Awaitable[None]]


class FileDamaged(Exception):  # noqa: N818 -- an answer, not an error
    """The store holds something else than was sealed under this hash; nothing may be made of it."""


@dataclass
class _Kept:
    """A file at hand, or on its way; in use it does not go."""

    path: Path
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
    bytes: int = 0


class Scans:
    """
    Files of the store on the local disk, least recently used out first.

    Each is compared with the hash in its name; what is something else is reported and raises `FileDamaged`.
    """

    def __init__(self, blobs: Blobs, directory: Path, most_bytes: int, report: Report) -> None:
        self._blobs = blobs
        self._report = report
        self._damaged: set[str] = set()
        self._directory = directory
        self._most = most_bytes
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    @asynccontextmanager
    async def at_hand(self, key: str) -> AsyncIterator[Path]:
        """A local copy of the file under *key*, for reading, while the context lasts."""
        kept = self._kept.setdefault(key, _Kept(self._directory / _name(key)))
        self._kept.move_to_end(key)
        kept.users += 1
        try:
            async with kept.lock:
                await self._fetch(key, kept)
            yield kept.path
        finally:
            kept.users -= 1
            self._make_room()

    async def _fetch(self, key: str, kept: _Kept) -> None:
        if kept.bytes:
            return
        self._directory.mkdir(parents=True, exist_ok=True)
        await self._blobs.get_file(key, kept.path)
        await self._compare(key, kept.path)
        kept.bytes = kept.path.stat().st_size

    async def _compare(self, key: str, path: Path) -> None:
        is_well = await asyncio.to_thread(_sha256, path) == PurePosixPath(key).stem
        if is_well and key not in self._damaged:
            return
        await self._report(key, is_well)
        if not is_well:
            self._damaged.add(key)
            path.unlink()
            raise FileDamaged(key)
        self._damaged.discard(key)

    def _make_room(self) -> None:
        total = sum(kept.bytes for kept in self._kept.values())
        for key, kept in list(self._kept.items()):
            if total <= self._most:
                return
            if not kept.users:
                kept.path.unlink(missing_ok=True)
                total -= kept.bytes
                del self._kept[key]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest() + ".pdf"
