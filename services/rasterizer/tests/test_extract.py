"""The PDF of a copy has its pages in order, upright, with the streams of the scan."""

import zlib
from pathlib import Path

import numpy as np
import pikepdf
import pymupdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from rasterizer.extract import Source, extract
from rasterizer.geometry import Crop
from rasterizer.refusals import RefusalReason, Refused

from services.rasterizer.tests import papers


def extracted(sources: list[Source], out: Path) -> Path:
    assert list(extract(sources, out)) == list(range(1, len(sources) + 1))
    return out


def images(path: Path) -> list[bytes]:
    with pikepdf.open(path) as pdf:
        return [page.resources.XObject.Im0.read_raw_bytes() for page in pdf.pages]


def has_red_corner(path: Path, page: int) -> bool:
    with pymupdf.open(path) as document:
        pixmap = document[page].get_pixmap(dpi=50)
    pixels = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, 3)
    red, green, _ = pixels[:20, :15].reshape(-1, 3).mean(axis=0)
    return bool(red > 150 and green < 100)


def test_pages_come_in_the_order_asked_for_from_several_scans(tmp_path: Path) -> None:
    """Each keeps its stream byte for byte, its box and its rotation."""
    one = papers.scan(tmp_path / "one.pdf", 3)
    two = papers.scan(tmp_path / "two.pdf", 1, rotate=180)

    copy = extracted([Source(one, 3), Source(two, 1), Source(one, 1)], tmp_path / "copy.pdf")

    assert images(copy) == [images(one)[2], images(two)[0], images(one)[0]]
    with pikepdf.open(copy) as pdf:
        assert [page.rotation for page in pdf.pages] == [0, 180, 0]
        assert [float(page.mediabox[3]) for page in pdf.pages] == pytest.approx([841.92] * 3)
    assert all(has_red_corner(copy, page) for page in range(3))


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_halves_of_a_booklet_become_a4_pages_that_share_one_image(tmp_path: Path, rotate: int) -> None:
    """The red corner is at the top left of the left half."""
    scan = papers.scan(tmp_path / "scan.pdf", 1, size=papers.A3_LANDSCAPE, rotate=rotate)

    copy = extracted([Source(scan, 1, Crop.RIGHT), Source(scan, 1, Crop.LEFT)], tmp_path / "copy.pdf")

    assert [has_red_corner(copy, 0), has_red_corner(copy, 1)] == [False, True]
    with pymupdf.open(copy) as document:
        assert all(tuple(page.rect)[2:] == pytest.approx((595.2, 841.68)) for page in document)
        assert len({page.get_images()[0][0] for page in document}) == 1
    assert copy.stat().st_size < scan.stat().st_size + 4096


def test_a_page_is_turned_for_its_reader(tmp_path: Path) -> None:
    """An upside-down sheet is put right without touching its image."""
    scan = papers.scan(tmp_path / "scan.pdf", 1, rotate=90)

    copy = extracted([Source(scan, 1, rotation=270)], tmp_path / "copy.pdf")

    with pikepdf.open(copy) as pdf:
        assert pdf.pages[0].rotation == 0


def test_the_same_copy_has_the_same_bytes(tmp_path: Path) -> None:
    """A repeated job writes what is already there."""
    scan = papers.scan(tmp_path / "scan.pdf", 2)

    first = extracted([Source(scan, 2)], tmp_path / "first.pdf").read_bytes()
    second = extracted([Source(scan, 2)], tmp_path / "second.pdf").read_bytes()

    assert first == second


def test_a_side_that_the_scan_does_not_have_is_refused(tmp_path: Path) -> None:
    """No page is left out in silence."""
    scan = papers.scan(tmp_path / "scan.pdf", 1)

    with pytest.raises(Refused) as caught:
        list(extract([Source(scan, 2)], tmp_path / "copy.pdf"))

    assert caught.value.reason is RefusalReason.DAMAGED


def sharing_their_resources(path: Path, *, in_forms: bool) -> Path:
    """Make a scan of three sides, each of which names the images of all."""
    with pikepdf.open(papers.scan(path.with_name("apart.pdf"), 3)) as pdf:
        shared = pdf.make_indirect(Dictionary(XObject=Dictionary()))
        for number, page in enumerate(pdf.pages):
            shared.XObject[f"/Im{number}"] = page.obj.Resources.XObject.Im0
            content = page.obj.Contents.read_bytes().replace(b"/Im0", b"/Im%d" % number)
            page.obj.Contents, page.obj.Resources = pdf.make_stream(content), shared
            if in_forms:
                form = pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form, BBox=page.obj.MediaBox)
                shared.XObject[f"/Fm{number}"] = form
                page.obj.Contents = pdf.make_stream(b"/Fm%d Do" % number)
        return papers.save(pdf, path)


