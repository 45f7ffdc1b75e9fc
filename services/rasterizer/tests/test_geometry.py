"""Fractions of the displayed page and PDF user space agree with the golden vectors."""

import json
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from rasterizer.geometry import Crop, Frame, frame_of
from rasterizer.stamp.drawing import CROSS, TICK
from rasterizer.stamp.fonts import BASELINE, LINE_HEIGHT

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())


@pytest.mark.parametrize("page", VECTORS["pages"], ids=str)
def test_points_lie_where_the_vectors_say(page: dict[str, Any]) -> None:
    """The web tests the same table."""
    x0, y0, x1, y1 = page["box"]
    frame = Frame(x0, y0, x1, y1, page["rotate"]).cropped(Crop(page["crop"]))

    assert frame.displayed == tuple(page["displayed"])
    for fraction, user in page["points"]:
        assert frame.point(*fraction) == pytest.approx(user)


def test_marks_and_lines_of_text_have_the_shape_of_the_vectors() -> None:
    """The result looks like the desk."""
    assert [[list(point) for point in stroke] for stroke in TICK] == VECTORS["tick"]
    assert [[list(point) for point in stroke] for stroke in CROSS] == VECTORS["cross"]
    assert {"line_height": LINE_HEIGHT, "baseline": pytest.approx(BASELINE)} == VECTORS["text"]


def test_a_frame_is_what_a_viewer_shows() -> None:
    """The crop box within the media box, whatever the order of their corners; inherited entries count."""
    with pikepdf.Pdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(600, 840))
        page.obj.CropBox = pikepdf.Array([620, 900, 20, 30])
        pdf.Root.Pages.Rotate = -90

        assert frame_of(page) == Frame(20, 30, 600, 840, 270)
