"""What the rasterizer is told at its start."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from kit.settings import BlobSettings, BrokerSettings, Settings
from pydantic import Field


def _cores() -> int:
    return len(os.sched_getaffinity(0))


class RasterizerSettings(BrokerSettings, BlobSettings, Settings):
    """Settings of `python -m rasterizer consume`."""

    service: str = "rasterizer"
    #: Slices rendered at once; by default one a core.
    slots: int = Field(default_factory=_cores, ge=1, le=64)
    #: Where scans are kept while they are worked on.
    scratch: Path = Field(default_factory=lambda: Path(tempfile.gettempdir()) / "korrigo-rasterizer")
    #: Scans kept at hand; the least recently used go first.
    scratch_bytes: int = Field(4 * 1024**3, ge=64 * 1024**2)
    max_sides: int = Field(5000, ge=1)
