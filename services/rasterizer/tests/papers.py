"""Make small PDFs as scanners and their accidents make them."""

import io
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import simplejpeg
from numpy.typing import NDArray
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image

A4 = (595.2, 841.92)
A3_LANDSCAPE = (1190.4, 841.68)
DPI = 100

Pixels = NDArray[np.uint8]


def sheet(size: tuple[float, float] = A4, *, dpi: int = DPI, written: bool = True, seed: int = 1) -> Pixels:
    """Draw a noisy, unevenly lit sheet with the top left corner marked red and, if written, lines of ink."""
    height, width = round(size[1] * dpi / 72), round(size[0] * dpi / 72)
    shade = np.linspace(0, 25, height)[:, None, None]
    paper = 235 - np.broadcast_to(shade, (height, width, 3)).copy()
    paper[:: max(2, dpi // 12)] -= 12
    if written:
        stroke = max(2, dpi // 60)
        for top in range(height // 8, height - height // 8, height // 20):
            paper[top : top + stroke * 4, width // 10 : width - width // 10 : stroke * 5] = (50, 50, 140)
    if written:
        paper[: height // 12, : width // 12] = (220, 20, 20)
    noise = np.random.default_rng(seed).normal(0, 6, paper.shape)
    return (paper + noise).clip(0, 255).astype(np.uint8)


def jpeg(pixels: Pixels) -> bytes:
    """Encode as a scanner does."""
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), 75, "RGB", "420"))


def image(pdf: Pdf, data: bytes, width: int, height: int, **keys: Any) -> Stream:
    """Put encoded image data into an image object."""
    stream = pdf.make_stream(data)
    plain = {"ColorSpace": Name.DeviceRGB, "BitsPerComponent": 8, "Filter": Name.DCTDecode}
    entries = {"Type": Name.XObject, "Subtype": Name.Image, "Width": width, "Height": height} | plain | keys
    for key, value in entries.items():
        if value is not None:
            stream[f"/{key}"] = value
    return stream


def jpeg_image(pdf: Pdf, pixels: Pixels, **keys: Any) -> Stream:
    """Make the image object of a colour scan."""
    return image(pdf, jpeg(pixels), pixels.shape[1], pixels.shape[0], **keys)


def g4_image(pdf: Pdf, bits: NDArray[np.bool_], **keys: Any) -> Stream:
    """Make the image object of a 1-bit scan; true is white."""
    height, width = bits.shape
    buffer = io.BytesIO()
    Image.fromarray(bits).save(buffer, "TIFF", compression="group4", strip_size=1 << 26)
    tags = Image.open(buffer).tag_v2  # type: ignore[attr-defined]  # a TIFF has tags
    [offset], [length] = tags[273], tags[279]
    parameters = Dictionary(K=-1, Columns=width, Rows=height, BlackIs1=tags[262] == 1)
    entries = {"ColorSpace": Name.DeviceGray, "BitsPerComponent": 1, "Filter": Name.CCITTFaxDecode}
    data = buffer.getvalue()[offset : offset + length]
    return image(pdf, data, width, height, **(entries | {"DecodeParms": parameters} | keys))


def flate_image(pdf: Pdf, pixels: Pixels, **keys: Any) -> Stream:
    """Make the image object of a scan without loss."""
    data = zlib.compress(pixels.tobytes(), 1)
    return image(pdf, data, pixels.shape[1], pixels.shape[0], **({"Filter": Name.FlateDecode} | keys))


def cut_off(picture: Stream) -> None:
    """Lose the second half of an image's data."""
    raw = picture.read_raw_bytes()
    filters, parameters = picture.get("/Filter"), picture.get("/DecodeParms")
    picture.write(raw[: len(raw) // 2])
    picture["/Filter"] = filters
    if parameters is not None:
        picture["/DecodeParms"] = parameters


def add_page(
    pdf: Pdf,
    picture: Stream,
    size: tuple[float, float] = A4,
    *,
    rotate: int = 0,
    content: bytes | None = None,
    box: Sequence[float] | None = None,
) -> pikepdf.Page:
    """Add a page that the image covers; `size` is the one in user space, before /Rotate."""
    page = pdf.add_blank_page(page_size=size)
    page.Resources = Dictionary(XObject=Dictionary(Im0=picture))
    placed = b"q %.3f 0 0 %.3f 0 0 cm /Im0 Do Q" % size
    page.Contents = pdf.make_stream(placed if content is None else content)
    if rotate:
        page.Rotate = rotate
    if box:
        page.CropBox = Array(box)
    return page


def save(pdf: Pdf, path: Path, **options: Any) -> Path:
    """Write the PDF with its streams as they are."""
    pdf.save(path, compress_streams=False, **options)
    return path


def scan(
    path: Path, sides: int = 3, *, size: tuple[float, float] = A4, rotate: int = 0, dpi: int = DPI
) -> Path:
    """Write a colour scan of some sides; the image is displayed upright after /Rotate."""
    pdf = Pdf.new()
    user = size if rotate % 180 == 0 else size[::-1]
    for number in range(sides):
        pixels = np.rot90(sheet(size, dpi=dpi, seed=number), rotate // 90)
        add_page(pdf, jpeg_image(pdf, pixels), user, rotate=rotate)
    return save(pdf, path)
