"""The PDF of a result: the scan untouched, and over it what the marker drew, where they drew it."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.stories.job import APPRECIATION, INKS, REMARK, TEXT, Ink, Job
from tests.stories.paper import A3_STUDENTS, A4_STUDENTS, FILE_STUDENTS
from tests.stories.pdfs import Pdf, Spot, spot

A4_MM = (210, 297)
POINT_MM = 25.4 / 72
#: A plain copy, one that was upside down at the feeder, a booklet, one scanned at 90 and one at 180 degrees.
COPIES = {
    "a4": A4_STUDENTS[0],
    "upside down": A4_STUDENTS[2],
    "a3": A3_STUDENTS[0],
    "rotate 90": FILE_STUDENTS[0],
    "rotate 180": FILE_STUDENTS[1],
}


@dataclass(frozen=True)
class Stamped:
    """A finalized copy with its PDF and the scan that it came from."""

    copy: dict[str, Any]
    pdf: Pdf
    scan: Pdf

    @property
    def pages(self) -> list[dict[str, Any]]:
        """The pages in reading order."""
        pages: list[dict[str, Any]] = self.copy["pages"]
        return pages


@pytest.fixture(params=COPIES, scope="module")
def stamped(request: pytest.FixtureRequest, finalized: Job) -> Stamped:
    exam, student = finalized.exam, COPIES[request.param]
    copy = next(copy for copy in exam.staged() if finalized.writer(copy) == student)
    content = exam.office.download(f"{exam.path}/copies/{copy['id']}/result.pdf")
    scan = finalized.papers[copy["scan_id"]].file.read_bytes()
    return Stamped(copy, Pdf(content), Pdf(scan))


def test_it_has_every_page_of_the_copy_and_a_summary(stamped: Stamped) -> None:
    assert stamped.pdf.page_count == len(stamped.pages) + 1


def test_it_keeps_the_original_image_streams_byte_for_byte(stamped: Stamped) -> None:
    for number, page in enumerate(stamped.pages):
        assert stamped.scan.images(page["side"] - 1) <= stamped.pdf.images(number)


def test_its_pages_are_displayed_as_a4(stamped: Stamped) -> None:
    sizes = [stamped.pdf.size_mm(number) for number in range(len(stamped.pages))]

    for size in sizes:
        assert size == pytest.approx(A4_MM, abs=1)


def test_an_a4_side_keeps_its_media_box_and_rotation(stamped: Stamped) -> None:
    for number, page in enumerate(stamped.pages):
        if page["crop"] == "full":
            side = page["side"] - 1
            turned = (stamped.scan.rotation(side) + page["rotation"]) % 360
            assert stamped.pdf.media_box(number) == stamped.scan.media_box(side)
            assert stamped.pdf.rotation(number) == turned


@pytest.mark.parametrize("ink", INKS, ids=lambda ink: ink.kind)
def test_ink_lies_where_it_was_drawn_in_the_colour_it_was_given(stamped: Stamped, ink: Ink) -> None:
    drawn, beneath = stamped.pdf.pixels(0), stamped.scan.face(stamped.pages[0])
    found = spot(drawn, beneath, ink.color, opacity=0.35 if ink.kind == "highlighter" else 1)

    if ink.kind == "text":
        x, y = ink.places[0][0] * A4_MM[0], ink.places[0][1] * A4_MM[1]
        assert found.left == pytest.approx(x, abs=1)
        assert y < found.top < y + ink.look["size"] * POINT_MM
    else:
        assert found.differs(_drawn(ink)) < 1


def test_its_text_can_be_found_with_every_sign(stamped: Stamped) -> None:
    assert TEXT in stamped.pdf.text(0)


def test_its_fonts_are_embedded(stamped: Stamped) -> None:
    assert all(stamped.pdf.fonts(0))
    assert all(stamped.pdf.fonts(len(stamped.pages)))


def test_its_summary_tells_everything(stamped: Stamped) -> None:
    summary = stamped.pdf.text(len(stamped.pages))

    for told in ("Bac blanc n° 1", "1.a", "Question 3", "/ 12", "/ 20", "Total", APPRECIATION):
        assert told in summary
    assert REMARK in summary


def test_it_names_nobody_in_its_properties(stamped: Stamped, finalized: Job) -> None:
    exam, student = finalized.exam, finalized.writer(stamped.copy)
    answer = exam.office.ask("GET", f"{exam.path}/copies/{stamped.copy['id']}/result.pdf")

    assert student.family.casefold() not in answer.headers["content-disposition"].casefold()
    assert student.family.encode() not in answer.content


def test_the_pages_of_a_booklet_share_one_image(finalized: Job) -> None:
    exam = finalized.exam
    copy = next(copy for copy in exam.staged() if finalized.writer(copy) == A3_STUDENTS[0])
    content = exam.office.download(f"{exam.path}/copies/{copy['id']}/result.pdf")
    scan = finalized.papers[copy["scan_id"]].file
    original = Pdf(scan.read_bytes())
    sides = sum(len(image) for side in (0, 1) for image in original.images(side))

    assert len(content) < sides + 400_000


def _drawn(ink: Ink) -> Spot:
    """Return the rectangle that the ink covers, its width and round ends included."""
    xs = [x * A4_MM[0] for x, _ in ink.places]
    ys = [y * A4_MM[1] for _, y in ink.places]
    half, size = ink.look["width"] / 2 * POINT_MM, ink.look.get("size", 0) * POINT_MM
    reach = {"tick": (0.5, 0.4), "cross": (0.4, 0.4)}.get(ink.kind, (0, 0))
    across, down = reach[0] * size + half, reach[1] * size + half
    return Spot(min(xs) - across, min(ys) - down, max(xs) + across, max(ys) + down)
