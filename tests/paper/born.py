"""Write a page that was never on paper: vector text in an embedded font, as from a tablet."""

import io
import random
from functools import cache

import pikepdf
from fontTools.ttLib import TTFont as Woff
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from tests.paper import forms
from tests.paper.forms import Form
from tests.paper.ink import FONTS, SENTENCES
from tests.paper.layouts import media
from tests.paper.piles import Face, Side
from tests.paper.truth import Box


@cache
def _font() -> str:
    """Register a handwriting with the PDF writer and return its name."""
    plain = Woff(FONTS / "kalam.woff2")
    plain.flavor = None
    file = io.BytesIO()
    plain.save(file)
    file.seek(0)
    pdfmetrics.registerFont(TTFont("Kalam", file))
    return "Kalam"


def add_page(pdf: pikepdf.Pdf, side: Side) -> tuple[tuple[Box, ...], ...]:
    """Add a page of vector text and return the name boxes of each face."""
    width, height = media(side)
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(width, height), invariant=1)
    boxes = tuple(_write_face(canvas, side, index, face) for index, face in enumerate(side.faces))
    canvas.showPage()
    canvas.save()
    with pikepdf.open(io.BytesIO(file.getvalue())) as written:
        pdf.pages.extend(written.pages)
    return boxes


def _write_face(canvas: Canvas, side: Side, index: int, face: Face) -> tuple[Box, ...]:
    width, height = media(side)
    width /= len(side.faces)
    canvas.saveState()
    canvas.translate(index * width, 0)
    if not face.form.is_blank:
        _write_answer(canvas, face, width, height)
    boxes = _write_header(canvas, face, width, height)
    canvas.restoreState()
    return boxes


def _write_answer(canvas: Canvas, face: Face, width: float, height: float) -> None:
    canvas.setFont(_font(), 15)
    canvas.setFillColorRGB(0.1, 0.2, 0.55)
    rng = random.Random(f"{face.form.value} {face.label} {face.variant}")
    top = 0.34 if face.form.header else 0.08
    written = [sentence for sentence in SENTENCES if not any(sign in sentence for sign in "∞∩≈αθ")]
    for row, sentence in enumerate(rng.sample(written, 10)):
        canvas.drawString(0.12 * width, height * (1 - top - 0.036 * row), sentence)
    canvas.drawString(0.82 * width, height * 0.04, face.label)


def _write_header(canvas: Canvas, face: Face, width: float, height: float) -> tuple[Box, ...]:
    if face.student is None or not face.form.has_names:
        return ()
    return tuple(
        _write_field(canvas, face.form, field, text, (width, height))
        for field, text in enumerate(face.student.written)
    )


def _write_field(canvas: Canvas, form: Form, field: int, text: str, size: tuple[float, float]) -> Box:
    """Write one letter a cell and return the box around the cells that were used."""
    width, height = size
    canvas.setFont(_font(), 0.8 * forms.CELL_HEIGHT * height)
    used = forms.cells(field)[: len(text)]
    for letter, cell in zip(text, used, strict=False):
        box = forms.cell_box(form, field, cell)
        canvas.drawCentredString(
            (box.x + box.width / 2) * width, (1 - box.y - 0.75 * box.height) * height, letter
        )
    first, last = forms.cell_box(form, field, used[0]), forms.cell_box(form, field, used[-1])
    edge = 0.006
    return Box(
        first.x - edge, first.y - edge, last.x + last.width - first.x + 2 * edge, first.height + 2 * edge
    )
