"""Build the PDF of one copy from sides of scans, with their original streams."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Page, Pdf

from rasterizer.geometry import Crop, Frame, frame_of
from rasterizer.prune import prune
from rasterizer.refusals import RefusalReason, Refused

_OTHER_BOXES = ("/BleedBox", "/TrimBox", "/ArtBox")
#: What an annotation does and whom it names, and what ties it to other pages and files.
_TIES = ("/A", "/AA", "/AF", "/Dest", "/FS", "/IRT", "/Movie", "/Parent", "/Popup", "/Sound", "/T")


@dataclass(frozen=True)
class Source:
    """Name one page of a copy: a side of a scan or half of it, turned clockwise for the reader."""

    scan: Path
    side: int
    crop: Crop = Crop.FULL
    rotation: int = 0


def extract(sources: Sequence[Source], out: Path) -> Iterator[int]:
    """Write the pages in their order, telling each page number; halves of a side share its image."""
    with ExitStack() as stack, Pdf.new() as copy:
        scans = {scan: stack.enter_context(opened_pdf(scan)) for scan in {source.scan for source in sources}}
        originals = [_side(scans[source.scan], source.side) for source in sources]
        # All before any is edited: a side that is asked for twice becomes a shallow copy of its first page.
        copy.pages.extend(originals)
        for page in copy.pages:
            _untie(page)
            prune(page)
        _refuse_what_cannot_be_read(copy)
        for number, (source, original) in enumerate(zip(sources, originals, strict=True), start=1):
            _turn_and_clip(copy, copy.pages[number - 1], source, frame_of(original))
            yield number
        save(copy, out)


def save(pdf: Pdf, out: Path) -> None:
    """Write a PDF with every stream as it is; the same content gives the same bytes."""
    pdf.save(out, compress_streams=False, deterministic_id=True)


def enclose(pdf: Pdf, page: Page, before: bytes, after: bytes) -> None:
    """Put content around that of a page, whose own streams may be shared and stay as they are."""
    content = page.obj.get("/Contents", Array())
    streams = list(content) if isinstance(content, Array) else [content]
    page.obj.Contents = Array([pdf.make_stream(before), *streams, pdf.make_stream(after)])


def opened_pdf(scan: Path) -> Pdf:
    """Open a PDF to take it apart, or refuse it."""
    try:
        return Pdf.open(scan)
    except pikepdf.PasswordError as error:
        raise Refused(RefusalReason.ENCRYPTED) from error
    except pikepdf.PdfError as error:
        raise Refused(RefusalReason.DAMAGED) from error


def _side(scan: Pdf, number: int) -> Page:
    if not 1 <= number <= len(scan.pages):
        raise Refused(RefusalReason.DAMAGED)
    return scan.pages[number - 1]


def _untie(page: Page) -> None:
    """Keep what the annotations of a page show, and nothing that acts or leads elsewhere."""
    listed = page.obj.get("/Annots")
    annotations = [one for one in listed if isinstance(one, Dictionary)] if isinstance(listed, Array) else []
    for annotation in annotations:
        for key in _TIES:
            if key in annotation:
                del annotation[key]


def _refuse_what_cannot_be_read(copy: Pdf) -> None:
    """
    Refuse a copy with a page or form whose content cannot be read to its end.

    Nobody could say what it shows, and so which images of other students its resources offer in vain.
    """
    copy.remove_unreferenced_resources()
    if copy.get_warnings():
        raise Refused(RefusalReason.DAMAGED)


def _turn_and_clip(copy: Pdf, page: Page, source: Source, frame: Frame) -> None:
    if source.crop is not Crop.FULL:
        _clip(copy, page, frame.cropped(source.crop))
    page.obj.Rotate = (frame.rotate + source.rotation) % 360


def _clip(copy: Pdf, page: Page, half: Frame) -> None:
    """Show one half only: its boxes for readers, a clip for whatever ignores them."""
    page.obj.MediaBox = page.obj.CropBox = Array([half.x0, half.y0, half.x1, half.y1])
    for box in _OTHER_BOXES:
        if box in page.obj:
            del page.obj[box]
    area = f"q {half.x0:.3f} {half.y0:.3f} {half.x1 - half.x0:.3f} {half.y1 - half.y0:.3f} re W n\n"
    enclose(copy, page, area.encode(), b"\nQ")
