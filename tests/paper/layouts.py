"""Place encoded images on PDF pages the ways that scanners do."""

from collections.abc import Iterator

import numpy as np
import pikepdf
from numpy.typing import NDArray
from pikepdf import Dictionary, Page
from PIL import Image, ImageFilter

from tests.paper.pictures import THRESHOLD, Picture, jpeg, luma, stencil
from tests.paper.piles import Face, Format, Side

Pixels = NDArray[np.uint8]

#: A4 and A3 as scanners write them, in points, upright
FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
A4, A3 = (595.28, 841.89), (1190.4, 841.68)


def media(side: Side) -> tuple[float, float]:
    """Return the page size before /Rotate is applied."""
    width, height = A3 if side.is_a3 else A4
    return (width, height) if side.turn % 180 == 0 else (height, width)


def new_page(pdf: pikepdf.Pdf, side: Side) -> Page:
    """Add an empty page of the side's size and rotation."""
    page = pdf.add_blank_page(page_size=media(side))
    if side.turn:
        page.Rotate = side.turn
    return page


def single(pdf: pikepdf.Pdf, side: Side, picture: Picture) -> None:
    """Lay one image over the whole page."""
    page = new_page(pdf, side)
    page.Resources = Dictionary(XObject=Dictionary(Im0=picture.stream(pdf)))
    content = _placed(side, picture)
    if side.format is Format.OCR:
        page.Resources.Font = Dictionary(F0=pikepdf.Object.parse(FONT.encode()))
        content += _invisible_words(side)
    page.Contents = pdf.make_stream(content.encode("cp1252", "replace"))


def _placed(side: Side, picture: Picture) -> str:
    width, height = media(side)
    if side.format is Format.RICOH:
        across, down = picture.width * 10, picture.height * 10
        return f"{width / across:.8f} 0 0 {height / down:.8f} 0 0 cm q {across} 0 0 {down} 0 0 cm /Im0 Do Q"
    return f"q {width} 0 0 {height} 0 0 cm /Im0 Do Q"


def _invisible_words(side: Side) -> str:
    """Write what a copier recognised, names included, as text that is never painted."""
    width, height = media(side)
    words = [word for face in side.faces for word in _recognised(face)]
    lines = " ".join(f"({word}) Tj 0 -{height / 40:.2f} Td" for word in words)
    return f" BT 3 Tr /F0 11 Tf {width * 0.24:.2f} {height * 0.92:.2f} Td {lines} ET"


def _recognised(face: Face) -> tuple[str, ...]:
    if face.student is None or not face.form.has_names:
        return ("On cherche les variations de f", "Donc f est croissante")
    return (*face.student.written, "MATHEMATIQUES")


def layered(pdf: pikepdf.Pdf, side: Side, pixels: Pixels) -> None:
    """Lay the ink as hundreds of stencils over a soft background, as compact-PDF copiers do."""
    page = new_page(pdf, side)
    height, width, _ = pixels.shape
    background = jpeg(
        np.asarray(Image.fromarray(pixels).reduce(4).filter(ImageFilter.MedianFilter(5))), quality=40
    )
    images = {"/Bg": background.stream(pdf)}
    page_width, page_height = media(side)
    content = [f"q {page_width} 0 0 {page_height} 0 0 cm /Bg Do Q"]
    for number, (top, left, tile) in enumerate(_inked_tiles(pixels)):
        images[f"/S{number}"] = stencil(luma(tile) < THRESHOLD).stream(pdf)
        red, green, blue = np.median(tile[luma(tile) < THRESHOLD], axis=0) / 255
        scale_x, scale_y = page_width / width, page_height / height
        box = f"{tile.shape[1] * scale_x:.4f} 0 0 {tile.shape[0] * scale_y:.4f}"
        at = f"{left * scale_x:.4f} {page_height - (top + tile.shape[0]) * scale_y:.4f}"
        content.append(f"q {red:.3f} {green:.3f} {blue:.3f} rg {box} {at} cm /S{number} Do Q")
    page.Resources = Dictionary(XObject=Dictionary(images))
    page.Contents = pdf.make_stream("\n".join(content).encode())


def _inked_tiles(pixels: Pixels) -> Iterator[tuple[int, int, Pixels]]:
    """Cut the page into tiles and yield those with ink on them."""
    step = pixels.shape[0] // 32
    for top in range(0, pixels.shape[0], step):
        for left in range(0, pixels.shape[1], step):
            tile = pixels[top : top + step, left : left + step]
            if (luma(tile) < THRESHOLD).any():
                yield top, left, tile
