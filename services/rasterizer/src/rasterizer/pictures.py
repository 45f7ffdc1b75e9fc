"""Take the picture of one side, upright, as cheaply as its content allows.

* `copy`: one JPEG covers the side, upright: its own bytes are the image.
* `scale`: the same, but turned or cut in two: decoded in the JPEG domain near 200 dpi, turned, encoded again.
* `bilevel`: one 1-bit image covers the side: its pixels at their own resolution.
* `render`: anything else.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from math import prod

import numpy as np
import pymupdf
from numpy.typing import NDArray

from rasterizer import images
from rasterizer.detect import covering_image
from rasterizer.documents import forget_decoded, raw_stream
from rasterizer.painted import areas_of_images
from rasterizer.placement import Placement
from rasterizer.refusals import FailureReason, SideFailed
from rasterizer.sides import Side

MAX_IMAGE_PIXELS = 75_000_000
MAX_RENDERED_PIXELS = 16_000_000

# MuPDF decodes a 300 dpi JPEG at half size only below half scale: 149 costs a third of 150.
_RENDER_DPI = 149
_TURNED_DPI = 200
_PREVIEW_DPI = 150
_PREVIEW_ABOVE_DPI = 225
_PREVIEW_ABOVE_BYTES = 600_000
_MIDDLE_GREY = 127
#: A side with no image of this many pixels is drawn, not scanned: it is kept without loss.
_SCANNED_PIXELS = 500_000
_SIDES_WITH_ONE_STORE = 16
#: MuPDF goes on after these and leaves a part of the side white.
_LOSSES = re.compile(
    "premature end|padding truncated image|ignoring zlib error|(openjpeg|jbig2dec) error"
    "|syntax error: (?!unknown keyword)"
)


class Method(StrEnum):
    """Say how a picture was taken."""

    COPY = "copy"
    SCALE = "scale"
    RENDER = "render"
    BILEVEL = "bilevel"


@dataclass(frozen=True)
class Picture:
    """Hold a side upright: encoded where its bytes can stay, as pixels otherwise."""

    method: Method
    #: Small enough for a cheap thumbnail of each face.
    small: NDArray[np.uint8]
    size: tuple[int, int]
    encoded: bytes | None = None
    pixels: images.Array | None = None
    preview: bytes | None = None
    is_lossless: bool = False


def take(side: Side, *, in_two: bool = False) -> Picture:
    """Take the picture of a side; `in_two` says that it will be cut into two faces."""
    edge = images.THUMBNAIL_EDGE * (2 if in_two else 1)
    placement = covering_image(side)
    if placement is None:
        return _rendered(side, edge)
    _guard_pixels(placement.width * placement.height)
    jpeg = _jpeg(side.document, placement)
    if jpeg:
        return _turned(side, jpeg, edge) if side.rotation or in_two else _copied(side, jpeg)
    return _bilevel(side, placement, edge) if placement.bits == 1 else _rendered(side, edge)


def _jpeg(document: pymupdf.Document, placement: Placement) -> bytes | None:
    """Read the JPEG as it is stored, if it is one and the one that the PDF describes."""
    if "DCTDecode" not in placement.filters:
        return None
    raw = raw_stream(document, placement.xref)
    data = images.jpeg_of_stream(raw, placement.filters)
    header = images.jpeg_header(data) if data else None
    if not data or header != (placement.width, placement.height, placement.space):
        return None
    return images.without_metadata(data) if images.is_for_browsers(data) else None


def _copied(side: Side, data: bytes) -> Picture:
    header = images.plain_header(data)
    if not wants_preview(len(data), header.width / side.size[0] * 72):
        small = images.decode_jpeg(data, header.space, long_edge=images.THUMBNAIL_EDGE)
        return Picture(Method.COPY, small, (header.width, header.height), encoded=data)
    scaled = images.decode_jpeg(data, header.space, long_edge=preview_edge(max(side.size)))
    preview = images.encode_jpeg(scaled)
    small = images.decode_jpeg(preview, header.space, long_edge=images.THUMBNAIL_EDGE)
    return Picture(Method.COPY, small, (header.width, header.height), encoded=data, preview=preview)


def wants_preview(size: int, dpi: float) -> bool:
    """Tell whether an image is too heavy to be shown first."""
    return dpi >= _PREVIEW_ABOVE_DPI and size > _PREVIEW_ABOVE_BYTES


def _turned(side: Side, data: bytes, edge: int) -> Picture:
    space = images.plain_header(data).space
    decoded = images.decode_jpeg(data, space, long_edge=_edge(max(side.size), _TURNED_DPI))
    pixels = images.turned(decoded, side.rotation)
    small = images.shrunk(images.pixmap_of(pixels), edge)
    return Picture(Method.SCALE, small, images.size(pixels), pixels=pixels)


def _bilevel(side: Side, placement: Placement, edge: int) -> Picture:
    with _nothing_lost():
        pixmap = pymupdf.Pixmap(side.document, placement.xref)
    if pixmap.n != 1:
        return _rendered(side, edge)
    pixels = images.turned(images.array_of(pixmap) > _MIDDLE_GREY, side.rotation)
    small = images.turned(images.shrunk(pixmap, edge), side.rotation)
    return Picture(Method.BILEVEL, small, images.size(pixels), pixels=pixels, is_lossless=True)


def _rendered(side: Side, edge: int) -> Picture:
    areas = areas_of_images(side)
    _guard_pixels(sum(areas))
    scale = min(_RENDER_DPI / 72, (MAX_RENDERED_PIXELS / prod(side.size)) ** 0.5)
    # Fonts are worth keeping for the next side: loading them again takes longer than drawing a page of text.
    with _nothing_lost(forgets=bool(areas) or side.number % _SIDES_WITH_ONE_STORE == 0):
        pixmap = side.page().get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False)
    pixels = images.array_of(pixmap)
    is_drawn = max(areas, default=0) < _SCANNED_PIXELS
    small = images.shrunk(pixmap, edge)
    return Picture(Method.RENDER, small, images.size(pixels), pixels=pixels, is_lossless=is_drawn)


def preview_edge(long_edge_pt: float) -> int:
    """Give the pixels of the long edge of a preview."""
    return _edge(long_edge_pt, _PREVIEW_DPI)


def _edge(long_edge_pt: float, dpi: int) -> int:
    # A scan is a pixel or two smaller than its page says: the slack keeps 4/8 from becoming 5/8.
    return int(long_edge_pt * dpi / 72) - 4


def _guard_pixels(pixels: int) -> None:
    if pixels > MAX_IMAGE_PIXELS:
        raise SideFailed(FailureReason.TOO_MANY_PIXELS, f"the images of this side have {pixels} pixels")


@contextmanager
def _nothing_lost(*, forgets: bool = True) -> Iterator[None]:
    """Fail when MuPDF only warns that a part of an image or stream is missing; leave nothing decoded."""
    pymupdf.TOOLS.reset_mupdf_warnings()
    try:
        yield
    finally:
        if forgets:
            forget_decoded()
    warnings = pymupdf.TOOLS.mupdf_warnings()
    if _LOSSES.search(warnings):
        raise images.DamagedImageError(warnings.splitlines()[0])
