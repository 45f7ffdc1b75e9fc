"""Read and write JPEG and PNG; an image in memory is a numpy array, upright, bool for 1-bit."""

import struct
import zlib
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
_KEPT_SEGMENTS = frozenset({0xE0, 0xEE})  # JFIF and Adobe say how to decode; the rest is metadata
_PROGRESSIVE = 0xC2
_MAX_SCANS = 100


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


def without_metadata(data: bytes) -> bytes:
    """Drop EXIF, comments, profiles and the like; a browser obeys them where a PDF viewer does not."""
    kept, position, removed = [data[:2]], 2, False
    while position + 4 <= len(data) and data[position] == 0xFF and data[position + 1] != 0xDA:
        marker, length = data[position + 1], int.from_bytes(data[position + 2 : position + 4])
        if marker == 0xFE or (0xE0 <= marker <= 0xEF and marker not in _KEPT_SEGMENTS):
            removed = True
        else:
            kept.append(data[position : position + 2 + length])
        if marker == _PROGRESSIVE and data.count(b"\xff\xda") > _MAX_SCANS:
            raise DamagedImageError("a progressive JPEG with too many scans")
        position += 2 + length
    return b"".join([*kept, data[position:]]) if removed else data


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


def jpeg_of_stream(raw: bytes, filters: tuple[str, ...], *, cap: int) -> bytes | None:
    """Unwrap the JPEG of an image stream; some copiers deflate it once more."""
    match filters:
        case ("DCTDecode",):
            return raw
        case ("FlateDecode", "DCTDecode"):
            return zlib.decompressobj().decompress(raw, cap)
        case _:
            return None


def write(stem: Path, ending: str, data: bytes) -> Path:
    """Write one file of those that share a stem."""
    path = stem.with_name(stem.name + ending)
    path.write_bytes(data)
    return path
