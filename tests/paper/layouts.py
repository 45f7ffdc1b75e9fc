"""Place encoded images on PDF pages the ways that scanners do."""

import pikepdf
from pikepdf import Dictionary, Name, Page

from tests.paper.piles import Format, Side
from tests.paper.pictures import Picture

#: A4 and A3 as scanners write them, in points, upright
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
    page.Contents = pdf.make_stream(content.encode("latin-1", "replace"))


def _placed(side: Side, picture: Picture) -> str:
    width, height = media(side)
    if side.format is Format.RICOH:
        across, down = picture.width * 10, picture.height * 10
        return f"{width / across:.8f} 0 0 {height / down:.8f} 0 0 cm q {across} 0 0 {down} 0 0 cm /Im0 Do Q"
    return f"q {width} 0 0 {height} 0 0 cm /Im0 Do Q"
