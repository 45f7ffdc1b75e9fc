"""Find the one image that covers a page, without decoding anything.

A scanned page paints one image and nothing else that can be seen. A small interpreter reads the content
stream (nested `cm`, forms, clips, and the invisible text that copiers lay over a scan) and gives up at the
first operator that could show something: such a page is rendered.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pymupdf

from rasterizer.boxes import IDENTITY, Box, Matrix, matrix, product
from rasterizer.objects import Object, get, has, inherited, items, name, number, numbers
from rasterizer.placement import Placement, plain_image
from rasterizer.sides import Side

Operand = float | bytes

_MAX_CONTENT = 256 << 10
_MAX_DEPTH = 4
_MAX_FORMS = 32
_INVISIBLE = 3

# Possessive quantifiers: a hostile stream cannot make this backtrack.
_STRING = rb"\((?>\\.|[^()\\]++|\((?>\\.|[^()\\]++)*+\))*+\)"
_TOKEN = re.compile(
    rb"(?P<blank>[\s\x00]++|%[^\r\n]*+)"
    rb"|(?P<number>[-+]?(?:\d++\.?+\d*+|\.\d++))"
    rb"|(?P<name>/[^\s/\[\]()<>{}%\x00]*+)"
    rb"|(?P<literal>" + _STRING + rb"|<[0-9A-Fa-f\s]*+>|\[(?>[^\[\]()]++|" + _STRING + rb")*+\])"
    rb"|(?P<dictionary><<(?>[^<>()]++|<[0-9A-Fa-f\s]*+>|" + _STRING + rb")*+>>)"
    rb"|(?P<operator>[A-Za-z'\"][A-Za-z0-9*'\"]*+)"
    rb"|(?P<other>.)",
    re.DOTALL,
)
_HARMLESS = frozenset(
    b"w J j M d i ri g G rg RG k K cs CS sc SC scn SCN n"
    b" BT ET Tf Td TD Tm T* Tc Tw Tz TL Ts BMC EMC MP".split()
)


class _NotASingleImageError(Exception):
    """The page shows something beside one image."""


@dataclass
class _State:
    ctm: Matrix = IDENTITY
    text_mode: int = 0
    #: Inside a form whose box would cut into the page.
    is_clipped: bool = False


def covering_image(side: Side) -> Placement | None:
    """Find the image that alone covers a side upright, or None if it must be rendered."""
    try:
        return _covering_image(side)
    except (_NotASingleImageError, ValueError, IndexError):
        return None


def _covering_image(side: Side) -> Placement | None:
    box = _uncropped_box(side.shown)
    content = side.content()
    if box is None or items(get(side.shown, "Annots")) or len(content) > _MAX_CONTENT:
        return None
    interpreter = _Interpreter(side.document, box)
    interpreter.run(content, side.resources, depth=0)
    return interpreter.placement()


def _uncropped_box(page: Object) -> Box | None:
    """Give the media box, if all of it is shown."""
    media = Box.of(numbers(inherited(page, "MediaBox")))
    cropped = numbers(inherited(page, "CropBox"))
    return media if not cropped or media.is_within(Box.of(cropped).as_matrix) else None


class _Interpreter:
    """Follow the graphics state of one page as far as a scanned page needs it."""

    def __init__(self, document: pymupdf.Document, box: Box) -> None:
        self._document = document
        self._box = box
        self._state = _State()
        self._saved: list[_State] = []
        self._rectangle: Matrix | None = None
        self._painted: list[Object] = []
        self._forms = 0

    def run(self, content: bytes, resources: Object, *, depth: int) -> None:
        """Interpret one content stream with the resources of its page or form."""
        operands: list[Operand] = []
        for token in _TOKEN.finditer(content):
            match token.lastgroup:
                case "blank":
                    continue
                case "number":
                    operands.append(float(token[0]))
                case "name" | "literal" | "dictionary":
                    operands.append(token[0])
                case "operator":
                    self._operate(token[0], operands, resources, depth)
                    operands = []
                case _:
                    raise _NotASingleImageError

    def placement(self) -> Placement | None:
        """Describe the image that was painted, if exactly one was and it can be taken as it is."""
        placement = plain_image(self._painted[0]) if len(self._painted) == 1 else None
        return placement if placement and self._box.is_like(placement.width, placement.height) else None

    def _operate(self, operator: bytes, operands: list[Operand], resources: Object, depth: int) -> None:
        if operator == b"Do":
            self._paint(get(get(resources, "XObject"), _name(operands)), depth)
        elif operator in _HANDLERS:
            _HANDLERS[operator](self, operands)
        elif operator not in _HARMLESS:
            raise _NotASingleImageError

    def _paint(self, painted: Object, depth: int) -> None:
        match name(get(painted, "Subtype")):
            case "Image" if not self._painted and self._is_whole():
                self._painted.append(painted)
            case "Form" if depth < _MAX_DEPTH:
                self._enter(painted, depth + 1)
            case _:
                raise _NotASingleImageError

    def _is_whole(self) -> bool:
        return not self._state.is_clipped and self._box.is_filled_by(self._state.ctm)

    def _enter(self, form: Object, depth: int) -> None:
        self._forms += 1
        if self._forms > _MAX_FORMS or has(form, "Group") or has(form, "OC"):
            raise _NotASingleImageError
        content = self._document.xref_stream(number(form)) or b""
        if len(content) > _MAX_CONTENT:
            raise _NotASingleImageError
        outside = self._state, self._saved
        self._state, self._saved = self._inside(form), []
        self.run(content, get(form, "Resources"), depth=depth)
        self._state, self._saved = outside

    def _inside(self, form: Object) -> _State:
        ctm = self._state.ctm
        if has(form, "Matrix"):
            ctm = product(matrix(numbers(get(form, "Matrix"))), ctm)
        shown = product(Box.of(numbers(get(form, "BBox"))).as_matrix, ctm)
        is_clipped = self._state.is_clipped or not self._box.is_within(shown)
        return _State(ctm, self._state.text_mode, is_clipped)

    def save(self, _: list[Operand]) -> None:
        """Interpret q."""
        self._saved.append(replace(self._state))

    def restore(self, _: list[Operand]) -> None:
        """Interpret Q."""
        if self._saved:
            self._state = self._saved.pop()

    def transform(self, operands: list[Operand]) -> None:
        """Interpret cm."""
        self._state.ctm = product(matrix(operands), self._state.ctm)

    def rectangle(self, operands: list[Operand]) -> None:
        """Interpret re; only one that is used as a clip is let through."""
        x, y, width, height = (float(operand) for operand in operands[-4:])
        self._rectangle = product((width, 0, 0, height, x, y), self._state.ctm)

    def clip(self, _: list[Operand]) -> None:
        """Interpret W: a clip that cuts into the page hides a part of the image."""
        if self._rectangle is None or not self._box.is_within(self._rectangle):
            raise _NotASingleImageError

    def text_mode(self, operands: list[Operand]) -> None:
        """Interpret Tr."""
        self._state.text_mode = int(float(operands[-1]))

    def show(self, _: list[Operand]) -> None:
        """Interpret the operators that show text: only invisible text is let through."""
        if self._state.text_mode != _INVISIBLE:
            raise _NotASingleImageError

    def mark(self, operands: list[Operand]) -> None:
        """Interpret BDC: optional content may be hidden, any other mark shows nothing."""
        if operands[:1] == [b"/OC"]:
            raise _NotASingleImageError


_HANDLERS: dict[bytes, Callable[[_Interpreter, list[Operand]], None]] = {
    b"q": _Interpreter.save,
    b"Q": _Interpreter.restore,
    b"cm": _Interpreter.transform,
    b"re": _Interpreter.rectangle,
    b"W": _Interpreter.clip,
    b"W*": _Interpreter.clip,
    b"Tr": _Interpreter.text_mode,
    b"Tj": _Interpreter.show,
    b"TJ": _Interpreter.show,
    b"'": _Interpreter.show,
    b'"': _Interpreter.show,
    b"BDC": _Interpreter.mark,
    b"DP": _Interpreter.mark,
}


def _name(operands: list[Operand]) -> str:
    written = operands[-1]
    if not isinstance(written, bytes) or b"#" in written:
        raise _NotASingleImageError
    return written[1:].decode("latin-1")
