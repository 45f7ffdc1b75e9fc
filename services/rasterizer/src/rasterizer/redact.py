"""Paint identity zones out of the image of a page, in the pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rasterizer import images
from rasterizer.pictures import preview_edge, wants_preview

_GREY = 128
#: Decoders smooth colour over block borders by a pixel or two.
_BLEED = 2


class Zone(NamedTuple):
    """Describe a rectangle in fractions of the displayed page, origin top left."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Rendition:
    """Describe the image of a page as a marker may see it."""

    image: Path
    thumbnail: Path
    preview: Path | None
    width: int
    height: int


def redact(
    image: Path, zones: Sequence[Zone], stem: Path, *, height_pt: float, rotation: int = 0
) -> Rendition:
    """Turn the image of a face clockwise, paint the zones out and write it without any metadata.

    `height_pt` is the height of the face before this rotation.
    """
    original = images.decode(image.read_bytes())
    dpi = original.shape[0] / height_pt * 72
    pixels = _painted(images.turned(original, rotation), zones)
    encoded, ending = _encoded(pixels, is_jpeg=image.suffix == ".jpg")
    width, height = images.size(pixels)
    small = _painted(images.thumbnail(pixels), zones)
    preview = None
    if ending == ".jpg" and wants_preview(len(encoded), dpi):
        preview = images.write(stem, "-preview.jpg", _preview(encoded, zones, max(width, height) / dpi * 72))
    return Rendition(
        image=images.write(stem, ending, encoded),
        thumbnail=images.write(stem, "-thumbnail.jpg", images.encode_thumbnail(small)),
        preview=preview,
        width=width,
        height=height,
    )


def _encoded(pixels: images.Array, *, is_jpeg: bool) -> tuple[bytes, str]:
    return (images.encode_jpeg(pixels), ".jpg") if is_jpeg else (images.encode_png(pixels), ".png")


def _preview(encoded: bytes, zones: Sequence[Zone], long_edge_pt: float) -> bytes:
    space = images.plain_header(encoded).space
    scaled = images.decode_jpeg(encoded, space, long_edge=preview_edge(long_edge_pt))
    return images.encode_jpeg(_painted(scaled, zones))


def _painted(pixels: images.AnyArray, zones: Sequence[Zone]) -> images.AnyArray:
    """Fill each zone with one value: grey, or black where there is no grey."""
    painted = pixels.copy()
    height, width = pixels.shape[:2]
    for zone in zones:
        columns = _blocks(zone.x * width, (zone.x + zone.width) * width)
        rows = _blocks(zone.y * height, (zone.y + zone.height) * height)
        painted[rows, columns] = False if painted.dtype == np.bool_ else _GREY
    return painted


def _blocks(start: float, end: float) -> slice:
    """Widen to whole JPEG blocks: a block that is partly painted would ring into the zone."""
    first = floor((start - _BLEED) / images.MCU) * images.MCU
    last = ceil((end + _BLEED) / images.MCU) * images.MCU
    return slice(max(0, first), max(0, last))
