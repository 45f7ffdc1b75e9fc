"""A page: one A4 face in reading order, and the images made of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ingest.domain.batch import Crop


class Place(StrEnum):
    """Where a page is; always exactly one of these."""

    ON_COPY = "on_copy"
    SET_ASIDE = "set_aside"
    WAITING = "waiting"


@dataclass(slots=True)
class Page:
    """One A4 face with a stable id."""

    id: str
    exam_id: str
    scan_id: str
    side: int
    crop: Crop
    #: Position in the reading order of its scan.
    rank: int
    is_blank: bool
    width: int
    height: int
    rotation: int = 0
    copy_id: str | None = None
    #: 1-based, on its copy.
    position: int | None = None
    set_aside_reason: str | None = None
    #: Keys of the images that the office sees.
    image: str = ""
    thumbnail: str = ""
    preview: str = ""

    @property
    def place(self) -> Place:
        if self.copy_id:
            return Place.ON_COPY
        return Place.SET_ASIDE if self.set_aside_reason else Place.WAITING

    def put(self, copy_id: str, position: int) -> None:
        """Put the page on a copy."""
        self.copy_id, self.position, self.set_aside_reason = copy_id, position, None

    def set_aside(self, reason: str) -> None:
        """Take the page off with a reason."""
        self.copy_id, self.position, self.set_aside_reason = None, None, reason


@dataclass(frozen=True, slots=True)
class Rendition:
    """One image of a page under the random key that browsers know."""

    key: str
    page_id: str
    kind: str
    blob_key: str
    is_redacted: bool = False

    @classmethod
    def of(
        cls, page_id: str, kind: str, blob_key: str, new_id: Callable[[], str], *, is_redacted: bool = False
    ) -> Rendition:
        """Name a file by a fresh key that says nothing."""
        return cls(new_id().replace("-", ""), page_id, kind, blob_key, is_redacted)

    @property
    def media_type(self) -> str:
        return "image/png" if self.blob_key.endswith(".png") else "image/jpeg"


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a rendition key means, for whoever decides who may see it."""

    exam_id: str
    copy_id: str
    is_redacted: bool
    blob_key: str
    media_type: str
