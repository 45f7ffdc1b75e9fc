"""Look at one side of a scan; its page is loaded only to be rendered, for that costs more than the look."""

from dataclasses import dataclass
from functools import cached_property

import pymupdf
from pymupdf import mupdf

from rasterizer.geometry import quarter_turns
from rasterizer.objects import Object, get, inherited, items, number, whole


@dataclass(frozen=True)
class Side:
    """Hold one side of an open document."""

    document: pymupdf.Document
    #: Counted from 1.
    number: int

    @cached_property
    def shown(self) -> Object:
        """Give the dictionary of its page."""
        return mupdf.pdf_lookup_page_obj(mupdf.PdfDocument(self.document.this), self.number - 1)

    @cached_property
    def size(self) -> tuple[float, float]:
        """Give width and height as displayed, in points."""
        box, turn = mupdf.FzRect(), mupdf.FzMatrix()
        mupdf.pdf_page_obj_transform(self.shown, box, turn)
        displayed = mupdf.fz_transform_rect(box, turn)
        return displayed.x1 - displayed.x0, displayed.y1 - displayed.y0

    @property
    def rotation(self) -> int:
        """Give the clockwise rotation for the reader: 0, 90, 180 or 270."""
        return quarter_turns(whole(inherited(self.shown, "Rotate")))

    @property
    def resources(self) -> Object:
        """Give what the content names."""
        return inherited(self.shown, "Resources")

    def content(self) -> bytes:
        """Read what the side paints."""
        streams = items(get(self.shown, "Contents"))
        return b"\n".join(self.document.xref_stream(number(stream)) or b"" for stream in streams)

    def page(self) -> pymupdf.Page:
        """Load the page."""
        return self.document[self.number - 1]
