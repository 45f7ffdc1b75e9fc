"""Inspecting says what a PDF holds, or refuses it with a reason."""

from pathlib import Path

import pikepdf
import pymupdf
import pytest
from rasterizer.inspect import inspect
from rasterizer.refusals import RefusalReason, Refused

from services.rasterizer.tests import papers


def refusal(path: Path, **options: int) -> RefusalReason:
    with pytest.raises(Refused) as caught:
        inspect(path, **options)
    return caught.value.reason


def test_each_side_is_measured_as_it_is_displayed(tmp_path: Path) -> None:
    """A booklet side with /Rotate 270 is an A3 landscape; an A4 side beside it is not."""
    pdf = pikepdf.Pdf.new()
    picture = papers.jpeg_image(pdf, papers.sheet())
    papers.add_page(pdf, picture, (841.68, 1190.4), rotate=270)
    papers.add_page(pdf, picture)
    path = papers.save(pdf, tmp_path / "mixed.pdf")

    booklet, annex = inspect(path).sides

    assert (
        booklet.width_pt,
        booklet.height_pt,
        booklet.rotate,
        booklet.is_a3,
    ) == (1190.4, 841.68, 270, True)
    assert (annex.width_pt, annex.height_pt, annex.rotate, annex.is_a3) == (595.2, 841.92, 0, False)


@pytest.mark.parametrize("kept", [0.3, 0.5, 0.9, 0.99])
def test_a_cut_off_file_is_damaged_and_never_opens_as_blank_pages(tmp_path: Path, kept: float) -> None:
    """However little is missing, a truncated upload is refused."""
    whole = papers.scan(tmp_path / "whole.pdf").read_bytes()
    path = tmp_path / "cut.pdf"
    path.write_bytes(whole[: int(len(whole) * kept)])

    assert refusal(path) is RefusalReason.DAMAGED


def test_a_file_whose_table_is_wrong_but_complete_is_repaired(tmp_path: Path) -> None:
    """A wrong offset, as some copiers write, loses nothing."""
    path = papers.scan(tmp_path / "scan.pdf")
    start = path.read_bytes().rindex(b"startxref")
    path.write_bytes(path.read_bytes()[:start] + b"startxref\n12345\n%%EOF\n")

    inspection = inspect(path)

    assert (len(inspection.sides), inspection.repaired) == (3, True)


def test_a_file_whose_last_block_is_filled_with_zeros_is_complete(tmp_path: Path) -> None:
    """Copiers and old file systems do that; viewers open it."""
    path = papers.scan(tmp_path / "scan.pdf")
    path.write_bytes(path.read_bytes() + bytes(9000))

    assert len(inspect(path).sides) == 3


def test_a_file_that_ends_in_a_cut_off_revision_is_damaged(tmp_path: Path) -> None:
    """The end of the revision before is not the end of the file."""
    path = papers.scan(tmp_path / "scan.pdf")
    with pymupdf.open(path) as document:
        document[0].insert_text((100, 100), "added")
        document.saveIncr()
    revised = path.read_bytes()
    path.write_bytes(revised[: revised.rindex(b"xref\n")])

    assert refusal(path) is RefusalReason.DAMAGED


@pytest.mark.parametrize("content", [b"<html><p>hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b""])
def test_another_format_under_the_name_of_a_pdf_is_not_a_pdf(tmp_path: Path, content: bytes) -> None:
    """The content decides, not the name."""
    path = tmp_path / "scan.pdf"
    path.write_bytes(content)

    assert refusal(path) is RefusalReason.NOT_A_PDF


def test_a_file_that_asks_for_a_password_is_encrypted(tmp_path: Path) -> None:
    """Nobody can open it here."""
    pdf = pikepdf.open(papers.scan(tmp_path / "scan.pdf", 1))
    path = papers.save(pdf, tmp_path / "locked.pdf", encryption=pikepdf.Encryption(user="u", owner="o"))

    assert refusal(path) is RefusalReason.ENCRYPTED


def test_a_file_with_an_owner_password_only_is_accepted(tmp_path: Path) -> None:
    """It opens for everyone, and only asks not to be changed."""
    pdf = pikepdf.open(papers.scan(tmp_path / "scan.pdf", 1))
    path = papers.save(pdf, tmp_path / "owned.pdf", encryption=pikepdf.Encryption(user="", owner="o"))

    assert len(inspect(path).sides) == 1


def test_a_file_without_pages_is_empty(tmp_path: Path) -> None:
    """There is nothing to grade."""
    assert refusal(papers.save(pikepdf.Pdf.new(), tmp_path / "empty.pdf")) is RefusalReason.EMPTY


def test_a_file_with_more_sides_than_the_cap_is_refused(tmp_path: Path) -> None:
    """The cap is a setting."""
    path = papers.scan(tmp_path / "scan.pdf", 3)

    assert refusal(path, max_sides=2) is RefusalReason.TOO_MANY_SIDES


@pytest.mark.parametrize("count", [2, 5])
def test_a_page_tree_that_miscounts_loses_no_side_unseen(tmp_path: Path, count: int) -> None:
    scan = tmp_path / "scan.pdf"
    with pikepdf.open(papers.scan(tmp_path / "right.pdf", 3)) as pdf:
        pdf.save(scan, qdf=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    scan.write_bytes(scan.read_bytes().replace(b"/Count 3", b"/Count %d" % count))

    with pytest.raises(Refused) as refused:
        inspect(scan)

    assert refused.value.reason is RefusalReason.DAMAGED


def test_a_side_that_a_scan_lists_twice_is_two_sides(tmp_path: Path) -> None:
    with pikepdf.open(papers.scan(tmp_path / "once.pdf", 2)) as pdf:
        pdf.Root.Pages.Kids.append(pdf.Root.Pages.Kids[0])
        pdf.Root.Pages.Count = 3
        scan = papers.save(pdf, tmp_path / "twice.pdf")

    assert len(inspect(scan).sides) == 3
