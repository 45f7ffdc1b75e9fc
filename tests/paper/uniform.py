"""Check that a picture shows nothing of who wrote the page."""

import io
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.paper.truth import Box


def assert_uniform(image: bytes, boxes: Iterable[Box], *, tolerance: int = 2) -> None:
    """Decode an image of a displayed face and fail unless each box has one colour throughout."""
    with Image.open(io.BytesIO(image)) as decoded:
        pixels = np.asarray(decoded.convert("RGB"))
    uneven = [box for box in boxes if spread(pixels, box) > tolerance]
    assert not uneven, f"{len(uneven)} boxes still show something, the first is {uneven[0]}"


def spread(pixels: NDArray[np.uint8], box: Box) -> int:
    """Return by how much the pixels within a box differ at most, in any channel."""
    height, width = pixels.shape[:2]
    left, top = int(box.x * width), int(box.y * height)
    right, bottom = -int(-(box.x + box.width) * width // 1), -int(-(box.y + box.height) * height // 1)
    inside = pixels[max(0, top) : bottom, max(0, left) : right].reshape(-1, pixels.shape[2])
    assert len(inside), f"{box} lies outside the picture"
    return int((inside.max(axis=0).astype(int) - inside.min(axis=0)).max())
