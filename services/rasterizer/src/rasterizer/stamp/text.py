"""Break text into lines; nothing is ever cut off."""

from collections.abc import Iterator

from rasterizer.stamp.fonts import Fonts, clean


def wrapped(text: str, width: float, size: float, fonts: Fonts) -> list[str]:
    """Break at blanks, and inside a word only where it is wider than a line."""
    return [line for paragraph in clean(text).split("\n") for line in _lines(paragraph, width, size, fonts)]


def _lines(paragraph: str, width: float, size: float, fonts: Fonts) -> Iterator[str]:
    line = ""
    for word in paragraph.split(" "):
        longer = f"{line} {word}" if line else word
        if fonts.width(longer, size) <= width:
            line = longer
            continue
        if line:
            yield line
        *full, line = _pieces(word, width, size, fonts)
        yield from full
    yield line


def _pieces(word: str, width: float, size: float, fonts: Fonts) -> Iterator[str]:
    piece = ""
    for character in word:
        if piece and fonts.width(piece + character, size) > width:
            yield piece
            piece = ""
        piece += character
    yield piece
