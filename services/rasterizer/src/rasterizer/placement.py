"""Describe image objects that can be shown without the PDF around them."""

from dataclasses import dataclass
from typing import Literal

from rasterizer.objects import Object, get, has, items, name, names, number, numbers, whole

Space = Literal["GRAY", "RGB"]

_MORE_THAN_PIXELS = ("SMask", "Mask", "ImageMask", "OC")
_SPACES: dict[str, Space] = {"DeviceGray": "GRAY", "CalGray": "GRAY", "DeviceRGB": "RGB", "CalRGB": "RGB"}
_SPACE_OF_PROFILE: dict[int, Space] = {1: "GRAY", 3: "RGB"}


@dataclass(frozen=True)
class Placement:
    """Say which image covers a page, and how it is stored."""

    xref: int
    width: int
    height: int
    bits: int
    space: Space
    filters: tuple[str, ...]


def plain_image(image: Object) -> Placement | None:
    """Describe an image object, or None if it is more than grey or RGB pixels."""
    space = _space(image)
    if any(has(image, key) for key in _MORE_THAN_PIXELS) or not space:
        return None
    filters = names(get(image, "Filter"))
    if "DCTDecode" in filters and not _is_plain_decode(image):
        return None
    return Placement(
        xref=number(image),
        width=whole(get(image, "Width")),
        height=whole(get(image, "Height")),
        bits=whole(get(image, "BitsPerComponent")) or 8,
        space=space,
        filters=filters,
    )


def _is_plain_decode(image: Object) -> bool:
    decode = numbers(get(image, "Decode"))
    return decode == [0, 1] * (len(decode) // 2)


def _space(image: Object) -> Space | None:
    if any(has(parameters, "ColorTransform") for parameters in items(get(image, "DecodeParms"))):
        return None
    space = items(get(image, "ColorSpace"))
    if len(space) > 1 and name(space[0]) == "ICCBased":
        return _SPACE_OF_PROFILE.get(whole(get(space[1], "N")))
    return _SPACES.get(name(space[0])) if space else None
