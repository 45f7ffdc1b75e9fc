"""The annotated PDF is the original with vector drawings over it and a summary behind it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pymupdf
import pytest
from rasterizer.refusals import RefusalReason, Refused
from rasterizer.stamp import parse, read, stamp

from services.rasterizer.tests import papers

GLYPHS = "√(x²+1) ∞ é ∀x∈ℝ ≤ αβΩ ∑ uₙ − ✓ œ"
LONG = "Une remarque assez longue pour ne pas tenir sur une seule ligne de la page, et même sur deux. "


def content(pages: list[dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
    question = {"label": "1", "depth": 0, "title": "Suites", "mark": "1,5", "maximum": "3", "remark": ""}
    return {
        "exam": {"name": "Bac blanc", "date": "12/05/2026"},
        "copy": {"code": "K7-QX"},
        "student": "Anne Dupont",
        "language": "fr",
        "questions": [question],
        "total": "14,5",
        "scale": "20",
        "appreciation": "",
        "pages": pages or [],
    } | changes


def annotation(kind: str, *points: tuple[float, float], **more: Any) -> dict[str, Any]:
    return {"id": "a", "kind": kind, "points": list(points), "color": "#0a0"} | more


def stamped(pdf: Path, stamping: dict[str, Any]) -> Path:
    out = pdf.with_name("stamped.pdf")
    list(stamp(pdf, parse(stamping), out))
    return out


def text_of(pdf: Path, page: int = -1) -> str:
    with pymupdf.open(pdf) as document:
        return str(document[page].get_text())


def green(pdf: Path, page: int = 0) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Show where a page is green, one pixel a point, as displayed."""
    with pymupdf.open(pdf) as document:
        pixmap = document[page].get_pixmap(dpi=72)
    pixels = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, 3).astype(int)
    return (pixels[..., 1] > 110) & (pixels[..., 0] < 90) & (pixels[..., 2] < 90)


def extent(mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> tuple[int, int, int, int]:
    """Give left, top, right and bottom of what is set."""
    rows, columns = np.nonzero(mask)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("box", [None, (100, 50, 400, 600)])
def test_an_annotation_lies_where_it_was_drawn(
    tmp_path: Path, rotate: int, box: tuple[float, ...] | None
) -> None:
    """Within a third of a millimetre, on any rotation and crop box."""
    pdf = pikepdf.Pdf.new()
    papers.add_page(pdf, papers.jpeg_image(pdf, papers.sheet()), rotate=rotate, box=box)
    path = papers.save(pdf, tmp_path / "copy.pdf")
    pages = [{"page": 1, "annotations": [annotation("rectangle", (0.2, 0.1), (0.8, 0.3), width=2)]}]

    mask = green(stamped(path, content(pages)))

    height, width = mask.shape
    wanted = (0.2 * width - 1, 0.1 * height - 1, 0.8 * width + 1, 0.3 * height + 1)
    assert extent(mask) == pytest.approx(wanted, abs=1)


@pytest.mark.parametrize(
    ("drawn", "wanted"),
    [
        (annotation("pen", (0.2, 0.2), (0.4, 0.3), width=2), (119, 168, 239, 253)),
        (annotation("pen", (0.5, 0.5), width=8), (294, 417, 302, 425)),
        (annotation("tick", (0.5, 0.5), size=20, width=2), (286, 412, 309, 430)),
        (annotation("cross", (0.5, 0.5), size=20, width=2), (289, 412, 307, 430)),
        (annotation("text", text="IIII", box=[0.5, 0.5, 0.3], size=40), (299, 433, 350, 461)),
    ],
    ids=["pen", "dot", "tick", "cross", "text"],
)
def test_each_kind_has_its_shape(tmp_path: Path, drawn: dict[str, Any], wanted: tuple[int, ...]) -> None:
    """Sizes are points, places are fractions."""
    path = papers.scan(tmp_path / "copy.pdf", 1)

    mask = green(stamped(path, content([{"page": 1, "annotations": [drawn]}])))

    assert extent(mask) == pytest.approx(wanted, abs=2)


def test_a_highlighter_leaves_the_ink_beneath_readable(tmp_path: Path) -> None:
    """It is multiplied into the page."""
    path = papers.scan(tmp_path / "copy.pdf", 1)
    drawn = annotation("highlighter", (0.1, 0.5), (0.9, 0.5), width=300, opacity=1, color="#ff0")

    with pymupdf.open(stamped(path, content([{"page": 1, "annotations": [drawn]}]))) as document:
        pixmap = document[0].get_pixmap(dpi=100)
    pixels = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, 3)[400:700, 200:600]

    assert pixels[..., 0].max() > 200
    assert pixels[..., 0].min() < 110
    assert pixels[..., 2].max() < 30


