"""Open untrusted PDF files, or refuse them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymupdf

from rasterizer.objects import get, has, whole
from rasterizer.refusals import RefusalReason, Refused

MAX_BYTES = 4 << 30
MAX_SIDES = 5000

_HEADER_WINDOW = 1024
#: Some devices fill the last block of a file with zeros.
_TRAILER_WINDOW = 1 << 20

#: What PyMuPDF raises on files that it cannot read.
ERRORS = (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError)

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


@contextmanager
def opened(path: Path, *, max_sides: int = MAX_SIDES) -> Iterator[pymupdf.Document]:
    """Open a PDF from its file (never from bytes: the file would be held in memory)."""
    _guard_file(path)
    try:
        document = pymupdf.open(path, filetype="pdf")
    except ERRORS as error:
        raise Refused(RefusalReason.DAMAGED) from error
    with document:
        _guard_document(document, max_sides)
        yield document


def raw_stream(document: pymupdf.Document, xref: int) -> bytes:
    """Read a stream as it is stored; MuPDF would pass it through small buffers at three times the cost."""
    pdf = pymupdf.mupdf.PdfDocument(document.this)
    length = whole(get(pymupdf.mupdf.pdf_load_object(pdf, xref), "Length"))
    entry = pymupdf.mupdf.ll_pdf_get_xref_entry_no_null(pdf.m_internal, xref)
    is_in_file = entry.stm_ofs > 0 and entry.stm_buf is None
    if not is_in_file or length <= 0 or has(pymupdf.mupdf.pdf_trailer(pdf), "Encrypt"):
        return bytes(document.xref_stream_raw(xref))
    with open(document.name, "rb", buffering=0) as file:
        return os.pread(file.fileno(), length, entry.stm_ofs)


def forget_decoded() -> None:
    """Empty MuPDF's store of images and fonts, which would otherwise grow to 256 MB."""
    pymupdf.TOOLS.store_shrink(100)


def is_cut_off(path: Path, *, repaired: bool) -> bool:
    """
    Tell whether the end of the file is missing: its mark, after which no object may begin.

    A file that lost the end of its last revision opens as the one before, with nothing to repair; one that
    only forgot the mark is whole.
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TRAILER_WINDOW))
        _, mark, rest = file.read().rpartition(b"%%EOF")
    return b" obj" in rest if mark else repaired


def _guard_file(path: Path) -> None:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise Refused(RefusalReason.TOO_LARGE)
    # MuPDF sniffs the content whatever the name says, and would lay out an HTML file.
    with path.open("rb") as file:
        if b"%PDF-" not in file.read(_HEADER_WINDOW):
            raise Refused(RefusalReason.NOT_A_PDF)


def _guard_document(document: pymupdf.Document, max_sides: int) -> None:
    if not document.is_pdf:
        raise Refused(RefusalReason.NOT_A_PDF)
    if document.needs_pass:
        raise Refused(RefusalReason.ENCRYPTED)
    try:
        sides = document.page_count
    except ERRORS as error:
        raise Refused(RefusalReason.DAMAGED) from error
    if sides == 0:
        raise Refused(RefusalReason.DAMAGED if document.is_repaired else RefusalReason.EMPTY)
    if sides > max_sides:
        raise Refused(RefusalReason.TOO_MANY_SIDES)
