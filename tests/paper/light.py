"""Put a sheet under the lamp of a scanner: it lies askew, unevenly lit, and the sensor adds noise."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from tests.paper.sketch import Sketch

Pixels = NDArray[np.uint8]
#: how far the noise is moved from page to page, in pixels
DRIFT = 97


def scanned(paper: Image.Image, sketch: Sketch, *, fill: tuple[int, int, int]) -> Pixels:
    """Return the pixels that a scanner makes of a sheet."""
    askew = skewed(paper, sketch, fill)
    step = round(sketch.dpi / 200)
    return _lit(np.asarray(Image.blend(askew, ImageChops.offset(askew, step, step), 0.35)), sketch)


def _lit(paper: Pixels, sketch: Sketch) -> Pixels:
    """Add the shading of the scanner's lamp and the noise of its sensor."""
    height, width, _ = paper.shape
    rng = sketch.rng("noise")
    left, top = rng.randrange(DRIFT), rng.randrange(DRIFT)
    lit = paper * _lamp(sketch.size)
    lit += _grain(sketch.size)[top : top + height, left : left + width]
    return np.clip(lit, 0, 255, out=lit).astype(np.uint8)


@lru_cache(maxsize=2)
def _lamp(size: tuple[int, int]) -> NDArray[np.float32]:
    across = np.linspace(-1, 1, size[0], dtype=np.float32)
    down = np.linspace(0, 1, size[1], dtype=np.float32)[:, None]
    return (0.985 - 0.05 * across**2 - 0.012 * down)[..., None]


@lru_cache(maxsize=2)
def _grain(size: tuple[int, int]) -> NDArray[np.int8]:
    """Return sensor noise for a field a little larger than the page; each page takes another part."""
    noise = np.random.default_rng(7)
    height, width = size[1] + DRIFT, size[0] + DRIFT
    grey = noise.standard_normal((height, width, 1), dtype=np.float32) * 3.2
    return (grey + noise.integers(-3, 4, (height, width, 3), dtype=np.int8)).astype(np.int8)


def skewed(
    image: Image.Image, sketch: Sketch, fill: tuple[int, int, int] | int, *, top: int = 0
) -> Image.Image:
    """Turn a page, or the strip of it that begins at top, about the middle of the page."""
    cos, sin = math.cos(sketch.skew), math.sin(sketch.skew)
    x, y = sketch.size[0] / 2, sketch.size[1] / 2 - top
    matrix = (cos, sin, x - cos * x - sin * y, -sin, cos, y + sin * x - cos * y)
    return image.transform(
        image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR, fillcolor=fill
    )
