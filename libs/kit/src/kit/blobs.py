"""Files by key, in a directory or a bucket: whole or not there, never half."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, S3Store
from prometheus_client import Gauge

from kit import errors
from kit.settings import BlobSettings

if TYPE_CHECKING:
    from obstore.store import S3Config  # there for type checkers only

#: Of a multipart upload; times the concurrency it bounds the memory of a writer.
_PART = 8 * 1024 * 1024
_CONCURRENCY = 3
_PROBE = "probe/none"

_QUOTA = Gauge("korrigo_blobs_quota_bytes", "What the store gives, if the settings say so.")


class BlobNotFound(errors.NotFound):
    """There is no such file."""


class StoreUnavailable(errors.Unavailable):
    """The file store does not answer; try again in a moment."""


class Writer:
    """A file in the making: it appears under its key when its context ends well, and not before."""

    def __init__(self) -> None:
        self._chunks: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=1)
        self._upload: asyncio.Task[object] | None = None
        self._is_given_up = False

    async def write(self, chunk: bytes) -> None:
        """Append a chunk; waits while the store is slower than the caller."""
        if chunk:
            await self._put(chunk)

    async def _put(self, chunk: bytes | None) -> None:
        assert self._upload
        put = asyncio.create_task(self._chunks.put(chunk))
        await asyncio.wait([put, self._upload], return_when=asyncio.FIRST_COMPLETED)
        if not put.done():
            put.cancel()
            await self._upload

    async def _sent(self) -> AsyncIterator[bytes]:
        while (chunk := await self._chunks.get()) is not None:
            yield chunk
        if self._is_given_up:
            raise asyncio.CancelledError  # the store then forgets the parts

    async def _finish(self) -> None:
        assert self._upload
        await self._put(None)
        await self._upload

    async def _give_up(self) -> None:
        assert self._upload
        self._is_given_up = True
        if not self._upload.done():
            await self._put(None)
        await asyncio.gather(self._upload, return_exceptions=True)


class Blobs:
    """The file store of a service. Keys are paths like `scans/<sha256>.pdf`."""

    def __init__(self, store: LocalStore | S3Store, root: Path | None = None) -> None:
        self._store = store
        self._root = root

    @classmethod
    def open(cls, settings: BlobSettings) -> Self:
        """Open the directory or bucket that the settings name."""
        url = urlsplit(settings.blobs_url)
        if settings.blobs_quota_bytes:
            _QUOTA.set(settings.blobs_quota_bytes)
        if url.scheme == "file":
            root = Path(unquote(url.path))
            return cls(LocalStore(root, mkdir=True), root)
        return cls(_bucket(url.netloc, url.path.strip("/"), settings))

    async def ping(self) -> None:
        """Refuse with `StoreUnavailable` unless the store answers."""
        await self.exists(_PROBE)

    async def put(self, key: str, data: bytes) -> None:
        """Write a file, replacing an older one."""
        with self._translated(key):
            await obstore.put_async(self._store, key, data)

    async def put_new(self, key: str, data: bytes) -> bool:
        """Write a file unless there is one; tell whether it was written."""
        try:
            with self._translated(key):
                await obstore.put_async(self._store, key, data, mode="create", use_multipart=False)
        except AlreadyExistsError:
            return False
        return True

    async def put_file(self, key: str, path: Path) -> None:
        """Write a file from the local disk, in bounded memory."""
        with self._translated(key):
            await obstore.put_async(self._store, key, path, chunk_size=_PART, max_concurrency=_CONCURRENCY)

    @asynccontextmanager
    async def writer(self, key: str) -> AsyncIterator[Writer]:
        """Write a file chunk by chunk, in bounded memory; a failure in the context leaves nothing behind."""
        writer = Writer()
        sent = writer._sent()
        put = obstore.put_async(self._store, key, sent, chunk_size=_PART, max_concurrency=_CONCURRENCY)
        writer._upload = asyncio.ensure_future(put)
        with self._translated(key):
            try:
                yield writer
            except BaseException:
                await writer._give_up()
                raise
            await writer._finish()

    async def get(self, key: str) -> bytes:
        """Read a whole file."""
        with self._translated(key):
            found = await obstore.get_async(self._store, key)
            return bytes(await found.bytes_async())

    async def get_file(self, key: str, path: Path) -> None:
        """Copy a file to the local disk, where it appears whole."""
        part = path.with_name(f"{path.name}.{uuid4().hex}.part")
        try:
            await self._fetch(key, part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    async def _fetch(self, key: str, path: Path) -> None:
        if self._root:  # the kernel copies at a sixth of the cost
            with self._translated(key):
                await asyncio.to_thread(shutil.copyfile, self._root / key, path)
            return
        with path.open("wb") as file:
            async for chunk in self.stream(key):
                await asyncio.to_thread(file.write, chunk)

    async def stream(
        self, key: str, start: int | None = None, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """Read a file, or its bytes from *start* up to before *end*, chunk by chunk."""
        last = await self.size(key) if end is None else end
        with self._translated(key):
            for first in range(start or 0, last, _PART):
                # One range a call: the store's own streams come in crumbs, at twenty times the cost.
                part = await obstore.get_range_async(
                    self._store, key, start=first, end=min(first + _PART, last)
                )
                yield bytes(part)

    async def size(self, key: str) -> int:
        """Tell how many bytes a file has."""
        with self._translated(key):
            return (await obstore.head_async(self._store, key))["size"]

    async def exists(self, key: str) -> bool:
        """Tell whether there is such a file."""
        try:
            await self.size(key)
        except BlobNotFound:
            return False
        return True

    async def delete(self, key: str) -> None:
        """Remove a file; one that is not there is success."""
        try:
            with self._translated(key):
                await obstore.delete_async(self._store, key)
        except BlobNotFound:
            return

    async def list(self, prefix: str) -> AsyncIterator[tuple[str, int]]:
        """Go through the keys and sizes below a prefix that ends at a slash."""
        with self._translated(prefix):
            async for batch in obstore.list(self._store, prefix.rstrip("/") or None):
                for entry in batch:
                    yield entry["path"], entry["size"]

    async def rename(self, source: str, target: str) -> None:
        """Move a file, replacing an older one."""
        with self._translated(source):
            await obstore.rename_async(self._store, source, target)

    @contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        """Raise absence as `BlobNotFound` and whatever else the store says as `StoreUnavailable`."""
        try:
            yield
        except FileNotFoundError as error:
            if self._root and not self._root.is_dir():
                raise StoreUnavailable(retry_after="5") from error
            raise BlobNotFound(key=key) from error
        except AlreadyExistsError:
            raise
        except (BaseError, OSError) as error:
            raise StoreUnavailable(retry_after="5") from error


def _bucket(name: str, folder: str, settings: BlobSettings) -> S3Store:
    region = settings.s3_region or "us-east-1"
    config: S3Config = {"region": region, "virtual_hosted_style_request": False}
    if settings.s3_endpoint:
        config["endpoint"] = settings.s3_endpoint
    if settings.s3_access_key and settings.s3_secret_key:
        config["access_key_id"] = settings.s3_access_key
        config["secret_access_key"] = settings.s3_secret_key.get_secret_value()
    is_plain = (settings.s3_endpoint or "").startswith("http://")
    return S3Store(
        name,
        prefix=folder or None,
        config=config,
        client_options={
            "allow_http": is_plain,
            "connect_timeout": timedelta(seconds=5),
            "timeout": timedelta(minutes=5),
            "read_timeout": timedelta(seconds=20),
        },
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=15)},
    )
