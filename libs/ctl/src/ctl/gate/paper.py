"""A pile of many small pages, made for one run of the gate: no other has its hash."""

import io

import pikepdf

_LINES = 12


def pile(pages: int, title: str) -> bytes:
    """Write a PDF of A4 pages with a few lines of text each."""
    made = pikepdf.new()
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    fonts = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=made.make_indirect(font)))
    for number in range(1, pages + 1):
        page = made.add_blank_page(page_size=(595, 842))
        page.obj.Resources = fonts
        page.obj.Contents = made.make_stream(_text(f"{title} / {number}"))
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def _text(line: str) -> bytes:
    lines = "".join(f"({line}) Tj 0 -48 Td " for _ in range(_LINES))
    return f"BT /F 18 Tf 60 740 Td {lines}ET".encode()
