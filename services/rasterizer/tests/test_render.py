"""Rendering gives every side an upright image as cheaply as its content allows, or a failure."""

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pymupdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image
from rasterizer.documents import opened
from rasterizer.geometry import Crop
from rasterizer.pictures import Method
from rasterizer.refusals import FailureReason, SideFailed
from rasterizer.render import Face, render_side

from services.rasterizer.tests import papers


def faces(path: Path, *, number: int = 1, split_a3: bool = False) -> list[Face]:
    out = path.parent / "out"
    out.mkdir(exist_ok=True)
    with opened(path) as document:
        return render_side(document, number, out, split_a3=split_a3)


def only(path: Path) -> Face:
    [face] = faces(path)
    return face


def one_page(path: Path, pixels: papers.Pixels | None = None, **options: Any) -> Path:
    pdf = pikepdf.Pdf.new()
    keys = options.pop("keys", {})
    papers.add_page(
        pdf, papers.jpeg_image(pdf, papers.sheet() if pixels is None else pixels, **keys), **options
    )
    return papers.save(pdf, path)


def pixels_of(image: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.asarray(Image.open(image).convert("RGB"))


def is_red(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> bool:
    red, green, blue = pixels.reshape(-1, 3).mean(axis=0)
    return bool(red > 150 and green < 90 and blue < 90)


def corner(image: Path) -> str:
    """Say where the red corner is."""
    pixels = pixels_of(image)
    height, width = pixels.shape[0] // 20, pixels.shape[1] // 20
    parts = {
        "top left": pixels[:height, :width],
        "top right": pixels[:height, -width:],
        "bottom left": pixels[-height:, :width],
        "bottom right": pixels[-height:, -width:],
    }
    return " and ".join(name for name, part in parts.items() if is_red(part))


def test_a_page_that_is_one_jpeg_is_copied_byte_for_byte(tmp_path: Path) -> None:
    """Nothing is decoded twice and nothing is lost."""
    face = only(one_page(tmp_path / "scan.pdf"))

    assert face.method is Method.COPY
    assert papers.jpeg(papers.sheet()) == face.image.read_bytes()
    assert (face.width, face.height, face.width_pt, face.height_pt) == (827, 1169, 595.2, 841.92)
    assert 256 <= max(Image.open(face.thumbnail).size) < 512
    assert not face.is_blank


@pytest.mark.parametrize(
    "content",
    [
        b"BT /F1 9 Tf 3 Tr 9 9 Td (D \\(A\\)) Tj [(a) 2 <0041>] TJ ET q 595.2 0 0 841.92 0 0 cm /Im0 Do Q",
        b".18 0 0 .18 0 0 cm q 3306.67 0 0 4677.33 0 0 cm /Im0 Do Q",
        b"q 0 0 595.2 841.92 re W n 595.2 0 0 841.92 0 0 cm /Im0 Do Q % scanned",
        b"/Artifact <</Type /Page>> BDC 1 g q 595.2 0 0 841.92 0 0 cm /Im0 Do Q EMC",
    ],
    ids=["invisible text", "nested cm", "whole clip", "marked content"],
)
def test_what_cannot_be_seen_does_not_force_rendering(tmp_path: Path, content: bytes) -> None:
    """A text layer of a copier, a clip around the page and nested matrices keep the copy."""
    assert only(one_page(tmp_path / "scan.pdf", content=content)).method is Method.COPY


@pytest.mark.parametrize(
    "content",
    [
        b"q 595.2 0 0 841.92 0 0 cm /Im0 Do Q BT /F1 9 Tf 50 700 Td (seen) Tj ET",
        b"q 595.2 0 0 841.92 0 0 cm /Im0 Do Q 0 0 m 100 100 l S",
        b"q 295.2 0 0 841.92 0 0 cm /Im0 Do Q",
        b"q 0 0 300 841.92 re W n 595.2 0 0 841.92 0 0 cm /Im0 Do Q",
        b"q -595.2 0 0 841.92 595.2 0 cm /Im0 Do Q",
        b"q 595.2 0 0 841.92 0 0 cm /Im0 Do /Im0 Do Q",
    ],
    ids=["text", "line", "half", "clip", "mirror", "twice"],
)
def test_what_can_be_seen_is_rendered(tmp_path: Path, content: bytes) -> None:
    """The image alone is not what the page shows."""
    assert only(one_page(tmp_path / "scan.pdf", content=content)).method is Method.RENDER


@pytest.mark.parametrize(
    "keys",
    [
        {"Decode": Array([1, 0, 1, 0, 1, 0])},
        {"ColorSpace": Array([Name.Indexed, Name.DeviceRGB, 255, pikepdf.String("x" * 768)])},
        {"Width": 100},
    ],
    ids=["decode", "indexed", "other size"],
)
def test_an_image_that_a_browser_would_show_differently_is_rendered(
    tmp_path: Path, keys: dict[str, Any]
) -> None:
    """Copying is for images that need nothing of the PDF around them."""
    assert only(one_page(tmp_path / "scan.pdf", keys=keys)).method is Method.RENDER


def test_an_annotated_scan_is_rendered(tmp_path: Path) -> None:
    """A note that a viewer would show lies outside the image."""
    with pymupdf.open(one_page(tmp_path / "scan.pdf")) as document:
        document[0].add_rect_annot((100, 100, 200, 200))
        document.save(tmp_path / "noted.pdf")

    assert only(tmp_path / "noted.pdf").method is Method.RENDER


def test_a_masked_image_is_rendered(tmp_path: Path) -> None:
    """Its transparency lies outside the JPEG."""
    pdf = pikepdf.Pdf.new()
    mask = papers.flate_image(pdf, np.full((10, 10), 90, np.uint8), ColorSpace=Name.DeviceGray)
    papers.add_page(pdf, papers.jpeg_image(pdf, papers.sheet(), SMask=mask))

    assert only(papers.save(pdf, tmp_path / "scan.pdf")).method is Method.RENDER


def test_the_invisible_text_of_a_form_does_not_force_rendering(tmp_path: Path) -> None:
    """OCR programs put their text into a form beside the image."""
    pdf = pikepdf.Pdf.new()
    content = b"/Ocr Do q 595.2 0 0 841.92 0 0 cm /Im0 Do Q"
    page = papers.add_page(pdf, papers.jpeg_image(pdf, papers.sheet()), content=content)
    page.Resources.XObject.Ocr = pdf.make_stream(
        b"BT 3 Tr (Dupont) Tj ET",
        {"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": [0, 0, 595, 842], "/Resources": Dictionary()},
    )

    assert only(papers.save(pdf, tmp_path / "scan.pdf")).method is Method.COPY


@pytest.mark.parametrize(
    ("shown", "content", "method"),
    [
        ([0, 0, 600, 850], b"q /Im0 Do Q", Method.COPY),
        ([0, 0, 300, 850], b"q /Im0 Do Q", Method.RENDER),
        ([0, 0, 600, 850], b"q .5 0 0 .5 0 0 cm /Im0 Do Q", Method.RENDER),
        ([0, 0, 600, 850], b"q 9 0 0 9 0 0 cm q /Text Do Q Q /Im0 Do", Method.COPY),
    ],
    ids=["whole form", "clipped form", "half form", "form that restores too often"],
)
def test_an_image_in_a_form_is_copied_if_the_form_shows_all_of_it(
    tmp_path: Path, shown: list[float], content: bytes, method: Method
) -> None:
    pdf = pikepdf.Pdf.new()
    page = papers.add_page(pdf, papers.jpeg_image(pdf, papers.sheet()), content=content)
    inner = Dictionary(XObject=Dictionary(Im0=page.Resources.XObject.Im0))
    keys = {"Type": Name.XObject, "Subtype": Name.Form, "BBox": Array(shown), "Resources": inner}
    page.Resources.XObject.Im0 = pdf.make_stream(b"q 595.2 0 0 841.92 0 0 cm /Im0 Do Q", **keys)
    page.Resources.XObject.Text = pdf.make_stream(b"Q Q", **keys)

    assert only(papers.save(pdf, tmp_path / "scan.pdf")).method is method


def test_a_jpeg_deflated_once_more_is_copied(tmp_path: Path) -> None:
    """Some copiers pack their JPEGs again."""
    pdf = pikepdf.Pdf.new()
    data = papers.jpeg(papers.sheet())
    chain = Array([Name.FlateDecode, Name.DCTDecode])
    papers.add_page(pdf, papers.image(pdf, zlib.compress(data), 827, 1169, Filter=chain))

    face = only(papers.save(pdf, tmp_path / "scan.pdf"))

    assert (Method.COPY, data) == (face.method, face.image.read_bytes())


def test_a_jpeg_that_unpacks_to_much_more_is_not_copied_with_all_of_it(tmp_path: Path) -> None:
    """A small file must not fill the disk."""
    pdf = pikepdf.Pdf.new()
    packed = zlib.compress(papers.jpeg(papers.sheet()) + bytes(40 << 20))
    chain = Array([Name.FlateDecode, Name.DCTDecode])
    papers.add_page(pdf, papers.image(pdf, packed, 827, 1169, Filter=chain))

    face = only(papers.save(pdf, tmp_path / "scan.pdf"))

    assert face.method is Method.RENDER
    assert face.image.stat().st_size < 1 << 20


def test_a_jpeg_that_no_browser_shows_is_not_copied(tmp_path: Path) -> None:
    """Other programs decode arithmetic coding, so only the copy would stay dark."""
    data = papers.jpeg(papers.sheet()).replace(b"\xff\xc0", b"\xff\xc9")
    pdf = pikepdf.Pdf.new()
    papers.add_page(pdf, papers.image(pdf, data, 827, 1169))

    assert only(papers.save(pdf, tmp_path / "scan.pdf")).method is Method.RENDER


@pytest.mark.parametrize("before", [b"", b"\xff\xff"], ids=["alone", "after fill bytes"])
def test_metadata_of_a_jpeg_is_dropped(tmp_path: Path, before: bytes) -> None:
    """EXIF would turn the image in a browser, and may name a person."""
    data = papers.jpeg(papers.sheet())
    comment = before + b"\xff\xfe\x00\x10Anne Dupont 3e"
    pdf = pikepdf.Pdf.new()
    papers.add_page(pdf, papers.image(pdf, data[:2] + comment + data[2:], 827, 1169))

    assert data == only(papers.save(pdf, tmp_path / "scan.pdf")).image.read_bytes()


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_an_image_is_upright_whatever_the_rotation(tmp_path: Path, rotate: int) -> None:
    """Rotation is applied once."""
    face = only(papers.scan(tmp_path / "scan.pdf", 1, rotate=rotate))

    assert (Method.SCALE if rotate else Method.COPY) is face.method
    assert (face.width, face.height) == (827, 1169)
    assert corner(face.image) == corner(face.thumbnail) == "top left"


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_an_open_booklet_becomes_two_upright_faces(tmp_path: Path, rotate: int) -> None:
    """The left half has the corner of the sheet, the right one has not."""
    path = papers.scan(tmp_path / "scan.pdf", 1, size=papers.A3_LANDSCAPE, rotate=rotate)

    left, right = faces(path, split_a3=True)

    assert (left.face, right.face) == (Crop.LEFT, Crop.RIGHT)
    assert (corner(left.image), corner(right.image)) == ("top left", "")
    assert (left.width_pt, left.height_pt) == (595.2, 841.68)
    assert all(256 <= max(Image.open(face.thumbnail).size) < 512 for face in (left, right))


def test_an_a4_side_is_not_cut_by_the_booklet_mode(tmp_path: Path) -> None:
    """A3 or A4 is decided for each side."""
    [face] = faces(papers.scan(tmp_path / "scan.pdf", 1), split_a3=True)

    assert face.face is Crop.FULL


@pytest.mark.parametrize("rotate", [0, 180])
@pytest.mark.parametrize("inverted", [False, True])
def test_a_bilevel_scan_keeps_every_pixel(tmp_path: Path, *, rotate: int, inverted: bool) -> None:
    """Its image is a 1-bit PNG at its own resolution, turned if need be."""
    bits = papers.sheet().mean(axis=2) > 150
    turned = np.rot90(bits, rotate // 90) ^ inverted
    keys = {"Decode": Array([1, 0])} if inverted else {}
    pdf = pikepdf.Pdf.new()
    papers.add_page(pdf, papers.g4_image(pdf, np.ascontiguousarray(turned), **keys), rotate=rotate)

    face = only(papers.save(pdf, tmp_path / "scan.pdf"))
    image = Image.open(face.image)

    assert (face.method, image.mode) == (Method.BILEVEL, "1")
    assert np.array_equal(bits, np.asarray(image))


def test_a_lossless_scan_is_rendered_to_a_jpeg(tmp_path: Path) -> None:
    """PNG would be ten times larger."""
    pdf = pikepdf.Pdf.new()
    papers.add_page(pdf, papers.flate_image(pdf, papers.sheet()))

    face = only(papers.save(pdf, tmp_path / "scan.pdf"))

    assert (face.method, face.image.suffix, corner(face.image)) == (Method.RENDER, ".jpg", "top left")


def test_a_born_digital_page_is_rendered_without_loss(tmp_path: Path) -> None:
    """Thin text suffers from JPEG."""
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "Exercice 1")
        document.save(tmp_path / "born.pdf")

    face = only(tmp_path / "born.pdf")

    assert (face.method, face.image.suffix) == (Method.RENDER, ".png")


def test_a_large_300_dpi_scan_gets_a_preview(tmp_path: Path) -> None:
    """The preview has half its resolution; the image is still the original."""
    noisy = np.random.default_rng(0).normal(0, 25, (3508, 2480, 3)) + papers.sheet(dpi=300)[:3508, :2480]
    pixels = noisy.clip(0, 255).astype(np.uint8)

    face = only(one_page(tmp_path / "scan.pdf", pixels))

    assert face.preview
    assert Image.open(face.preview).size == (1240, 1754)
    assert face.image.read_bytes() == papers.jpeg(pixels)


def test_an_absurdly_large_page_is_rendered_within_the_pixel_limit(tmp_path: Path) -> None:
    """A page of 200 inches is no reason to fail."""
    pdf = pikepdf.Pdf.new()
    pdf.add_blank_page(page_size=(14400, 14400))

    face = only(papers.save(pdf, tmp_path / "huge.pdf"))

    assert face.width * face.height <= 16_100_000


def failing(path: Path) -> FailureReason:
    with pytest.raises(SideFailed) as caught:
        faces(path)
    return caught.value.reason


def test_an_image_bomb_fails_before_it_is_decoded(tmp_path: Path) -> None:
    """Fifty thousand pixels squared fit into some kilobytes."""
    pdf = pikepdf.Pdf.new()
    papers.add_page(
        pdf, papers.image(pdf, zlib.compress(bytes(1 << 20)), 50_000, 50_000, Filter=Name.FlateDecode)
    )

    assert failing(papers.save(pdf, tmp_path / "bomb.pdf")) is FailureReason.TOO_MANY_PIXELS


def test_a_progressive_jpeg_with_too_many_scans_fails(tmp_path: Path) -> None:
    """Each scan costs a pass over the whole image."""
    data = bytearray(papers.jpeg(papers.sheet()))
    data[data.index(b"\xff\xc0") + 1] = 0xC2
    pdf = pikepdf.Pdf.new()
    papers.add_page(pdf, papers.image(pdf, bytes(data[:-2]) + b"\xff\xda\x00\x02" * 500, 827, 1169))

    assert failing(papers.save(pdf, tmp_path / "bomb.pdf")) is FailureReason.DAMAGED_IMAGE


@pytest.mark.parametrize("kind", ["jpeg", "turned jpeg", "flate", "g4"])
def test_a_side_whose_image_is_cut_off_fails(tmp_path: Path, kind: str) -> None:
    """It is never shown with a part of it white."""
    pdf = pikepdf.Pdf.new()
    picture = {
        "jpeg": lambda: papers.jpeg_image(pdf, papers.sheet()),
        "turned jpeg": lambda: papers.jpeg_image(pdf, papers.sheet()),
        "flate": lambda: papers.flate_image(pdf, papers.sheet()),
        "g4": lambda: papers.g4_image(pdf, papers.sheet().mean(axis=2) > 150),
    }[kind]()
    papers.cut_off(picture)
    papers.add_page(pdf, picture, rotate=180 if kind == "turned jpeg" else 0)

    assert failing(papers.save(pdf, tmp_path / "cut.pdf")) is FailureReason.DAMAGED_IMAGE


def test_a_side_with_an_image_that_cannot_be_read_fails(tmp_path: Path) -> None:
    """A blank page instead of it would be a lie."""
    pdf = pikepdf.Pdf.new()
    papers.add_page(pdf, papers.image(pdf, b"not JPEG 2000", 827, 1169, Filter=Name.JPXDecode))

    assert failing(papers.save(pdf, tmp_path / "broken.pdf")) is FailureReason.DAMAGED_IMAGE


def test_an_unknown_operator_loses_nothing(tmp_path: Path) -> None:
    """Viewers skip it, too."""
    assert only(one_page(tmp_path / "scan.pdf", content=b"foo q 595 0 0 842 0 0 cm /Im0 Do Q")).image.exists()


def test_a_side_that_does_not_exist_fails(tmp_path: Path) -> None:
    """It is not silently left out."""
    with pytest.raises(SideFailed) as caught:
        faces(papers.scan(tmp_path / "scan.pdf", 1), number=2)

    assert caught.value.reason is FailureReason.NO_SUCH_SIDE
