"""Describe image objects that can be shown without the PDF around them."""

from dataclasses import dataclass

from rasterizer.objects import Object, get, has, items, name, names, number, numbers, whole

_MORE_THAN_PIXELS = ("SMask", "Mask", "ImageMask", "OC")
_GREY_OR_RGB = frozenset({"DeviceGray", "DeviceRGB", "CalGray", "CalRGB"})


@dataclass(frozen=True)
class Placement:
    """Say which image covers a page, and how it is stored."""

    xref: int
    width: int
    height: int
    bits: int
    filters: tuple[str, ...]


def plain_image(image: Object) -> Placement | None:
    """Describe an image object, or None if it is more than grey or RGB pixels."""
    if any(has(image, key) for key in _MORE_THAN_PIXELS) or not _is_grey_or_rgb(image):
        return None
    filters = names(get(image, "Filter"))
    if "DCTDecode" in filters and not _is_plain_decode(image):
        return None
    return Placement(
        xref=number(image),
        width=whole(get(image, "Width")),
        height=whole(get(image, "Height")),
        bits=whole(get(image, "BitsPerComponent")) or 8,
        filters=filters,
    )


def _is_plain_decode(image: Object) -> bool:
    decode = numbers(get(image, "Decode"))
    return decode == [0, 1] * (len(decode) // 2)


def _is_grey_or_rgb(image: Object) -> bool:
    if any(has(parameters, "ColorTransform") for parameters in items(get(image, "DecodeParms"))):
        return False
    space = items(get(image, "ColorSpace"))
    if len(space) > 1 and name(space[0]) == "ICCBased":
        return whole(get(space[1], "N")) in (1, 3)
    return bool(space) and name(space[0]) in _GREY_OR_RGB
