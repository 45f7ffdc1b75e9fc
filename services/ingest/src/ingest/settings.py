"""What ingest is told at its start."""

from __future__ import annotations

from datetime import timedelta

from kit.settings import (
    Address,
    BlobSettings,
    BrokerSettings,
    DatabaseSettings,
    IdentitySettings,
    PeerSettings,
    RpcSettings,
    Settings,
)
from pydantic import Field


class IngestSettings(
    DatabaseSettings, BrokerSettings, BlobSettings, IdentitySettings, RpcSettings, PeerSettings, Settings
):
    """Settings of `python -m ingest`."""

    service: str = "ingest"
    #: host:port of grading, which knows the results.
    grading_address: Address
    #: How long work may be in coming before it is ordered again.
    work_minutes: int = Field(default=15, ge=1, le=24 * 60)
    #: How long a file must have been named by nothing before it is removed.
    orphan_hours: int = Field(default=24, ge=1, le=24 * 30)
    #: The same of a chunk: longer than the gateway lets an upload rest.
    chunk_hours: int = Field(default=24 * 7, ge=1, le=24 * 60)

    @property
    def work_patience(self) -> timedelta:
        """Give the wait for work."""
        return timedelta(minutes=self.work_minutes)

    @property
    def orphan_age(self) -> timedelta:
        """Give the age of a file that may go."""
        return timedelta(hours=self.orphan_hours)

    @property
    def upload_age(self) -> timedelta:
        """Give the age of a chunk that may go."""
        return timedelta(hours=self.chunk_hours)
