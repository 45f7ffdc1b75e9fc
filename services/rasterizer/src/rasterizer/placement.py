"""Describe image objects that can be shown without the PDF around them."""

import re
from dataclasses import dataclass

import pymupdf


@dataclass(frozen=True)
class Placement:
    """Say which image covers a page, and how it is stored."""

    xref: int
    width: int
    height: int
    bits: int
    filters: tuple[str, ...]


def plain_image(document: pymupdf.Document, xref: int) -> Placement | None:
    """Describe an image object, or None if it is more than grey or RGB pixels."""
    keys = {key: document.xref_get_key(xref, key)[1] for key in document.xref_get_keys(xref)}
    if keys.keys() & {"SMask", "Mask", "ImageMask", "OC"}:
        return None
    is_jpeg = "DCTDecode" in keys.get("Filter", "")
    if is_jpeg and not _is_plain_decode(keys.get("Decode", "")):
        return None
    if not _is_grey_or_rgb(document, xref, keys):
        return None
    return Placement(
        xref=xref,
        width=int(keys.get("Width", "0")),
        height=int(keys.get("Height", "0")),
        bits=int(keys.get("BitsPerComponent", "8")),
        filters=tuple(re.findall(r"/(\w+)", keys.get("Filter", ""))),
    )


def _is_plain_decode(decode: str) -> bool:
    return re.fullmatch(r"(\[\s*(0\s+1\s*)+\])?", decode) is not None


def _is_grey_or_rgb(document: pymupdf.Document, xref: int, keys: dict[str, str]) -> bool:
    if "ColorTransform" in keys.get("DecodeParms", ""):
        return False
    space = keys.get("ColorSpace", "")
    kind, value = document.xref_get_key(xref, "ColorSpace")
    if kind == "xref":
        space = document.xref_object(int(value.split()[0]), compressed=True)
    profile = re.match(r"\[\s*/ICCBased\s*(\d+) 0 R", space)
    if profile:
        return document.xref_get_key(int(profile[1]), "N")[1] in ("1", "3")
    return re.match(r"\[?\s*/(DeviceGray|DeviceRGB|CalGray|CalRGB)\b", space) is not None
