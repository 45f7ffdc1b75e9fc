"""Uploads: files on their way in, piece by piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.refusals import RequestIdReused
from gateway.store.tables import upload_chunks, uploads


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that arrives in chunks of a fixed size; the last one may be shorter."""

    id: UUID
    account_id: UUID
    exam_id: UUID
    batch_id: UUID
    file_name: str
    bytes: int
    is_complete: bool = False
    #: A refused scan that this file takes the place of.
    replaces: UUID | None = None

    def chunks(self, size: int) -> int:
        """How many chunks of *size* bytes there are."""
        return -(-self.bytes // size)

    def chunk_size(self, number: int, size: int) -> int:
        """Bytes of chunk *number*; 0 when there is no such chunk."""
        return max(0, min(size, self.bytes - number * size)) if number >= 0 else 0

    @property
    def prefix(self) -> str:
        return f"uploads/{self.id}"


class Uploads:
    """Reads and writes uploads in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def ensure(self, upload: Upload) -> Upload:
        """Open an upload; the same again gives the first one, another one under its id is refused."""
        values = {name: getattr(upload, name) for name in Upload.__dataclass_fields__}
        await self._session.execute(insert(uploads).values(**values).on_conflict_do_nothing())
        found = await self.get(upload.id, upload.account_id)
        if found is None or replace(found, is_complete=upload.is_complete) != upload:
            raise RequestIdReused
        return found

    async def get(self, upload_id: UUID, account_id: UUID, *, is_locked: bool = False) -> Upload | None:
        """An upload of an account; locked, nobody else changes it before the transaction ends."""
        own = select(uploads).where(uploads.c.id == upload_id, uploads.c.account_id == account_id)
        row = (await self._session.execute(own.with_for_update() if is_locked else own)).first()
        return _upload(row) if row else None

    async def received(self, upload_id: UUID) -> Sequence[int]:
        """Numbers of the chunks that are stored, ascending."""
        query = select(upload_chunks.c.number).where(upload_chunks.c.upload_id == upload_id)
        return list(await self._session.scalars(query.order_by(upload_chunks.c.number)))

    async def receive(self, upload_id: UUID, number: int) -> bool:
        """Note a chunk that is stored; False when the upload was cancelled meanwhile."""
        if not await self._touch(upload_id):
            return False
        values = {"upload_id": upload_id, "number": number}
        await self._session.execute(insert(upload_chunks).values(**values).on_conflict_do_nothing())
        return True

    async def complete(self, upload_id: UUID, *, is_complete: bool = True) -> None:
        """Say that a file is handed over, or, when it was refused, that it is not."""
        await self._touch(upload_id, is_complete=is_complete)

    async def remove(self, upload_id: UUID) -> None:
        await self._session.execute(delete(uploads).where(uploads.c.id == upload_id))

    async def remove_left(self, age: timedelta, most: int) -> Sequence[Upload]:
        """Forget uploads of which nothing came for long; those that are at work right now are passed over."""
        old = select(uploads.c.id).where(uploads.c.touched_at < func.now() - age)
        oldest = old.order_by(uploads.c.touched_at).limit(most).with_for_update(skip_locked=True)
        gone = delete(uploads).where(uploads.c.id.in_(oldest.scalar_subquery())).returning(uploads)
        return [_upload(row) for row in await self._session.execute(gone)]

    async def _touch(self, upload_id: UUID, **values: object) -> bool:
        touched = update(uploads).where(uploads.c.id == upload_id).values(**values, touched_at=func.now())
        return (await self._session.execute(touched.returning(uploads.c.id))).first() is not None


def _upload(row: Row[Any]) -> Upload:
    return Upload(**{name: getattr(row, name) for name in Upload.__dataclass_fields__})