@pytest.mark.parametrize("in_forms", [False, True])
def test_a_copy_holds_no_image_of_another_student_though_all_pages_share_their_resources(
    tmp_path: Path, in_forms: bool
) -> None:
    scan = sharing_their_resources(tmp_path / "scan.pdf", in_forms=in_forms)

    copy = extracted([Source(scan, 2)], tmp_path / "copy.pdf")

    with pikepdf.open(copy) as pdf:
        pictures = [one for one in pdf.objects if isinstance(one, pikepdf.Stream) and "/Width" in one]
        assert [one.read_raw_bytes() for one in pictures] == [images(tmp_path / "apart.pdf")[1]]
    assert has_red_corner(copy, 0)


def painting_by(way: str, pdf: pikepdf.Pdf, shared: pikepdf.Object) -> dict[str, pikepdf.Object]:
    """Make what paints the first image in this way; all of it offers the images of the others, too."""
    box = Array([0, 0, 595.2, 841.92])
    if way == "font":
        drawing = pdf.make_stream(b"1 0 d0 q .6 0 0 .8 0 0 cm /Im0 Do Q")
        font = Dictionary(Type=Name.Font, Subtype=Name.Type3, FontMatrix=Array([1, 0, 0, 1, 0, 0]))
        font.FontBBox, font.FirstChar, font.LastChar = Array([0, 0, 1, 1]), 65, 65
        font.Widths, font.Encoding = Array([1]), Dictionary(Differences=Array([65, Name.a]))
        font.CharProcs, font.Resources = Dictionary(a=drawing), shared
        return {"/Font": Dictionary(Shown=font)}
    form = pdf.make_stream(b"q 595.2 0 0 841.92 0 0 cm /Im0 Do Q", BBox=box, Resources=shared)
    if way == "pattern":
        for key, value in {
            "PatternType": 1,
            "PaintType": 1,
            "TilingType": 1,
            "XStep": 600,
            "YStep": 850,
        }.items():
            form[f"/{key}"] = value
        return {"/Pattern": Dictionary(Shown=form)}
    form.Type, form.Subtype, form.Group = Name.XObject, Name.Form, Dictionary(S=Name.Transparency)
    mask = Dictionary(S=Name.Luminosity, G=pdf.make_indirect(form))
    return {"/ExtGState": Dictionary(Shown=Dictionary(SMask=mask))}


@pytest.mark.parametrize(
    ("way", "content"),
    [
        ("pattern", b"/Pattern cs /Shown scn 0 0 595 842 re f"),
        ("mask", b"/Shown gs 0 0 595 842 re f"),
        ("font", b"BT /Shown 800 Tf 0 0 Td (A) Tj ET"),
        ("none", b"0 0 595 842 re f"),
    ],
)
def test_a_copy_holds_only_images_that_it_paints_in_whatever_way(
    tmp_path: Path, way: str, content: bytes
) -> None:
    """Patterns, soft masks and fonts of drawings hold images as pages do."""
    with pikepdf.open(papers.scan(tmp_path / "plain.pdf", 3)) as pdf:
        pictures = {f"/Im{number}": page.obj.Resources.XObject.Im0 for number, page in enumerate(pdf.pages)}
        shared = pdf.make_indirect(Dictionary(XObject=Dictionary(pictures)))
        kinds = painting_by("pattern" if way == "none" else way, pdf, shared)
        page = pdf.pages[0]
        page.obj.Contents = pdf.make_stream(content)
        page.obj.Resources = Dictionary(kinds | {"/XObject": Dictionary(pictures)})
        scan = papers.save(pdf, tmp_path / "scan.pdf")

    copy = extracted([Source(scan, 1)], tmp_path / "copy.pdf")

    with pikepdf.open(copy) as pdf:
        held = [
            one.read_raw_bytes() for one in pdf.objects if isinstance(one, pikepdf.Stream) and "/Width" in one
        ]
    assert held == images(tmp_path / "plain.pdf")[: way != "none"]
    with pymupdf.open(copy) as shown, pymupdf.open(scan) as wanted:
        assert shown[0].get_pixmap(dpi=40).samples == wanted[0].get_pixmap(dpi=40).samples