def test_the_original_streams_and_geometry_stay(tmp_path: Path) -> None:
    """Each image, each content stream and each box is what it was, byte for byte."""
    path = papers.scan(tmp_path / "copy.pdf", 3, rotate=90)
    pages = [{"page": number, "annotations": [annotation("tick", (0.5, 0.5))]} for number in (1, 3)]

    out = stamped(path, content(pages))

    with pikepdf.open(path) as before, pikepdf.open(out) as after:
        assert len(after.pages) == 4
        streams = [stream for stream in after.objects if isinstance(stream, pikepdf.Stream)]
        kept = {stream.read_raw_bytes() for stream in streams}
        for old, new in zip(before.pages, after.pages, strict=False):
            assert list(new.mediabox) == list(old.mediabox)
            assert new.rotation == old.rotation
            assert old.resources.XObject.Im0.read_raw_bytes() in kept
            assert old.obj.Contents.read_raw_bytes() in kept
        assert after.check_pdf_syntax() == []


def test_text_is_wrapped_and_found_whole(tmp_path: Path) -> None:
    """Every glyph is drawn by one of the fonts and can be copied out again."""
    path = papers.scan(tmp_path / "copy.pdf", 1)
    text = f"{GLYPHS} {LONG}"
    drawn = annotation("text", text=text, box=[0.1, 0.1, 0.3], size=10)

    out = stamped(path, content([{"page": 1, "annotations": [drawn]}]))

    assert text_of(out, 0).split() == text.split()
    left, _, right, _ = extent(green(out))
    assert left >= 59
    assert right <= 59.5 + 0.3 * 595.2 + 1


@pytest.mark.parametrize(
    ("text", "box"),
    [("x" * 400, [0.9, 0.5, 0.1]), (LONG * 3, [0.5, 0.95, 0.3]), (LONG * 80, [0.1, 0.1, 0.2])],
    ids=["one endless word", "at the foot", "more than a page"],
)
def test_text_is_never_cut_off(tmp_path: Path, text: str, box: list[float]) -> None:
    """It moves or shrinks until all of it is on the page."""
    path = papers.scan(tmp_path / "copy.pdf", 1)
    drawn = annotation("text", text=text, box=box, size=12)

    out = stamped(path, content([{"page": 1, "annotations": [drawn]}]))

    with pymupdf.open(out) as document:
        words = document[0].get_text("words", clip=document[0].rect)
        foot = document[0].rect.y1
    assert "".join(word[4] for word in words) == "".join(text.split())
    assert max(word[3] for word in words) <= foot + 4


def test_the_summary_names_everything(tmp_path: Path) -> None:
    """An unmarked question is not a zero."""
    first = content()["questions"][0] | {"remark": f"{GLYPHS} {LONG}"}
    second = {"label": "1.a", "depth": 1, "title": LONG, "mark": None, "maximum": "2", "remark": ""}
    stamping = content(questions=[first, second], appreciation="Bon travail")

    text = text_of(stamped(papers.scan(tmp_path / "copy.pdf", 1), stamping))

    words = ["Bac blanc", "12/05/2026", "Anne Dupont", "K7-QX", "1.a", "1,5 / 3", "non notée", "14,5 / 20"]
    assert [word for word in [*words, "Appréciation", "Bon travail"] if word not in text] == []
    assert GLYPHS.split()[0] in text
    assert " ".join(text.split()).count("Une remarque assez") == 2


def test_an_anonymous_copy_has_its_code_only(tmp_path: Path) -> None:
    """No line speaks of a student, in the language that was asked for."""
    stamping = content(student=None, language="en", total=None)

    text = text_of(stamped(papers.scan(tmp_path / "copy.pdf", 1), stamping))

    assert "Student" not in text
    assert "Copy: K7-QX" in text
    assert "not marked / 20" in text


