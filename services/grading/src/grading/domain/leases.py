"""A lease: a marker's exclusive, expiring right to write on a part of a copy."""

from dataclasses import dataclass
from datetime import datetime

from kit.errors import FailedPrecondition


class LeaseHeld(FailedPrecondition):
    """Somebody else writes on this copy now."""


class LeaseLost(FailedPrecondition):
    """The right to write on this copy is no longer yours."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A right to write; only the database's clock says whether it is current."""

    id: str
    marker_id: str
    expires_at: datetime
    is_current: bool

    def is_held_against(self, marker_id: str) -> bool:
        """Tell whether another marker holds it now."""
        return self.is_current and self.marker_id != marker_id


def id_for(marker_id: str, lease: Lease | None, *, new_id: str) -> str:
    """Name the lease that a marker gets: the owner takes up the same again, anyone else a free one."""
    if lease is None:
        return new_id
    if lease.is_held_against(marker_id):
        raise LeaseHeld
    return lease.id if lease.marker_id == marker_id else new_id