def test_a_copy_takes_along_no_papers_that_a_page_carries(tmp_path: Path) -> None:
    """Previews, properties and attached files may name anybody."""
    with pikepdf.open(papers.scan(tmp_path / "plain.pdf", 1)) as pdf:
        page = pdf.pages[0]
        told = pdf.make_stream(b"Anne Dupont")
        page.obj.Metadata = page.obj.Thumb = page.obj.Resources.XObject.Im0.Metadata = told
        page.obj.AF = Array([Dictionary(EF=Dictionary(F=told))])
        note = Dictionary(Subtype=Name.FileAttachment, Rect=Array([9, 9, 29, 29]), T=String("Anne Dupont"))
        note.FS = Dictionary(EF=Dictionary(F=told))
        page.obj.Annots = Array([note])
        scan = papers.save(pdf, tmp_path / "scan.pdf")

    copy = extracted([Source(scan, 1)], tmp_path / "copy.pdf")

    assert b"Dupont" not in copy.read_bytes()
    assert has_red_corner(copy, 0)


@pytest.mark.parametrize("in_forms", [False, True])
@pytest.mark.parametrize("damage", [b" (", b" <<", b" <zz> ", b" BI /W 9 ID", b" ) >> ]"])
def test_a_page_that_cannot_be_read_to_its_end_takes_no_image_of_another_student_along(
    tmp_path: Path, damage: bytes, in_forms: bool
) -> None:
    scan = sharing_their_resources(tmp_path / "scan.pdf", in_forms=in_forms)
    with pikepdf.open(scan, allow_overwriting_input=True) as pdf:
        page = pdf.pages[1]
        painted = page.resources.XObject.Fm1 if in_forms else page.obj.Contents
        painted.write(painted.read_bytes() + damage)
        papers.save(pdf, scan)

    with pytest.raises(Refused) as refused:
        list(extract([Source(scan, 2)], tmp_path / "copy.pdf"))

    assert refused.value.reason is RefusalReason.DAMAGED
    assert not (tmp_path / "copy.pdf").exists()


def test_content_that_cannot_be_unpacked_is_damaged(tmp_path: Path) -> None:
    scan = papers.scan(tmp_path / "whole.pdf", 1)
    with pikepdf.open(scan) as pdf:
        packed = zlib.compress(pdf.pages[0].obj.Contents.read_bytes())
        pdf.pages[0].obj.Contents.write(packed[:-9], filter=Name.FlateDecode)
        scan = papers.save(pdf, tmp_path / "scan.pdf")

    with pytest.raises(Refused) as refused:
        list(extract([Source(scan, 1)], tmp_path / "copy.pdf"))

    assert refused.value.reason is RefusalReason.DAMAGED


def test_a_copy_holds_no_field_of_another_student_and_nothing_that_acts(tmp_path: Path) -> None:
    scan = tmp_path / "scan.pdf"
    with pikepdf.open(papers.scan(tmp_path / "plain.pdf", 2)) as pdf:
        form = pdf.make_indirect(Dictionary(T=String("form"), Kids=Array()))
        for number, page in enumerate(pdf.pages):
            field = Dictionary(Subtype=Name.Widget, FT=Name.Tx, V=String(f"STUDENT-{number}"))
            field.Parent, field.Rect = form, Array([9, 9, 99, 29])
            link = Dictionary(Subtype=Name.Link, A=Dictionary(S=Name.Launch, F=String("calc.exe")))
            form.Kids.append(pdf.make_indirect(field))
            page.obj.Annots = Array([form.Kids[number], link])
            page.obj.AA = Dictionary(O=Dictionary(S=Name.JavaScript, JS=String("app.alert(1)")))
        papers.save(pdf, scan)

    copy = extracted([Source(scan, 1)], tmp_path / "copy.pdf")

    with pikepdf.open(copy) as pdf:
        pdf.save(tmp_path / "plain.pdf", qdf=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    content = (tmp_path / "plain.pdf").read_bytes()
    told = (b"STUDENT-0", b"STUDENT-1", b"JavaScript", b"Launch")
    assert [word in content for word in told] == [True, False, False, False]
