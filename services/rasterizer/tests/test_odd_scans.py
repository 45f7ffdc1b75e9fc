"""Odd scans: an image is taken as it is only where it is all that its page shows."""

from pathlib import Path

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Name, Pdf
from rasterizer.pictures import Method

from services.rasterizer.tests import papers
from services.rasterizer.tests.test_render import faces, one_page, only


@pytest.mark.parametrize(
    "content",
    [
        b"q 583.3 0 0 825.1 6 8.4 cm /Im0 Do Q",
        b"q 606 0 0 857 -5 -7 cm /Im0 Do Q",
        b"q 8 10 580 825 re W n 595.2 0 0 841.92 0 0 cm /Im0 Do Q",
    ],
    ids=["margin", "bleed", "clip"],
)
def test_an_image_is_its_page_to_less_than_a_millimetre(tmp_path: Path, content: bytes) -> None:
    """Else what is drawn on the image lies beside the ink in the PDF."""
    assert only(one_page(tmp_path / "scan.pdf", content=content)).method is Method.RENDER


def test_the_pixels_of_a_fax_are_shown_in_the_shape_of_its_page(tmp_path: Path) -> None:
    """They are twice as high as wide; a browser knows nothing of that."""
    pixels = papers.sheet()[::2]

    face = only(one_page(tmp_path / "fax.pdf", np.ascontiguousarray(pixels)))

    assert face.height / face.width == pytest.approx(841.92 / 595.2, abs=0.01)


def test_a_jpeg_of_other_colours_than_its_pdf_says_is_rendered(tmp_path: Path) -> None:
    """Viewers differ about it; one of them decides for desk and PDF alike."""
    keys = {"ColorSpace": Name.DeviceGray}

    assert only(one_page(tmp_path / "scan.pdf", keys=keys)).method is Method.RENDER


def test_a_side_is_not_charged_with_the_images_of_the_whole_scan(tmp_path: Path) -> None:
    """Its resources may name them all; it paints one, by itself or in a form."""
    pdf = Pdf.new()
    large = papers.flate_image(pdf, papers.sheet(), Width=9000, Height=9000)
    form = pdf.make_stream(b"595.2 0 0 841.92 0 0 cm /I#6d0 Do")
    form.Subtype, form.BBox = Name.Form, Array([0, 0, 595.2, 841.92])
    page = papers.add_page(pdf, papers.flate_image(pdf, papers.sheet()), content=b"q /Form Do Q")
    page.Resources.XObject.Form = form
    page.Resources.XObject.Large = large

    [face] = faces(papers.save(pdf, tmp_path / "scan.pdf"))

    assert face.method is Method.RENDER


def test_nothing_behind_the_picture_of_a_jpeg_is_copied(tmp_path: Path) -> None:
    """Cameras append previews and notes; a scanner may write a comment between two passes."""
    data = papers.jpeg(papers.sheet())
    pdf = pikepdf.Pdf.new()
    papers.add_page(pdf, papers.image(pdf, data + b"Anne Dupont" + data, 827, 1169))

    assert only(papers.save(pdf, tmp_path / "scan.pdf")).image.read_bytes() == data
