"""A scan says nothing but the truth, and its truth says everything."""
# mypy: disable-error-code="no-untyped-call"
# PyMuPDF annotates only part of its functions.

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pymupdf
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.paper.faces import draw, nameless
from tests.paper.forms import Form, identity_zone
from tests.paper.piles import Format, Pile, a3_pile, a4_pile, in_format
from tests.paper.scans import scan
from tests.paper.shelf import shelved_scan
from tests.paper.sketch import Sketch
from tests.paper.students import roster
from tests.paper.truth import Box, Truth, load
from tests.paper.uniform import assert_uniform, spread
from tests.paper.zones import identity_zones

DPI = 72
STUDENTS = roster(12)
IMAGE_FORMATS = [
    (Format.JPEG, "/DCTDecode", 8),
    (Format.GREY, "/DCTDecode", 8),
    (Format.OCR, "/DCTDecode", 8),
    (Format.G4, "/CCITTFaxDecode", 1),
    (Format.RICOH, "/CCITTFaxDecode", 1),
    (Format.JBIG2, "/JBIG2Decode", 1),
    (Format.FLATE, "/FlateDecode", 8),
]


def displayed(path: Path, number: int, dpi: int = DPI) -> NDArray[np.uint8]:
    """Render a side as a viewer shows it."""
    with pymupdf.open(path) as document:
        pixmap = document[number - 1].get_pixmap(dpi=dpi)
        return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, 3)


def test_the_same_seed_makes_the_same_bytes(tmp_path: Path) -> None:
    pile = a3_pile(STUDENTS[:1], annex_every=1)

    truths = [scan(pile, tmp_path / folder / "scan.pdf", dpi=DPI) for folder in ("a", "b")]

    assert truths[0] == truths[1]
    assert (tmp_path / "a/scan.pdf").read_bytes() == (tmp_path / "b/scan.pdf").read_bytes()


def test_another_student_changes_only_pixels_inside_the_name_boxes() -> None:
    for form in (Form.FIRST, Form.SECOND, Form.ANNEX, Form.SMALL_ANNEX, Form.ANNEX_BACK):
        sketch = Sketch(form, "", 0, 100)
        named, boxes = draw(sketch, STUDENTS[0])
        changed = (named != nameless(sketch)).any(axis=2)
        height, width = changed.shape

        assert len(boxes) == 3
        assert changed.sum() > 50
        for box in boxes:
            left, top = round(box.x * width), round(box.y * height)
            changed[top : top + round(box.height * height), left : left + round(box.width * width)] = False
        assert not changed.any()


