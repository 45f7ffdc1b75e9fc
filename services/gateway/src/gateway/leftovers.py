"""Forgets uploads that somebody began and left: their rows, and what had arrived of them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from kit import telemetry
from kit.blobs import Blobs
from kit.db import Conflict, Database
from kit.errors import Unavailable

from gateway.settings import GatewaySettings
from gateway.store import Upload, Uploads

EVERY = 3600.0
AT_ONCE = 100

log = telemetry.get_logger()


class Leftovers:
    """Looks for them every hour; several may run side by side."""

    def __init__(self, database: Database, blobs: Blobs, age: timedelta) -> None:
        self._database = database
        self._blobs = blobs
        self._age = age

    async def loop(self, stopping: asyncio.Event) -> None:
        """Forget what is left until told to stop; sit out outages."""
        while not stopping.is_set():
            try:
                while await self.forget() == AT_ONCE:
                    continue
            except (Unavailable, Conflict) as outage:
                log.warning("leftovers_wait", reason=outage.reason)
            await _pause(stopping)

    async def forget(self) -> int:
        """Forget some; tells how many. Files of one that a crash leaves behind are for ingest to sweep."""
        async with self._database.transaction() as session:
            left = await Uploads(session).remove_left(self._age, AT_ONCE)
        for upload in left:
            if not upload.is_complete:
                await drop(self._blobs, upload)
                log.info("upload_forgotten", upload_id=str(upload.id))
        return len(left)


async def drop(blobs: Blobs, upload: Upload) -> None:
    """Remove what has arrived of a file."""
    for number in range(upload.chunks(GatewaySettings.CHUNK_BYTES)):
        await blobs.delete(f"{upload.prefix}/{number}")


async def _pause(stopping: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(EVERY):
            await stopping.wait()
    except TimeoutError:
        return
