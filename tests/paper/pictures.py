"""Encode pixels as the image formats that scanners put into PDFs."""

import io
import struct
import zlib
from dataclasses import dataclass, replace

import numpy as np
import pikepdf
import simplejpeg
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

Pixels = NDArray[np.uint8]
Bitmap = NDArray[np.bool_]
#: paper lighter than this is white in a one-bit scan
THRESHOLD = 165
STRIP_OFFSETS, STRIP_BYTES, ROWS_PER_STRIP = 273, 279, 278
ONE_BIT = "/ColorSpace /DeviceGray /BitsPerComponent 1"


@dataclass(frozen=True)
class Picture:
    """An encoded image and the PDF dictionary entries that describe it."""

    data: bytes
    width: int
    height: int
    entries: str

    def stream(self, pdf: pikepdf.Pdf) -> pikepdf.Object:
        """Put this image into a PDF as an object of its own."""
        common = f"/Type /XObject /Subtype /Image /Width {self.width} /Height {self.height}"
        described = pikepdf.Object.parse(f"<< {common} {self.entries} >>".encode())
        return pdf.make_indirect(pikepdf.Stream(pdf, self.data, described))


def jpeg(pixels: Pixels, *, quality: int = 75) -> Picture:
    """Encode as office scanners do: quality 75, colour at half resolution."""
    data = simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality, "RGB", "420")
    return _picture(data, pixels, "/Filter /DCTDecode /ColorSpace /DeviceRGB /BitsPerComponent 8")


def grey_jpeg(pixels: Pixels) -> Picture:
    """Encode as a JPEG without colour."""
    data = simplejpeg.encode_jpeg(luma(pixels)[..., None], 75, "GRAY", "Gray")
    return _picture(data, pixels, "/Filter /DCTDecode /ColorSpace /DeviceGray /BitsPerComponent 8")


def jpeg_in_flate(pixels: Pixels) -> Picture:
    """Wrap a JPEG in Flate, as one maker's firmware does."""
    plain = jpeg(pixels)
    entries = plain.entries.replace("/DCTDecode", "[/FlateDecode /DCTDecode]")
    return replace(plain, data=zlib.compress(plain.data, 1), entries=entries)


def g4(pixels: Pixels) -> Picture:
    """Encode as one-bit CCITT group 4."""
    is_ink = luma(pixels) < THRESHOLD
    return _picture(_g4_bytes(is_ink), pixels, f"{_ccitt(is_ink)} {ONE_BIT}")


def stencil(is_ink: Bitmap) -> Picture:
    """Encode a mask through which the current colour is painted."""
    return _picture(_g4_bytes(is_ink), is_ink, f"{_ccitt(is_ink)} /ImageMask true /BitsPerComponent 1")


def jbig2(pixels: Pixels) -> Picture:
    """Encode as JBIG2: one generic region whose bitmap is MMR, which is CCITT group 4.

    No package that we may depend on has an arithmetic encoder. MuPDF reads this exactly; poppler 22.12 leaves
    a few black specks.
    """
    height, width, _ = pixels.shape
    page = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    region = struct.pack(">IIIIBB", width, height, 0, 0, 0, 1) + _g4_bytes(luma(pixels) < THRESHOLD)
    return _picture(
        _segment(0, 48, page) + _segment(1, 38, region), pixels, f"/Filter /JBIG2Decode {ONE_BIT}"
    )


def flate(pixels: Pixels) -> Picture:
    """Encode without loss: rows as differences to the row above, then Flate."""
    height, width, _ = pixels.shape
    rows = np.diff(pixels.reshape(height, width * 3), axis=0, prepend=np.zeros((1, width * 3), np.uint8))
    filtered = np.concatenate([np.full((height, 1), 2, np.uint8), rows], axis=1)
    parms = f"/DecodeParms << /Predictor 15 /Colors 3 /BitsPerComponent 8 /Columns {width} >>"
    entries = f"/Filter /FlateDecode {parms} /ColorSpace /DeviceRGB /BitsPerComponent 8"
    return _picture(zlib.compress(filtered.tobytes(), 1), pixels, entries)


def luma(pixels: Pixels) -> Pixels:
    """Return how bright each pixel looks."""
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).convert("L"))


def _picture(data: bytes, pixels: Pixels | Bitmap, entries: str) -> Picture:
    return Picture(data, pixels.shape[1], pixels.shape[0], entries)


def _ccitt(bitmap: Bitmap) -> str:
    height, width = bitmap.shape
    return f"/Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns {width} /Rows {height} >>"


def _g4_bytes(is_ink: Bitmap) -> bytes:
    """Return the bare CCITT group 4 data of a bitmap."""
    file = io.BytesIO()
    bitmap = Image.fromarray(is_ink)
    bitmap.save(file, "TIFF", compression="group4", tiffinfo={ROWS_PER_STRIP: bitmap.height})
    file.seek(0)
    with TiffImageFile(file) as written:
        start, length = written.tag_v2[STRIP_OFFSETS][0], written.tag_v2[STRIP_BYTES][0]
    return file.getvalue()[start : start + length]


def _segment(number: int, kind: int, data: bytes) -> bytes:
    """Frame a JBIG2 segment of page 1 that refers to no other."""
    return struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data
