"""Read and write JPEG and PNG; an image in memory is a numpy array, upright, bool for 1-bit."""

import re
import struct
import zlib
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar, cast

import numpy as np
import pymupdf
import simplejpeg
from isal import isal_zlib
from numpy.typing import NDArray

Array = NDArray[np.uint8] | NDArray[np.bool_]
AnyArray = TypeVar("AnyArray", NDArray[np.uint8], NDArray[np.bool_], Array)

THUMBNAIL_EDGE = 256
MCU = 16

_QUALITY = 80
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_THUMBNAIL_QUALITY = 75
#: JFIF and Adobe (E0, EE) say how to decode.
_METADATA = frozenset({0xFE, *range(0xE1, 0xEE), 0xEF})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN, _END = 0xDA, 0xD9
_HUFFMAN_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_MAX_SCANS = 100
#: Ends the coded picture of a scan: in it, FF is followed by zero or says where decoding can start anew.
_NEXT = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_PICTURE = 0x00
#: A JPEG that deflates to half its size is mostly something else.
_MOST_UNPACKED = 2


class DamagedImageError(Exception):
    """The image data cannot be decoded completely."""


class JpegHeader(NamedTuple):
    """Say what a JPEG holds without decoding it."""

    width: int
    height: int
    space: Literal["RGB", "GRAY"]


def jpeg_header(data: bytes) -> JpegHeader | None:
    """Read the header, or None if the image is not plain grey or colour (CMYK must be rendered)."""
    try:
        height, width, space, _ = simplejpeg.decode_jpeg_header(data)
    except ValueError:
        return None
    match space:
        case "YCbCr":
            return JpegHeader(width, height, "RGB")
        case "Gray":
            return JpegHeader(width, height, "GRAY")
        case _:
            return None


def plain_header(data: bytes) -> JpegHeader:
    """Read the header of an image that is known to be plain."""
    header = jpeg_header(data)
    if header is None:
        raise DamagedImageError("not a plain JPEG")
    return header


def size(pixels: Array) -> tuple[int, int]:
    """Give width and height."""
    return pixels.shape[1], pixels.shape[0]


def is_for_browsers(data: bytes) -> bool:
    """Tell whether a browser shows this JPEG: arithmetic coding and the like are for other programs."""
    before = takewhile(lambda marker: marker != _SCAN, (marker for marker, _ in _segments(data)))
    frames = [marker for marker in before if marker in _FRAMES]
    return len(frames) == 1 and frames[0] in _HUFFMAN_FRAMES


def without_metadata(data: bytes) -> bytes:
    """Drop what follows the picture, and EXIF, comments and profiles, which browsers alone obey."""
    segments = list(_segments(data))
    if sum(marker == _SCAN for marker, _ in segments) > _MAX_SCANS:
        raise DamagedImageError("a JPEG with too many scans")
    kept = [slice(0, 2), *(segment for marker, segment in segments if marker not in _METADATA)]
    length = sum(segment.stop - segment.start for segment in kept)
    return data if length == len(data) else b"".join(data[segment] for segment in kept)


def _segments(data: bytes) -> Iterator[tuple[int, slice]]:
    """Find each marker and coded picture to the end, over fill bytes and what else may lie between."""
    position = data.find(b"\xff", 2)
    while 0 < position < len(data) - 1:
        marker = data[position + 1]
        if marker in (0x00, 0xFF):
            position = data.find(b"\xff", position + 1)
            continue
        if marker == _END:
            yield marker, slice(position, position + 2)
            return
        end = min(len(data), position + 2 + int.from_bytes(data[position + 2 : position + 4]))
        yield marker, slice(position, end)
        position = data.find(b"\xff", end)
        if marker == _SCAN:
            following = _NEXT.search(data, end)
            position = following.start() if following else len(data)
            yield _PICTURE, slice(end, position)


def decode_jpeg(data: bytes, space: str, *, long_edge: int = 0) -> NDArray[np.uint8]:
    """Decode at the smallest size in eighths whose long edge is at least the one asked for (0: full size)."""
    if not long_edge:
        return _decode(data, space, {})
    header = plain_header(data)
    edge = "min_width" if header.width > header.height else "min_height"
    fast = {"fastdct": True, "fastupsample": True, "min_factor": 1}
    return _decode(data, space, {**fast, edge: min(long_edge, max(header.width, header.height))})


def _decode(data: bytes, space: str, options: dict[str, bool | int]) -> NDArray[np.uint8]:
    try:
        pixels = simplejpeg.decode_jpeg(data, space, **options)
    except ValueError as error:
        # Scanners do leave stray bytes between markers; nothing of the picture is lost by them.
        if "extraneous bytes" not in str(error):
            raise DamagedImageError(str(error)) from error
        pixels = simplejpeg.decode_jpeg(data, space, strict=False, **options)
    return cast(NDArray[np.uint8], pixels[..., 0] if space == "GRAY" else pixels)


