"""A redacted image says nothing in its zones, and keeps the rest."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rasterizer import images
from rasterizer.redact import Rendition, Zone, redact

from services.rasterizer.tests import papers

NAME = Zone(0.1, 0.2, 0.53, 0.111)


def redacted(path: Path, data: bytes, *, rotation: int = 0, dpi: int = 100) -> Rendition:
    path.write_bytes(data)
    height_pt = Image.open(path).height / dpi * 72
    return redact(path, [NAME], path.with_name("redacted"), height_pt=height_pt, rotation=rotation)


def zone_of(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    pixels = np.asarray(Image.open(path).convert("RGB"))
    height, width = pixels.shape[:2]
    rows = slice(int(NAME.y * height), int(np.ceil((NAME.y + NAME.height) * height)))
    return pixels[rows, int(NAME.x * width) : int(np.ceil((NAME.x + NAME.width) * width))]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_every_pixel_of_a_zone_is_the_same_in_every_file(tmp_path: Path, rotation: int) -> None:
    """Neither JPEG ringing nor colour bleeding leaves a trace in image, preview or thumbnail."""
    noise = np.random.default_rng(2).integers(0, 255, (3301, 2333, 3), dtype=np.uint8)

    rendition = redacted(tmp_path / "page.jpg", papers.jpeg(noise), rotation=rotation, dpi=300)

    assert rendition.preview
    assert (rendition.width, rendition.height) == Image.open(rendition.image).size
    for path in (rendition.image, rendition.preview, rendition.thumbnail):
        assert len(np.unique(zone_of(path).reshape(-1, 3), axis=0)) == 1


def test_what_lies_outside_stays(tmp_path: Path) -> None:
    """Zones are widened by a block or two, not more."""
    original = papers.sheet()

    rendition = redacted(tmp_path / "page.jpg", papers.jpeg(original))

    shown = np.asarray(Image.open(rendition.image)).astype(int)
    below = slice(int((NAME.y + NAME.height) * 1169) + 34, None)
    assert np.abs(shown[below] - original[below]).mean() < 12


def test_a_bilevel_image_stays_bilevel(tmp_path: Path) -> None:
    """Its zones are black."""
    bits = papers.sheet().mean(axis=2) > 150

    rendition = redacted(tmp_path / "page.png", images.encode_png(bits))

    assert Image.open(rendition.image).mode == "1"
    assert not zone_of(rendition.image).any()
    assert len(np.unique(zone_of(rendition.thumbnail))) == 1


def test_a_lossless_image_stays_lossless(tmp_path: Path) -> None:
    """A born-digital page is not put through JPEG."""
    rendition = redacted(tmp_path / "page.png", images.encode_png(papers.sheet()))

    assert rendition.image.suffix == ".png"
    assert len(np.unique(zone_of(rendition.image))) == 1


def test_zones_may_leave_the_page(tmp_path: Path) -> None:
    """What is outside is not painted, and nothing fails."""
    (tmp_path / "page.jpg").write_bytes(papers.jpeg(papers.sheet()))

    rendition = redact(
        tmp_path / "page.jpg", [Zone(-0.5, -0.5, 2, 2)], tmp_path / "redacted", height_pt=841.92
    )

    assert len(np.unique(np.asarray(Image.open(rendition.image)))) == 1