def test_a_long_summary_takes_as_many_pages_as_it_needs(tmp_path: Path) -> None:
    """Forty questions with remarks do not fit on one."""
    question = content()["questions"][0]
    questions = [question | {"label": f"Q{number}", "remark": LONG * 4} for number in range(40)]

    out = stamped(papers.scan(tmp_path / "copy.pdf", 1), content(questions=questions))

    with pymupdf.open(out) as document:
        text = "".join(page.get_text() for page in document)
        assert document.page_count > 3
    assert all(f"Q{number}\n" in text for number in range(40))


def test_content_that_leaves_its_state_open_does_not_move_the_drawing(tmp_path: Path) -> None:
    """Some producers forget to restore the graphics state."""
    pdf = pikepdf.Pdf.new()
    placed = b"q q .5 0 0 .5 0 0 cm 1190.4 0 0 1683.84 0 0 cm /Im0 Do"
    papers.add_page(pdf, papers.jpeg_image(pdf, papers.sheet()), content=placed)
    path = papers.save(pdf, tmp_path / "copy.pdf")
    pages = [{"page": 1, "annotations": [annotation("rectangle", (0.2, 0.1), (0.8, 0.3), width=2)]}]

    assert extent(green(stamped(path, content(pages)))) == pytest.approx((118, 83, 477, 254), abs=1)


def test_resources_shared_by_pages_are_not_mixed(tmp_path: Path) -> None:
    """Each page shows its own drawing, even where a scan has one resource dictionary for all."""
    pdf = pikepdf.Pdf.new()
    pages = [papers.add_page(pdf, papers.jpeg_image(pdf, papers.sheet())) for _ in range(2)]
    pages[1].obj.Resources = pages[0].obj.Resources = pdf.make_indirect(pages[0].obj.Resources)
    path = papers.save(pdf, tmp_path / "copy.pdf")
    drawings = [
        {"page": 1, "annotations": [annotation("rectangle", (0.1, 0.1), (0.2, 0.2))]},
        {"page": 2, "annotations": [annotation("rectangle", (0.7, 0.7), (0.8, 0.8))]},
    ]

    out = stamped(path, content(drawings))

    assert extent(green(out, 0))[0] == pytest.approx(60, abs=2)
    assert extent(green(out, 1))[0] == pytest.approx(416, abs=2)


def test_fifty_pages_grow_by_little(tmp_path: Path) -> None:
    """At most 150 kB for the fonts and 3 kB a page, summary included."""
    path = papers.scan(tmp_path / "copy.pdf", 50, dpi=40)
    stroke = annotation("pen", *[(0.1 + i / 100, 0.2 + (i * 7 % 50) / 100) for i in range(50)])
    drawn = [stroke] * 5 + [annotation("text", text=GLYPHS, box=[0.1, 0.1, 0.5])] * 15
    pages = [{"page": number, "annotations": drawn} for number in range(1, 51)]

    out = stamped(path, content(pages))

    assert out.stat().st_size - path.stat().st_size < 150_000 + 50 * 3_000


@pytest.mark.parametrize(
    "broken",
    [
        {"exam": "Bac"},
        {"pages": [{"page": 9, "annotations": []}]},
        {"pages": [{"page": 1, "annotations": [annotation("spray", (0, 0))]}]},
        {"pages": [{"page": 1, "annotations": [annotation("rectangle", (0, 0))]}]},
        {"pages": [{"page": 1, "annotations": [annotation("pen", (0, 0), color="red")]}]},
    ],
)
def test_content_that_does_not_fit_is_refused(tmp_path: Path, broken: dict[str, Any]) -> None:
    """A wrong file is an answer, not a half-stamped result."""
    with pytest.raises(Refused) as caught:
        stamped(papers.scan(tmp_path / "copy.pdf", 1), content(**broken))

    assert caught.value.reason is RefusalReason.BAD_ANNOTATIONS


@pytest.mark.parametrize(
    "odd",
    [
        {"points": [[float("nan"), 0.1]]},
        {"points": [[float("inf"), 0.1]]},
        {"points": [[1e308, 0.1]]},
        {"points": [["0.1", 0.1]]},
        {"points": [[True, 0.1]]},
        {"points": [[0.1, 0.1, 0.1]]},
        {"points": None},
        {"width": -1},
        {"width": float("nan")},
        {"opacity": 2},
        {"color": "#-1-1-1"},
        {"color": 7},
        {"kind": "text", "text": ["a"]},
        {"kind": "text", "text": "a", "size": 0},
        {"kind": "tick", "size": 1e9},
    ],
    ids=str,
)
def test_a_drawing_that_no_pen_can_make_is_refused(tmp_path: Path, odd: dict[str, Any]) -> None:
    """One number that is none would spoil the page in every reader."""
    drawn = annotation("pen", (0.1, 0.1), (0.2, 0.2)) | odd

    with pytest.raises(Refused) as caught:
        parse(content([{"page": 1, "annotations": [drawn]}]))

    assert caught.value.reason is RefusalReason.BAD_ANNOTATIONS


