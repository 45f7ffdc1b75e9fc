"""A page is blank when it has next to no ink, whatever its paper and noise."""

import numpy as np
import pytest
from rasterizer import images
from rasterizer.blank import is_blank

from services.rasterizer.tests import papers


def thumbnail(pixels: papers.Pixels) -> papers.Pixels:
    return images.thumbnail(pixels).copy()


def test_a_noisy_unevenly_lit_ruled_sheet_is_blank() -> None:
    """Ruling, lamp shading and sensor noise are not ink."""
    assert is_blank(thumbnail(papers.sheet(written=False)))


def test_a_dark_paper_is_blank() -> None:
    """Only what is darker than the paper around it counts."""
    assert is_blank(np.full((292, 206), 120, np.uint8))


def test_a_black_page_is_not_blank() -> None:
    """Something went wrong with it, and a person should see it."""
    assert not is_blank(np.zeros((292, 206), np.uint8))


def test_shadows_at_the_edge_are_not_ink() -> None:
    """Feeders leave dark borders."""
    pixels = thumbnail(papers.sheet(written=False))
    pixels[:8] = pixels[:, :6] = 20

    assert is_blank(pixels)


@pytest.mark.parametrize(
    "colour", [(40, 40, 140), (200, 30, 30), (90, 90, 90)], ids=["blue", "red", "pencil"]
)
def test_a_single_short_word_is_enough_to_be_written(colour: tuple[int, int, int]) -> None:
    """Fifteen millimetres of writing on an otherwise empty page."""
    pixels = papers.sheet(written=False)
    for column in range(300, 360, 6):
        pixels[500:520, column : column + 2] = colour

    assert not is_blank(thumbnail(pixels))
