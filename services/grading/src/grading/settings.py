"""What grading is told at its start."""

from datetime import timedelta

from kit.settings import (
    BlobSettings,
    BrokerSettings,
    DatabaseSettings,
    IdentitySettings,
    RpcSettings,
    Settings,
)
from pydantic import Field


class GradingSettings(
    DatabaseSettings, BrokerSettings, BlobSettings, IdentitySettings, RpcSettings, Settings
):
    """Settings of `python -m grading`."""

    service: str = "grading"
    #: How long a marker may pause before another can write; longer than a coffee.
    lease_minutes: int = Field(default=30, ge=1, le=24 * 60)
    #: How long a result's PDF may be in coming before it is ordered again.
    stamp_minutes: int = Field(default=15, ge=1, le=24 * 60)

    @property
    def lease_length(self) -> timedelta:
        """Give the length of a lease."""
        return timedelta(minutes=self.lease_minutes)

    @property
    def stamp_patience(self) -> timedelta:
        """Give the wait for a PDF."""
        return timedelta(minutes=self.stamp_minutes)
