"""What preparing a copy orders, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.domain.batch import Crop
from ingest.domain.zones import Area


@dataclass(frozen=True, slots=True)
class Source:
    """What is behind a page: its scan, its own images, its place on paper."""

    sha256: str
    scan_key: str
    image_key: str
    thumbnail_key: str
    #: Which page of its copy it is on paper, from 1.
    position: int


@dataclass(frozen=True, slots=True)
class ExtractPage:
    """One page to extract."""

    page_id: str
    source: Source
    side: int
    crop: Crop
    rotation: int
    areas: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class ExtractCopy:
    """Work: make a copy's PDF and its redacted images."""

    copy_id: str
    exam_id: str
    pages_version: int
    pdf_key: str
    pages: tuple[ExtractPage, ...]


@dataclass(frozen=True, slots=True)
class ExtractedPage:
    """What the rasterizer made of a page; the files may be shown to markers."""

    page_id: str
    image_key: str
    thumbnail_key: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ReadyPage:
    """A page as grading and its markers may know it."""

    page_id: str
    image: str
    thumbnail: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class CopyReady:
    """A copy is redacted and extracted, ready to be opened for marking."""

    copy_id: str
    exam_id: str
    pages_version: int
    pdf_key: str
    pages: tuple[ReadyPage, ...]
