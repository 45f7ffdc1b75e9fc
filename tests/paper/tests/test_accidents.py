"""What happens at the feeder shows in the scan and in its truth."""
# mypy: disable-error-code="no-untyped-call"
# PyMuPDF annotates only part of its functions.

from collections.abc import Callable
from pathlib import Path

import pikepdf
import pymupdf
import pytest

from tests.paper import accidents, hostile
from tests.paper.piles import Fault, Format, Pile, a3_pile, a4_pile, in_format
from tests.paper.scans import scan
from tests.paper.students import roster

DPI = 50
PILE = a4_pile(roster(4))


def places(pile: Pile) -> list[tuple[int | None, int | None]]:
    return [(face.copy, face.position) for side in pile for face in side.faces]


def test_a_missing_verso_shifts_what_follows() -> None:
    pile = accidents.missing_side(PILE, 2)

    assert places(pile)[:4] == [(0, 1), (0, 3), (0, 4), (1, 1)]


def test_a_double_feed_loses_the_two_faces_between_the_sheets() -> None:
    pile = accidents.double_feed(PILE, 3)

    assert places(pile)[:5] == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3)]


def test_a_double_feed_needs_a_second_sheet() -> None:
    with pytest.raises(ValueError, match="last sheet"):
        accidents.double_feed(PILE, 16)


def test_a_sheet_fed_back_to_front_swaps_its_faces() -> None:
    pile = accidents.swapped_sides(PILE, 2)

    assert places(pile)[:4] == [(0, 2), (0, 1), (0, 3), (0, 4)]


def test_an_upside_down_booklet_turns_and_swaps_its_halves(tmp_path: Path) -> None:
    pile = accidents.upside_down(a3_pile(roster(2), sheets=(1,)), 1)
    truth = scan(pile, tmp_path / "scan.pdf", dpi=DPI)

    left, right = truth.sides[0].faces
    assert (left.position, left.orientation, right.position) == (1, 180, 4)
    assert all(box.y > 0.8 for box in left.name_boxes)
    assert truth.sides[2].faces[0].orientation == 0


def test_blank_sides_belong_to_nobody(tmp_path: Path) -> None:
    truth = scan(accidents.blank_sides(PILE[:4], 2, count=2), tmp_path / "scan.pdf", dpi=DPI)

    assert [(face.copy, face.is_blank) for _, face in truth.faces()][2:4] == [(None, True)] * 2


def test_a_foreign_sheet_lies_inside_another_copy() -> None:
    pile = accidents.foreign_sheet(PILE, 2, taken=9)

    assert places(pile)[:6] == [(0, 1), (0, 2), (2, 1), (2, 2), (0, 3), (0, 4)]
    assert sorted(places(pile)) == sorted(places(PILE))


def test_a_foreign_sheet_may_come_from_further_up() -> None:
    pile = accidents.foreign_sheet(PILE, 9, taken=1)

    assert places(pile)[6:9] == [(2, 1), (0, 1), (0, 2)]


def test_a_side_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no side 99"):
        accidents.upside_down(PILE, 99)


@pytest.mark.parametrize("fault", [Fault.GARBAGE, Fault.CUT])
def test_a_broken_side_leaves_its_neighbours_readable(tmp_path: Path, fault: Fault) -> None:
    path = tmp_path / "scan.pdf"
    truth = scan(accidents.broken_side(PILE[:4], 2, fault=fault), path, dpi=DPI)

    assert [side.is_broken for side in truth.sides] == [False, True, False, False]
    with pymupdf.open(path) as document:
        assert not document.is_repaired
        pymupdf.TOOLS.reset_mupdf_warnings()
        document[2].get_pixmap()
        assert pymupdf.TOOLS.mupdf_warnings() == ""
        document[1].get_pixmap()
        assert pymupdf.TOOLS.mupdf_warnings() != ""


def test_what_could_not_happen_is_refused() -> None:
    born = in_format(PILE, Format.BORN)

    with pytest.raises(ValueError, match="never upside down"):
        accidents.upside_down(born, 1)
    with pytest.raises(ValueError, match="no single image"):
        accidents.broken_side(born, 1)


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("honest") / "scan.pdf"
    scan(PILE, path, dpi=DPI)
    return path


def test_a_truncated_scan_only_opens_repaired(honest: Path, tmp_path: Path) -> None:
    cut = hostile.truncated(honest, tmp_path / "cut.pdf")

    with pymupdf.open(cut) as document:
        assert document.is_repaired


def test_an_encrypted_scan_asks_for_its_password(honest: Path, tmp_path: Path) -> None:
    locked = hostile.encrypted(honest, tmp_path / "locked.pdf")

    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(locked)
    with pikepdf.open(locked, password=hostile.PASSWORD) as pdf:
        assert len(pdf.pages) == 16


def test_an_owner_password_lets_anyone_read(honest: Path, tmp_path: Path) -> None:
    with pikepdf.open(hostile.owner_only(honest, tmp_path / "owned.pdf")) as pdf:
        assert pdf.is_encrypted
        assert len(pdf.pages) == 16


@pytest.mark.parametrize("write", [hostile.html, hostile.png, hostile.empty])
def test_what_is_not_a_pdf_does_not_open_as_one(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    with pytest.raises(pikepdf.PdfError):
        pikepdf.open(write(tmp_path / "fake.pdf"))


def test_a_file_can_have_ten_thousand_pages(tmp_path: Path) -> None:
    with pikepdf.open(hostile.many_pages(tmp_path / "many.pdf")) as pdf:
        assert len(pdf.pages) == 10_000


def test_an_absurd_page_keeps_its_size(tmp_path: Path) -> None:
    with pikepdf.open(hostile.page_of_size(tmp_path / "vast.pdf", 1e6, 2e6)) as pdf:
        assert [float(edge) for edge in pdf.pages[0].mediabox] == [0, 0, 1e6, 2e6]


def test_an_image_bomb_is_small_until_it_is_unpacked(tmp_path: Path) -> None:
    path = hostile.image_bomb(tmp_path / "bomb.pdf")

    assert path.stat().st_size < 3_000_000
    with pikepdf.open(path) as pdf:
        image = pdf.pages[0].Resources.XObject.Im0
        assert (int(image.Width), int(image.Height)) == (50_000, 50_000)


def test_an_image_bomb_unpacks_to_as_many_bytes_as_it_claims(tmp_path: Path) -> None:
    with pikepdf.open(hostile.image_bomb(tmp_path / "bomb.pdf", edge=1_500)) as pdf:
        image = pdf.pages[0].Resources.XObject.Im0
        assert image.read_bytes() == bytes(1_500 * 1_500)


def test_a_content_bomb_is_small_until_it_is_unpacked(tmp_path: Path) -> None:
    path = hostile.content_bomb(tmp_path / "bomb.pdf")

    assert path.stat().st_size < 100_000
    with pikepdf.open(path) as pdf:
        contents = pdf.pages[0].Contents
        assert len(contents) * len(contents[0].read_bytes()) > 1_000_000_000


def test_a_form_bomb_draws_each_form_many_times(tmp_path: Path) -> None:
    with pikepdf.open(hostile.form_bomb(tmp_path / "bomb.pdf", depth=3, width=4)) as pdf:
        form = pdf.pages[0].Resources.XObject.F
        assert form.read_bytes().count(b"/F Do") == 4
        assert b"re f" in form.Resources.XObject.F.Resources.XObject.F.Resources.XObject.F.read_bytes()