def encode_jpeg(pixels: Array, *, quality: int = _QUALITY) -> bytes:
    """Encode grey (two axes) or colour (three axes)."""
    if pixels.ndim == 2:
        grey = np.ascontiguousarray(pixels[..., None])
        return bytes(simplejpeg.encode_jpeg(grey, quality, "GRAY", "Gray"))
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality, "RGB", "420"))


def encode_png(pixels: Array) -> bytes:
    """Encode losslessly: 1-bit for bool, else grey or colour; isal is ten times faster than zlib."""
    height, width = pixels.shape[:2]
    is_bilevel = pixels.dtype == np.bool_
    row = np.packbits(pixels, axis=1) if is_bilevel else pixels.reshape(height, -1)
    filtered = np.zeros((height, row.shape[1] + 1), np.uint8)
    filtered[:, 1:] = row
    colour_type = 2 if pixels.ndim == 3 else 0
    header = struct.pack(">IIBBBBB", width, height, 1 if is_bilevel else 8, colour_type, 0, 0, 0)
    body = isal_zlib.compress(filtered.data, 1)
    return _PNG_SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def decode(data: bytes) -> Array:
    """Decode a JPEG or PNG that this service wrote itself."""
    if data[:2] == b"\xff\xd8":
        return decode_jpeg(data, plain_header(data).space)
    pixels = array_of(pymupdf.Pixmap(data))
    return pixels > 127 if data[24] == 1 else pixels


def array_of(pixmap: pymupdf.Pixmap) -> NDArray[np.uint8]:
    """Copy the samples of a pixmap."""
    # Not `pixmap.samples`: it keeps a view that `shrink` would release under it.
    samples = bytes(pymupdf.mupdf.fz_pixmap_samples_memoryview(pixmap.this))
    rows = np.frombuffer(samples, np.uint8).reshape(pixmap.height, pixmap.stride)
    pixels = rows[:, : pixmap.width * pixmap.n]
    return pixels if pixmap.n == 1 else pixels.reshape(pixmap.height, pixmap.width, pixmap.n)


def pixmap_of(pixels: Array) -> pymupdf.Pixmap:
    """Copy an array into a pixmap."""
    height, width = pixels.shape[:2]
    samples = pixels.astype(np.uint8) * 255 if pixels.dtype == np.bool_ else pixels
    space = pymupdf.csRGB if pixels.ndim == 3 else pymupdf.csGRAY
    return pymupdf.Pixmap(space, width, height, samples.tobytes(), False)


def shrunk(pixmap: pymupdf.Pixmap, long_edge: int) -> NDArray[np.uint8]:
    """Average a pixmap down by a power of two, to no less than the long edge asked for; spends the pixmap."""
    halvings = (max(pixmap.width, pixmap.height) // long_edge).bit_length() - 1
    if halvings > 0:
        pixmap.shrink(halvings)
    return array_of(pixmap)


def thumbnail(pixels: Array) -> NDArray[np.uint8]:
    """Average down until the long edge is between 256 and 511 pixels; a smaller image stays as it is."""
    if pixels.dtype == np.uint8 and max(pixels.shape[:2]) < 2 * THUMBNAIL_EDGE:
        return cast(NDArray[np.uint8], pixels)
    return shrunk(pixmap_of(pixels), THUMBNAIL_EDGE)


def encode_thumbnail(pixels: NDArray[np.uint8]) -> bytes:
    """Encode a thumbnail."""
    return encode_jpeg(pixels, quality=_THUMBNAIL_QUALITY)


def turned(pixels: AnyArray, rotation: int) -> AnyArray:
    """Rotate clockwise by a multiple of 90 degrees."""
    return np.rot90(pixels, -rotation // 90)


def jpeg_of_stream(raw: bytes, filters: tuple[str, ...]) -> bytes | None:
    """Unwrap the JPEG of an image stream; some copiers deflate it once more, in vain."""
    match filters:
        case ("DCTDecode",):
            return raw
        case ("FlateDecode", "DCTDecode"):
            unpacking = zlib.decompressobj()
            data = unpacking.decompress(raw, _MOST_UNPACKED * len(raw))
            return None if unpacking.unconsumed_tail else data
        case _:
            return None


def write(stem: Path, ending: str, data: bytes) -> Path:
    """Write one file of those that share a stem."""
    path = stem.with_name(stem.name + ending)
    path.write_bytes(data)
    return path