@pytest.mark.parametrize(
    "odd",
    [
        {"pages": [{"page": 1, "annotations": []}] * 2},
        {"pages": [{"page": 1.5, "annotations": []}]},
        {"appreciation": {"a": 1}},
        {"questions": [{"label": "1", "depth": 10**308, "title": "", "mark": None, "maximum": "1"}]},
        [],
    ],
    ids=str,
)
def test_a_sheet_of_the_wrong_kinds_is_refused(odd: dict[str, Any] | list[Any]) -> None:
    """Nothing is taken for what it is not, and no page's drawings replace others."""
    with pytest.raises(Refused) as caught:
        parse(content() | odd if isinstance(odd, dict) else odd)

    assert caught.value.reason is RefusalReason.BAD_ANNOTATIONS


def test_a_file_nested_without_end_is_refused(tmp_path: Path) -> None:
    """It is no error of ours."""
    (tmp_path / "frozen.json").write_text("[" * 100_000)

    with pytest.raises(Refused) as caught:
        read(tmp_path / "frozen.json")

    assert caught.value.reason is RefusalReason.BAD_ANNOTATIONS


@pytest.mark.parametrize("keys", [{"UserUnit": 2}, {"MediaBox": pikepdf.Array([0, 0, 298, 421])}], ids=str)
def test_a_page_of_any_size_looks_as_on_the_desk(tmp_path: Path, keys: dict[str, Any]) -> None:
    """The desk shows each as wide as A4, and letters of a size in proportion."""
    pdf = pikepdf.Pdf.new()
    page = papers.add_page(pdf, papers.jpeg_image(pdf, papers.sheet()))
    for key, value in keys.items():
        page.obj[f"/{key}"] = value
    path = papers.save(pdf, tmp_path / "copy.pdf")
    drawn = annotation("text", text="IIII", box=[0.5, 0.5, 0.3], size=40)

    mask = green(stamped(path, content([{"page": 1, "annotations": [drawn]}])))

    scale = mask.shape[1] / 595.2
    wanted = [edge * scale for edge in (299, 433, 350, 461)]
    assert extent(mask) == pytest.approx(wanted, abs=2 * scale + 1)


def test_a_page_without_any_area_is_stamped_as_viewers_show_it(tmp_path: Path) -> None:
    """They take it for a sheet of letter paper."""
    pdf = pikepdf.Pdf.new()
    page = papers.add_page(pdf, papers.jpeg_image(pdf, papers.sheet()))
    page.MediaBox = pikepdf.Array([0, 0, 0, 0])
    path = papers.save(pdf, tmp_path / "copy.pdf")
    pages = [{"page": 1, "annotations": [annotation("rectangle", (0.5, 0.5), (0.75, 0.75))]}]

    mask = green(stamped(path, content(pages)))

    assert extent(mask) == pytest.approx((306, 396, 459, 594), abs=2)


def test_signs_of_today_are_written(tmp_path: Path) -> None:
    """Markers type them on their telephones."""
    drawn = annotation("text", text="✅ ❌ ❤️ 😀 日本", box=[0.1, 0.1, 0.8])
    out = stamped(papers.scan(tmp_path / "copy.pdf", 1), content([{"page": 1, "annotations": [drawn]}]))

    assert "□" not in text_of(out, 0) + text_of(out)


def test_a_sign_that_cannot_be_written_is_admitted(tmp_path: Path) -> None:
    """Its box is explained; a reader must not take it for what the marker wrote."""
    out = stamped(papers.scan(tmp_path / "copy.pdf", 1), content(appreciation="Bien : مرحبا"))

    assert "□ : signe que ce fichier ne sait pas écrire" in " ".join(text_of(out).split())


def test_the_content_is_read_from_a_file(tmp_path: Path) -> None:
    """It is the frozen JSON of a copy."""
    (tmp_path / "frozen.json").write_text(json.dumps(content()))

    assert read(tmp_path / "frozen.json").student == "Anne Dupont"
