"""Ids that say nothing."""

from __future__ import annotations

from uuid import uuid4


def new_id() -> str:
    """Make a random id."""
    return str(uuid4())
