"""Lay out the summary: who, what for, each question with its mark and remark, and the total."""

from collections.abc import Sequence

from rasterizer.stamp.drawing import Canvas
from rasterizer.stamp.fonts import LINE_HEIGHT, Fonts
from rasterizer.stamp.stamping import Colour, Question, Stamping
from rasterizer.stamp.text import wrapped

WIDTH, HEIGHT = 595.28, 841.89

_MARGIN = 50.0
_INDENT, _DEEPEST = 14.0, 12
_LABEL = 60.0
_MARKS = 90.0
_TITLE, _BODY, _SMALL = 16.0, 11.0, 9.5
_BLACK: Colour = (0, 0, 0)
_GREY: Colour = (0.35, 0.35, 0.35)
_RED: Colour = (0.75, 0.07, 0.07)

WORDS = {
    "fr": {
        "student": "Élève : {}",
        "code": "Copie : {}",
        "unmarked": "non notée",
        "total": "Total",
        "appreciation": "Appréciation",
        "missing": "□ : signe que ce fichier ne sait pas écrire ; le texte entier se lit dans Korrigo.",
    },
    "en": {
        "student": "Student: {}",
        "code": "Copy: {}",
        "unmarked": "not marked",
        "total": "Total",
        "appreciation": "Appreciation",
        "missing": "□: a sign that this file cannot write; the whole text is in Korrigo.",
    },
}


class Summary:
    """Fill as many pages as the text needs."""

    def __init__(self, stamping: Stamping, fonts: Fonts) -> None:
        self._stamping = stamping
        self._fonts = fonts
        self._words = WORDS.get(stamping.language, WORDS["en"])
        self._top = HEIGHT
        self.pages: list[Canvas] = []

    def lay_out(self) -> list[Canvas]:
        """Write everything, and give the pages."""
        self._heading()
        for question in self._stamping.questions:
            self._question(question)
        self._total()
        if self._stamping.appreciation:
            self._gap(_BODY)
            self._paragraph(self._words["appreciation"], size=_BODY, colour=_GREY)
            self._paragraph(self._stamping.appreciation, size=_BODY)
        if self._fonts.is_missing_any:
            self._gap(_BODY)
            self._paragraph(self._words["missing"], size=_SMALL, colour=_GREY)
        return self.pages

    def _heading(self) -> None:
        stamping = self._stamping
        self._paragraph(stamping.exam, size=_TITLE)
        self._paragraph(stamping.date, size=_BODY, colour=_GREY)
        if stamping.student:
            self._paragraph(self._words["student"].format(stamping.student), size=_BODY)
        self._paragraph(self._words["code"].format(stamping.code), size=_BODY)
        self._gap(_BODY)
        self._rule()

    def _question(self, question: Question) -> None:
        indent = _INDENT * min(question.depth, _DEEPEST)
        mark = self._words["unmarked"] if question.mark is None else question.mark
        self._row(question.label, question.title, f"{mark} / {question.maximum}", indent=indent)
        if question.remark:
            self._paragraph(question.remark, size=_SMALL, colour=_RED, indent=indent + _LABEL)

    def _total(self) -> None:
        total = self._words["unmarked"] if self._stamping.total is None else self._stamping.total
        self._rule()
        self._row(self._words["total"], "", f"{total} / {self._stamping.scale}", indent=0)

    def _row(self, label: str, title: str, marks: str, *, indent: float) -> None:
        """Write label, title and marks side by side; each wraps in its own column."""
        left = _MARGIN + indent
        columns = [
            (left, wrapped(label, _LABEL - 6, _BODY, self._fonts)),
            (left + _LABEL, wrapped(title, WIDTH - _MARGIN - _MARKS - left - _LABEL, _BODY, self._fonts)),
        ]
        amounts = wrapped(marks, _MARKS - 6, _BODY, self._fonts)
        columns.append((WIDTH - _MARGIN - max(self._fonts.width(line, _BODY) for line in amounts), amounts))
        for number in range(max(len(lines) for _, lines in columns)):
            line = [(x, lines[number]) for x, lines in columns if number < len(lines)]
            self._line(line, size=_BODY, colour=_BLACK)

    def _paragraph(self, text: str, *, size: float, colour: Colour = _BLACK, indent: float = 0) -> None:
        left = _MARGIN + indent
        for line in wrapped(text, WIDTH - _MARGIN - left, size, self._fonts):
            self._line([(left, line)], size=size, colour=colour)

    def _line(self, parts: Sequence[tuple[float, str]], *, size: float, colour: Colour) -> None:
        page = self._page(size * LINE_HEIGHT)
        page.colour(colour)
        for x, text in parts:
            page.write(text, x, self._top, size)
        self._top += size * LINE_HEIGHT

    def _rule(self) -> None:
        page = self._page(_BODY)
        page.colour(_GREY)
        page.line(_MARGIN, self._top + _BODY / 2, WIDTH - 2 * _MARGIN)
        self._gap(_BODY)

    def _gap(self, height: float) -> None:
        self._top += height

    def _page(self, height: float) -> Canvas:
        """Give the page on which so much height is left, a new one if need be."""
        if self._top + height > HEIGHT - _MARGIN:
            self.pages.append(Canvas(WIDTH, HEIGHT, self._fonts))
            self._top = _MARGIN
        return self.pages[-1]
