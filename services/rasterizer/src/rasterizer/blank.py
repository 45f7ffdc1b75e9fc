"""Tell a blank page from a written one, on its thumbnail."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8] | NDArray[np.int16]

#: The edge of a scan shows shadows and punched holes.
_MARGIN = 0.05
#: Pixels of one tile share one background, so lamp shading is not ink.
_TILE = 16
#: One pixel in so many is enough to measure the background of a tile; odd, so that ruling is not missed.
_STEP = 5
#: And one in so many to measure the page: a thousand pixels tell its noise to a few parts in a hundred.
_PAGE_STEP = 37
_QUARTILE = len(range(0, _TILE * _TILE, _STEP)) * 3 // 4
#: A page darker than any paper is no blank page, whatever went wrong with it.
_DARKEST_PAPER = 70
#: Darker than the background by this much is ink, whatever the noise (of 255).
_MIN_CONTRAST = 28
#: Or by this many times the page's own variation: sensor noise, and the even grey that thin ruling becomes.
_NOISE_FACTOR = 6.0
#: A page with less ink than this is blank: about one short word on an A4 page is more.
_MIN_INK = 0.0005


def is_blank(thumbnail: NDArray[np.uint8]) -> bool:
    """Tell whether next to nothing is darker than the paper around it."""
    return ink(thumbnail) < _MIN_INK


def ink(thumbnail: NDArray[np.uint8]) -> float:
    """Measure the fraction of the page that is ink."""
    grey = _darkness(_inner(thumbnail))
    if grey.size and _middle(_sample(grey)) < _DARKEST_PAPER:
        return 1.0
    contrast = _contrast(grey)
    if not contrast.size:
        return 0.0
    noise = 1.4826 * _middle(np.abs(_sample(contrast)))
    return int(np.count_nonzero(contrast > max(_MIN_CONTRAST, _NOISE_FACTOR * noise))) / contrast.size


def _sample(pixels: Pixels) -> Pixels:
    return pixels.ravel()[::_PAGE_STEP]


def _middle(values: Pixels) -> float:
    """Give the median; `np.median` takes thrice the time of sorting a sample."""
    return float(np.sort(values)[values.size // 2])


def _darkness(thumbnail: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Take the darker of red and green: blue and black ink are dark in red, red ink is in green."""
    return thumbnail if thumbnail.ndim == 2 else np.minimum(thumbnail[..., 0], thumbnail[..., 1])


def _inner(thumbnail: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = thumbnail.shape[:2]
    rows, columns = int(height * _MARGIN), int(width * _MARGIN)
    return thumbnail[rows : height - rows, columns : width - columns]


def _contrast(grey: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Subtract each pixel from the background of its tile: the third quartile, which ink does not reach."""
    rows, columns = grey.shape[0] // _TILE, grey.shape[1] // _TILE
    split = grey[: rows * _TILE, : columns * _TILE].reshape(rows, _TILE, columns, _TILE)
    tiles = split.transpose(0, 2, 1, 3).reshape(rows * columns, _TILE * _TILE)
    background = np.partition(tiles[:, ::_STEP], _QUARTILE, axis=1)[:, _QUARTILE, None]
    return background.astype(np.int16) - tiles
