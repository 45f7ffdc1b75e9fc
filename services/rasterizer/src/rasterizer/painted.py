"""Find the images that a side paints: its resources may name those of the whole scan."""

import re
from collections.abc import Iterator

from rasterizer.objects import Object, get, has, name, number, whole
from rasterizer.sides import Side

_NAME = re.compile(rb"/([^\s/\[\]()<>{}%\x00]++)")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")


def areas_of_images(side: Side) -> list[int]:
    """Give the pixels of each image that the content of a side names, or that of a form in it."""
    images: dict[int, int] = {}
    waiting, seen = [(side.content(), side.resources)], set[int]()
    while waiting:
        content, resources = waiting.pop()
        for painted in _named(content, get(resources, "XObject")):
            xref = number(painted)
            match name(get(painted, "Subtype")):
                case "Image":
                    images[xref] = whole(get(painted, "Width")) * whole(get(painted, "Height"))
                case "Form" if xref not in seen:
                    seen.add(xref)
                    own = get(painted, "Resources") if has(painted, "Resources") else resources
                    waiting.append((side.document.xref_stream(xref) or b"", own))
    return list(images.values())


def _named(content: bytes, offered: Object) -> Iterator[Object]:
    return (get(offered, word) for word in names_in(content))


def names_in(content: bytes) -> set[str]:
    """Find every name in a content stream, and perhaps what only looks like one."""
    words = {found[1] for found in _NAME.finditer(content)}
    plain = (_ESCAPED.sub(lambda escaped: bytes.fromhex(escaped[1].decode()), word) for word in words)
    return {word.decode("utf-8", "surrogateescape") for word in plain}
