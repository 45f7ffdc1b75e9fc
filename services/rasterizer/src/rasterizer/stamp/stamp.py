"""Put drawings onto the pages of a PDF without touching what is there."""

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Page, Pdf

from rasterizer.extract import enclose, opened_pdf, save
from rasterizer.geometry import Frame, Matrix, frame_of
from rasterizer.refusals import RefusalReason, Refused
from rasterizer.stamp.drawing import Canvas
from rasterizer.stamp.fonts import Fonts
from rasterizer.stamp.stamping import Annotation, Stamping
from rasterizer.stamp.summary import WIDTH, Summary


def stamp(pdf: Path, stamping: Stamping, out: Path) -> Iterator[int]:
    """Write the annotated PDF with its summary, telling each page number."""
    with opened_pdf(pdf) as copy:
        if any(not 1 <= number <= len(copy.pages) for number in stamping.pages):
            raise Refused(RefusalReason.BAD_ANNOTATIONS)
        fonts = Fonts()
        drawings = {
            number: _drawing(copy.pages[number - 1], annotations, fonts)
            for number, annotations in stamping.pages.items()
        }
        summary = Summary(stamping, fonts).lay_out()
        embedded = copy.make_indirect(fonts.embed(copy))
        for number, page in enumerate(copy.pages, start=1):
            if number in drawings:
                _overlay(copy, page, drawings[number], embedded)
            yield number
        for canvas in summary:
            _append(copy, canvas, embedded)
            yield len(copy.pages)
        save(copy, out)


def _drawing(page: Page, annotations: Iterable[Annotation], fonts: Fonts) -> Canvas:
    """Draw as on the desk, which shows every page as if its short side were that of A4."""
    width, height = frame_of(page).displayed
    scale = WIDTH / min(width, height)
    canvas = Canvas(width * scale, height * scale, fonts)
    for annotation in annotations:
        canvas.draw(annotation)
    return canvas


def _overlay(pdf: Pdf, page: Page, canvas: Canvas, fonts: Object) -> None:
    """Draw over the page, upright as displayed, after the original content has ended."""
    form = _stream(pdf, bytes(canvas.content))
    form.Type, form.Subtype = Name.XObject, Name.Form
    form.BBox = Array([0, 0, canvas.width, canvas.height])
    form.Matrix = Array(_placed(canvas, frame_of(page)))
    form.Resources = _resources(canvas, fonts)
    name = _add_form(page, form)
    unclosed = b"Q " * _unclosed(page)
    enclose(pdf, page, b"q\n", b"\n%sQ q %s Do Q\n" % (unclosed, name.encode()))


def _placed(canvas: Canvas, frame: Frame) -> Matrix:
    """Bring a drawing to the size of its page."""
    scale = frame.displayed[0] / canvas.width
    a, b, c, d, e, f = frame.matrix
    return a * scale, b * scale, c * scale, d * scale, e, f


def _append(pdf: Pdf, canvas: Canvas, fonts: Object) -> None:
    page = pdf.add_blank_page(page_size=(canvas.width, canvas.height))
    page.obj.Contents = _stream(pdf, bytes(canvas.content))
    page.obj.Resources = _resources(canvas, fonts)


def _resources(canvas: Canvas, fonts: Object) -> Dictionary:
    states = {f"/{name}": state for name, state in canvas.states.items()}
    return Dictionary(Font=fonts, ExtGState=Dictionary(states))


def _stream(pdf: Pdf, content: bytes) -> pikepdf.Stream:
    stream = pdf.make_stream(b"")
    stream.write(zlib.compress(content), filter=Name.FlateDecode)
    return stream


def _add_form(page: Page, form: pikepdf.Stream) -> str:
    """Name the form in resources of the page's own: those of a scan may be shared by its pages."""
    resources = dict(page.resources.items())
    forms = dict(resources["/XObject"].items()) if "/XObject" in resources else {}
    name = f"/Stamp{len(forms)}"
    while name in forms:
        name += "x"
    page.obj.Resources = Dictionary(resources | {"/XObject": Dictionary(forms | {name: form})})
    return name


def _unclosed(page: Page) -> int:
    """Count the graphics states that the page leaves open."""
    depth = 0
    for instruction in pikepdf.parse_content_stream(page, "q Q"):
        depth = max(0, depth + (1 if str(instruction.operator) == "q" else -1))
    return depth