def test_the_names_show_where_the_truth_says_on_every_displayed_face(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    truth = scan(a3_pile(STUDENTS[:1]), path, dpi=100)

    recto = displayed(path, 1, 100)
    half = recto[:, recto.shape[1] // 2 :]
    first = truth.sides[0].faces[1]
    assert first.form == "first"
    assert all(spread(half, box) > 100 for box in first.name_boxes)


def test_booklets_are_stored_as_the_scanner_lays_them(tmp_path: Path) -> None:
    truth = scan(a3_pile(STUDENTS[:2], sheets=(1, 2)), tmp_path / "scan.pdf", dpi=DPI)

    positions = [[face.position for face in side.faces] for side in truth.sides]
    assert positions == [[4, 1], [2, 3], [4, 1], [2, 3], [8, 5], [6, 7]]
    assert truth.copies()[1][:4] == [(3, "right"), (4, "left"), (4, "right"), (3, "left")]
    assert [face.is_blank for face in truth.sides[4].faces] == [True, False]
    with pikepdf.open(tmp_path / "scan.pdf") as pdf:
        assert [float(edge) for edge in pdf.pages[0].mediabox] == [0, 0, 841.68, 1190.4]
        assert pdf.pages[0].Rotate == 270


def test_an_annex_stays_a4_between_a3_sheets(tmp_path: Path) -> None:
    truth = scan(a3_pile(STUDENTS[:3], sheets=(1,), annex_every=2), tmp_path / "scan.pdf", dpi=DPI)

    assert [side.kind for side in truth.sides] == ["a3", "a3", "a4", "a4", "a3", "a3", "a3", "a3", "a4", "a4"]
    forms = [face.form for side in truth.sides if side.kind == "a4" for face in side.faces]
    assert forms == ["annex", "annex back", "small annex", "annex back"]


@pytest.mark.parametrize(("format", "filter_name", "bits"), IMAGE_FORMATS)
def test_each_format_is_one_image_that_viewers_show_alike(
    tmp_path: Path, format: Format, filter_name: str, bits: int
) -> None:
    pile = a4_pile(STUDENTS[:1], pages=1)[:1]
    path = tmp_path / "scan.pdf"
    scan(in_format(pile, format), path, dpi=DPI)

    with pikepdf.open(path) as pdf:
        image = pdf.pages[0].Resources.XObject.Im0
        assert (str(image.Filter), int(image.BitsPerComponent)) == (filter_name, bits)
    scan(pile, tmp_path / "plain.pdf", dpi=DPI)
    shown, plain = displayed(path, 1), displayed(tmp_path / "plain.pdf", 1)
    assert np.corrcoef(shown.ravel(), plain.ravel())[0, 1] > 0.6


def test_both_one_bit_formats_show_the_same_pixels(tmp_path: Path) -> None:
    pile = a4_pile(STUDENTS[:1], pages=1)[:1]
    for format in (Format.G4, Format.JBIG2):
        scan(in_format(pile, format), tmp_path / f"{format.value}.pdf", dpi=DPI)

    assert (displayed(tmp_path / "g4.pdf", 1) == displayed(tmp_path / "jbig2.pdf", 1)).all()


def test_a_flate_wrapped_jpeg_names_both_filters(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    scan(in_format(a4_pile(STUDENTS[:1], pages=1)[:1], Format.XEROX), path, dpi=DPI)

    with pikepdf.open(path) as pdf:
        image = pdf.pages[0].Resources.XObject.Im0
        assert [str(name) for name in image.Filter] == ["/FlateDecode", "/DCTDecode"]
    assert displayed(path, 1).std() > 5


def test_recognised_words_are_extractable_but_never_painted(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    scan(in_format(a4_pile(STUDENTS[:1], pages=1)[:1], Format.OCR), path, dpi=DPI)
    scan(a4_pile(STUDENTS[:1], pages=1)[:1], tmp_path / "plain.pdf", dpi=DPI)

    with pymupdf.open(path) as document:
        assert STUDENTS[0].family.upper() in document[0].get_text()
    assert (displayed(path, 1) == displayed(tmp_path / "plain.pdf", 1)).all()


def test_layered_pages_have_a_background_and_hundreds_of_stencils(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    scan(in_format(a4_pile(STUDENTS[:1], pages=1)[:1], Format.MRC), path, dpi=DPI)

    with pikepdf.open(path) as pdf:
        stencils = [image for image in pdf.pages[0].Resources.XObject.values() if image.get("/ImageMask")]
    assert len(stencils) > 100
    assert displayed(path, 1).std() > 5


def test_born_digital_pages_hold_text_and_no_image(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    truth = scan(in_format(a4_pile(STUDENTS[:1]), Format.BORN), path)

    with pymupdf.open(path) as document:
        assert "fonction" in "".join(page.get_text() for page in document)
        assert not any(page.get_images() for page in document)
    page = displayed(path, 1)
    assert all(spread(page, box) > 100 for box in truth.sides[0].faces[0].name_boxes)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_rotated_page_is_shown_upright(tmp_path: Path, rotate: int) -> None:
    side = a4_pile(STUDENTS[:1], pages=1)[0]
    scan((replace(side, rotate=rotate),), tmp_path / "turned.pdf", dpi=DPI)
    scan((side,), tmp_path / "plain.pdf", dpi=DPI)

    turned, plain = displayed(tmp_path / "turned.pdf", 1), displayed(tmp_path / "plain.pdf", 1)
    assert turned.shape == plain.shape
    assert abs(turned.astype(int) - plain).mean() < 8


@pytest.mark.parametrize("kind", ["a4", "a3", "mixed"])
def test_identity_zones_cover_every_name_of_their_kind(tmp_path: Path, kind: str) -> None:
    piles: dict[str, Pile] = {
        "a4": a4_pile(STUDENTS[:3], pages=6),
        "a3": a3_pile(STUDENTS[:3], sheets=(3, 1)),
        "mixed": a3_pile(STUDENTS[:3], sheets=(1, 2), annex_every=1),
    }
    truth = scan(piles[kind], tmp_path / "scan.pdf", dpi=40)

    zones = identity_zones(kind)
    for _, face in truth.faces():
        painted = [zone.box for zone in zones if zone.position == face.position]
        for box in face.name_boxes:
            assert any(zone.contains(box) for zone in painted), f"{face.form} at {face.position}"


def test_truth_survives_its_file(tmp_path: Path) -> None:
    told = scan(a3_pile(STUDENTS[:2], annex_every=1), tmp_path / "scan.pdf", dpi=50)

    read: Truth = load(tmp_path / "scan.pdf")

    assert read == told


def test_the_shelf_gives_back_the_same_scan(tmp_path: Path) -> None:
    pile = a4_pile(STUDENTS[:1])
    drawn = shelved_scan(pile, tmp_path / "a/scan.pdf", dpi=50, shelf=tmp_path / "shelf")
    taken = shelved_scan(pile, tmp_path / "b/scan.pdf", dpi=50, shelf=tmp_path / "shelf")

    assert drawn == taken
    assert (tmp_path / "a/scan.pdf").read_bytes() == (tmp_path / "b/scan.pdf").read_bytes()
    assert len(list((tmp_path / "shelf").glob("*/*.pdf"))) == 1


def test_a_long_scan_repeats_drawings_but_shares_no_image(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    scan(a4_pile(roster(125)), path, dpi=40)

    with pikepdf.open(path) as pdf:
        images = {image.objgen for page in pdf.pages for image in page.Resources.XObject.values()}
        assert (len(pdf.pages), len(images)) == (500, 500)


def test_the_uniform_check_fails_on_a_page_that_shows_its_writer() -> None:
    page, boxes = draw(Sketch(Form.FIRST, "1 / 4", 0, 100), STUDENTS[0])

    with pytest.raises(AssertionError, match="3 boxes still show something"):
        assert_uniform(_png(page), boxes)


def test_the_uniform_check_fails_on_a_name_that_only_shows_through() -> None:
    page, boxes = draw(Sketch(Form.SECOND, "2 / 4", 0, 100), STUDENTS[0])

    with pytest.raises(AssertionError, match="still show something"):
        assert_uniform(_png(page), boxes)


def test_the_uniform_check_passes_once_the_zone_is_painted_out() -> None:
    page, boxes = draw(Sketch(Form.FIRST, "1 / 4", 0, 100), STUDENTS[0])
    zone = identity_zone(Form.FIRST)
    assert zone is not None
    painted = page.copy()
    painted[round(zone.y * len(page)) : round((zone.y + zone.height) * len(page))] = 200

    assert_uniform(_png(painted), boxes)


def test_a_box_outside_the_picture_is_an_error() -> None:
    with pytest.raises(AssertionError, match="outside the picture"):
        spread(np.zeros((10, 10, 3), np.uint8), Box(2.0, 2.0, 0.1, 0.1))


def _png(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
