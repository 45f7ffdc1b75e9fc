"""Why somebody decided something, in their words."""

from __future__ import annotations

from ingest.domain.refusals import ReasonMissing


def checked_reason(reason: str) -> str:
    """Check that a decision says why."""
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()
