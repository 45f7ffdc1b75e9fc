"""Write any text with a few fonts: the first that has a character draws it."""

import io
import unicodedata
from dataclasses import dataclass

import pymupdf
from pikepdf import Dictionary, Pdf

#: In order; all but the last two come with the package pymupdf-fonts, those with MuPDF.
FACES = ("notos", "math", "symbol2", "symbol1", "emoji", "cjk")
#: Stands for a character that no font has; scripts whose letters join or run to the left are among them.
MISSING = "□"

#: Ask for a sign in colour or in black; there is one of each here.
_VARIANTS = "\ufe0e\ufe0f"

#: Of the font size. The desk uses the same.
LINE_HEIGHT = 1.25
#: From the top of a line to its baseline: half the leading, then the ascender of Noto Sans.
BASELINE = (LINE_HEIGHT - (1.069 + 0.293)) / 2 + 1.069


@dataclass(frozen=True)
class Glyph:
    """Say how one character is drawn; the advance is in font sizes."""

    face: int
    number: int
    advance: float


class Fonts:
    """Find glyphs, remember which were used, and embed those."""

    def __init__(self) -> None:
        self._faces: list[pymupdf.Font] = []
        self._glyphs: dict[str, Glyph] = {}
        #: Whether a text had a character that no font has.
        self.is_missing_any = False

    def glyph(self, character: str) -> Glyph:
        """Find the glyph of a character."""
        if character not in self._glyphs:
            self._glyphs[character] = self._found(character) or self._missing()
        return self._glyphs[character]

    def width(self, text: str, size: float) -> float:
        """Measure a line."""
        return size * sum(self.glyph(character).advance for character in text)

    def show(self, text: str, size: float) -> bytes:
        """Write the operators that show a line, changing font where a character needs it."""
        runs: list[tuple[int, list[int]]] = []
        for character in text:
            glyph = self.glyph(character)
            if not runs or runs[-1][0] != glyph.face:
                runs.append((glyph.face, []))
            runs[-1][1].append(glyph.number)
        return b"".join(
            b"/F%d %.2f Tf <%s> Tj " % (face, size, b"".join(b"%04X" % number for number in numbers))
            for face, numbers in runs
        )

    def embed(self, pdf: Pdf) -> Dictionary:
        """Put subsets of the used fonts into a PDF; its pages share them."""
        with Pdf.open(io.BytesIO(self._subset())) as scratch:
            fonts = scratch.pages[0].resources.Font
            return Dictionary({name: pdf.copy_foreign(font) for name, font in fonts.items()})

    def _subset(self) -> bytes:
        """Let MuPDF write and subset the fonts in a PDF of their own, away from those of the copy."""
        with pymupdf.open() as scratch:
            page = scratch.new_page()
            for face in sorted({glyph.face for glyph in self._glyphs.values()}):
                page.insert_font(fontname=f"F{face}", fontbuffer=self._face(face).buffer, set_simple=False)
            pymupdf.TOOLS._insert_contents(page, b"BT " + self.show("".join(self._glyphs), 1) + b"ET", True)
            scratch.subset_fonts()
            return bytes(scratch.tobytes(garbage=3, deflate=True, use_objstms=0))

    def _missing(self) -> Glyph:
        self.is_missing_any = True
        return self.glyph(MISSING)

    def _found(self, character: str) -> Glyph | None:
        code = ord(character)
        for index in range(len(FACES)):
            face = self._face(index)
            number = face.has_glyph(code)
            if number:
                return Glyph(index, number, face.glyph_advance(code))
        return None

    def _face(self, index: int) -> pymupdf.Font:
        while len(self._faces) <= index:
            self._faces.append(_font(FACES[len(self._faces)]))
        return self._faces[index]


def _font(name: str) -> pymupdf.Font:
    if name != "emoji":
        return pymupdf.Font(name)
    place, length = pymupdf.mupdf.fz_lookup_noto_emoji_font()  # there, but under no name
    return pymupdf.Font(fontbuffer=bytes(pymupdf.mupdf.python_memoryview_from_memory(place, length, 0)))


def clean(text: str) -> str:
    """Compose accents, keep line ends, turn every other control character into a blank."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(
        " " if unicodedata.category(character) in ("Cc", "Zs") and character != "\n" else character
        for character in composed
        if unicodedata.category(character) != "Cf" and character not in _VARIANTS
    )
