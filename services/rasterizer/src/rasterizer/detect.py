"""Find the one image that covers a page, without decoding anything.

A scanned page paints one image and nothing else that can be seen. A small interpreter reads the content
stream (nested `cm`, forms, clips, and the invisible text that copiers lay over a scan) and gives up at the
first operator that could show something: such a page is rendered.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pymupdf

from rasterizer.placement import Placement, plain_image

Matrix = tuple[float, float, float, float, float, float]
Operand = float | bytes

_IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)
_TOLERANCE = 0.02
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
    ctm: Matrix = _IDENTITY
    text_mode: int = 0


def covering_image(page: pymupdf.Page) -> Placement | None:
    """Find the image that alone covers the page upright, or None if the page must be rendered."""
    if page.parent.xref_get_key(page.xref, "Annots")[1] not in ("null", "[]") or not _is_uncropped(page):
        return None
    content = page.read_contents()
    if len(content) > _MAX_CONTENT:
        return None
    interpreter = _Interpreter(page)
    try:
        interpreter.run(content, page.xref, depth=0)
        return interpreter.placement()
    except (_NotASingleImageError, ValueError, IndexError):
        return None


def _is_uncropped(page: pymupdf.Page) -> bool:
    media, crop = page.mediabox, page.cropbox
    return _near(crop.width, media.width, media.width) and _near(crop.height, media.height, media.height)


class _Interpreter:
    """Follow the graphics state of one page as far as a scanned page needs it."""

    def __init__(self, page: pymupdf.Page) -> None:
        self._document: pymupdf.Document = page.parent
        self._box: pymupdf.Rect = page.mediabox
        self._state = _State()
        self._saved: list[_State] = []
        self._rectangle: Matrix | None = None
        self._painted: list[int] = []
        self._forms = 0

    def run(self, content: bytes, owner: int, *, depth: int) -> None:
        """Interpret one content stream with the resources of its owner."""
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
                    self._operate(token[0], operands, owner, depth)
                    operands = []
                case _:
                    raise _NotASingleImageError

    def placement(self) -> Placement | None:
        """Describe the image that was painted, if exactly one was and it can be taken as it is."""
        if len(self._painted) != 1:
            return None
        return plain_image(self._document, self._painted[0])

    def _operate(self, operator: bytes, operands: list[Operand], owner: int, depth: int) -> None:
        if operator == b"Do":
            self._paint(operands, owner, depth)
        elif operator in _HANDLERS:
            _HANDLERS[operator](self, operands)
        elif operator not in _HARMLESS:
            raise _NotASingleImageError

    def _paint(self, operands: list[Operand], owner: int, depth: int) -> None:
        xref = _xobject(self._document, owner, _name(operands))
        match self._document.xref_get_key(xref, "Subtype")[1]:
            case "/Image" if not self._painted and self._covers(self._state.ctm):
                self._painted.append(xref)
            case "/Form" if depth < _MAX_DEPTH:
                self._enter(xref, depth + 1)
            case _:
                raise _NotASingleImageError

    def _enter(self, form: int, depth: int) -> None:
        self._forms += 1
        if self._forms > _MAX_FORMS or self._has(form, "Group") or self._has(form, "OC"):
            raise _NotASingleImageError
        before, self._state = self._state, _State(self._state.ctm, self._state.text_mode)
        if self._has(form, "Matrix"):
            self._concatenate(_numbers(self._document, form, "Matrix"))
        owner = form if self._has(form, "Resources") else 0
        content = self._document.xref_stream(form)
        if len(content) > _MAX_CONTENT:
            raise _NotASingleImageError
        self.run(content, owner, depth=depth)
        self._state = before

    def _has(self, xref: int, key: str) -> bool:
        return bool(self._document.xref_get_key(xref, key)[0] != "null")

    def save(self, _: list[Operand]) -> None:
        """Interpret q."""
        self._saved.append(_State(self._state.ctm, self._state.text_mode))

    def restore(self, _: list[Operand]) -> None:
        """Interpret Q."""
        if self._saved:
            self._state = self._saved.pop()

    def transform(self, operands: list[Operand]) -> None:
        """Interpret cm."""
        self._concatenate(_matrix(operands))

    def rectangle(self, operands: list[Operand]) -> None:
        """Interpret re; only one that is used as a clip is let through."""
        x, y, width, height = (float(operand) for operand in operands[-4:])
        self._rectangle = _product((width, 0, 0, height, x, y), self._state.ctm)

    def clip(self, _: list[Operand]) -> None:
        """Interpret W: a clip that cuts into the page hides a part of the image."""
        if self._rectangle is None or not self._covers(self._rectangle, at_least=True):
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

    def _concatenate(self, matrix: Matrix) -> None:
        self._state.ctm = _product(matrix, self._state.ctm)

    def _covers(self, placed: Matrix, *, at_least: bool = False) -> bool:
        """Tell whether the unit square, once placed, is the page (or at least the page)."""
        a, b, c, d, e, f = placed
        box = self._box
        if b or c or a <= 0 or d <= 0:
            return False
        if at_least:
            slack_x, slack_y = _TOLERANCE * box.width, _TOLERANCE * box.height
            return bool(
                e <= box.x0 + slack_x
                and f <= box.y0 + slack_y
                and e + a >= box.x1 - slack_x
                and f + d >= box.y1 - slack_y
            )
        return (
            _near(e, box.x0, box.width)
            and _near(f, box.y0, box.height)
            and _near(a, box.width, box.width)
            and _near(d, box.height, box.height)
        )


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


def _xobject(document: pymupdf.Document, owner: int, name: str) -> int:
    """Look a name up in the resources of a page or form; pages inherit theirs."""
    for _ in range(_MAX_DEPTH * 8):
        kind, value = document.xref_get_key(owner, f"Resources/XObject/{name}") if owner else ("null", "")
        if kind == "xref":
            return int(value.split()[0])
        kind, value = document.xref_get_key(owner, "Parent") if owner else ("null", "")
        if kind != "xref":
            break
        owner = int(value.split()[0])
    raise _NotASingleImageError


def _name(operands: list[Operand]) -> str:
    name = operands[-1]
    if not isinstance(name, bytes) or b"#" in name:
        raise _NotASingleImageError
    return name[1:].decode("latin-1")


def _numbers(document: pymupdf.Document, xref: int, key: str) -> Matrix:
    return _matrix([float(number) for number in document.xref_get_key(xref, key)[1].strip("[] ").split()])


def _matrix(operands: list[Operand]) -> Matrix:
    a, b, c, d, e, f = (float(operand) for operand in operands[-6:])
    return a, b, c, d, e, f


def _product(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def _near(value: float, wanted: float, scale: float) -> bool:
    return bool(abs(value - wanted) <= _TOLERANCE * scale)
