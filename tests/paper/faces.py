"""Draw one A4 face of paper: its print, its writing, and the pixels that say who wrote it."""

import itertools
import math
import random
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tests.paper import forms
from tests.paper.forms import Form
from tests.paper.ink import INKS, SENTENCES, Pen, hand_font, print_font
from tests.paper.students import Student
from tests.paper.truth import Box

Pixels = NDArray[np.uint8]
PAPER = (251, 250, 246)
RULE, RULE_LIGHT, MARGIN, PRINT = (178, 186, 222), (214, 219, 238), (232, 150, 160), (70, 74, 84)
CELL_EDGE = (150, 154, 164)
WIDTH_MM, HEIGHT_MM = 210.0, 297.0
DRIFT = 97
#: room around a row of cells, as a fraction of the page's height, for skew and long strokes
STRIP_MARGIN = 0.018
HEADER_TEXTS = (
    (0.05, 0.212, "Épreuve : MATHÉMATIQUES        Session : juin        Durée : 4 heures"),
    (
        0.05,
        0.236,
        "Consignes : remplir soigneusement, sur CHAQUE feuille officielle, la zone d'identification.",
    ),
    (0.05, 0.254, "Ne pas signer la composition. Numéroter chaque page dans le cadre en bas à droite."),
    (0.05, 0.272, "Rédiger avec un stylo à encre foncée ; n'utiliser ni blanc ni effaceur."),
)


@dataclass(frozen=True)
class Sketch:
    """What decides every pixel of a face but the names."""

    form: Form
    label: str
    variant: int
    dpi: int

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height in pixels."""
        return round(WIDTH_MM * self.dpi / 25.4), round(HEIGHT_MM * self.dpi / 25.4)

    def rng(self, what: str) -> random.Random:
        """Return the dice of one aspect of this face."""
        return random.Random(f"{self.form.value} {self.label} {self.variant} {what}")

    @property
    def skew(self) -> float:
        """Return by how much the feeder turned the sheet, in radians."""
        return math.radians(self.rng("skew").uniform(-0.8, 0.8))


def draw(sketch: Sketch, student: Student | None) -> tuple[Pixels, tuple[Box, ...]]:
    """Return the scanned pixels of a face, and boxes around each pixel of the student's identity."""
    page = scanned(sketch)
    if student is None or not (sketch.form.has_names or sketch.form.shows_names_through):
        return page, ()
    page = page.copy()
    return page, tuple(filter(None, (_add_field(page, sketch, student, field) for field in range(3))))


@lru_cache(maxsize=24)
def scanned(sketch: Sketch) -> Pixels:
    """Return the scanned pixels of a face without names."""
    paper = _skewed(_paper(sketch), sketch, PAPER)
    moved = ImageChops.offset(paper, round(sketch.dpi / 200), round(sketch.dpi / 200))
    return _lit(np.asarray(Image.blend(paper, moved, 0.35)), sketch)


def _lit(paper: Pixels, sketch: Sketch) -> Pixels:
    """Add the shading of the scanner's lamp and the noise of its sensor."""
    height, width, _ = paper.shape
    rng = sketch.rng("noise")
    left, top = rng.randrange(DRIFT), rng.randrange(DRIFT)
    lit = paper * _lamp(sketch.size)
    lit += _grain(sketch.size)[top : top + height, left : left + width]
    return np.clip(lit, 0, 255, out=lit).astype(np.uint8)


@lru_cache(maxsize=2)
def _lamp(size: tuple[int, int]) -> NDArray[np.float32]:
    across = np.linspace(-1, 1, size[0], dtype=np.float32)
    down = np.linspace(0, 1, size[1], dtype=np.float32)[:, None]
    return (0.985 - 0.05 * across**2 - 0.012 * down)[..., None]


@lru_cache(maxsize=2)
def _grain(size: tuple[int, int]) -> NDArray[np.int8]:
    """Return sensor noise for a field a little larger than the page; each page takes another part."""
    noise = np.random.default_rng(7)
    height, width = size[1] + DRIFT, size[0] + DRIFT
    grey = noise.standard_normal((height, width, 1), dtype=np.float32) * 3.2
    return (grey + noise.integers(-3, 4, (height, width, 3), dtype=np.int8)).astype(np.int8)


def _skewed(
    image: Image.Image, sketch: Sketch, fill: tuple[int, int, int] | int, *, top: int = 0
) -> Image.Image:
    """Turn a page, or the strip of it that begins at top, about the middle of the page."""
    cos, sin = math.cos(sketch.skew), math.sin(sketch.skew)
    x, y = sketch.size[0] / 2, sketch.size[1] / 2 - top
    matrix = (cos, sin, x - cos * x - sin * y, -sin, cos, y + sin * x - cos * y)
    return image.transform(
        image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR, fillcolor=fill
    )


def _add_field(page: Pixels, sketch: Sketch, student: Student, field: int) -> Box | None:
    """Press one field of the header into the pixels and return the box around it."""
    width, height = sketch.size
    above = round((forms.row_top(sketch.form, field) - STRIP_MARGIN) * height)
    mask = _field_mask(sketch, student, field, above)
    bounds = mask.getbbox()
    if bounds is None:
        return None
    left, top, right, bottom = bounds[0], bounds[1] + above, bounds[2], bounds[3] + above
    strength = 0.12 if sketch.form.shows_names_through else 0.95
    alpha = np.asarray(mask.crop(bounds), dtype=np.float32)[..., None] * (strength / 255)
    under = page[top:bottom, left:right]
    under[:] = under + (np.array(INKS["blue"], dtype=np.float32) - under) * alpha
    return Box(left / width, top / height, (right - left) / width, (bottom - top) / height)


def _field_mask(sketch: Sketch, student: Student, field: int, top: int) -> Image.Image:
    """Write one field into its cells, as pure ink, on a strip of the face that begins at top."""
    width, height = sketch.size
    strip = Image.new("L", (width, round((forms.CELL_HEIGHT + 2 * STRIP_MARGIN) * height)))
    rng = random.Random(f"{student} {field}")
    hand = random.Random(f"{student}").choice(("kalam", "mansalva", "caveat"))
    font = hand_font(hand, forms.CELL_HEIGHT * height * 0.95)
    baseline = (forms.row_top(sketch.form, field) + forms.CELL_HEIGHT * 0.84) * height - top
    pen = ImageDraw.Draw(strip)
    for letter, cell in zip(student.written[field], forms.cells(field), strict=False):
        x = (forms.CELL_LEFT + (cell + rng.uniform(0.43, 0.57)) * forms.CELL_WIDTH) * width
        pen.text(
            (x, baseline + rng.uniform(-1, 1) * height * 0.001), letter, fill=255, font=font, anchor="ms"
        )
    if sketch.form.shows_names_through:
        blur = ImageFilter.GaussianBlur(sketch.dpi / 100)
        strip = strip.transpose(Image.Transpose.FLIP_LEFT_RIGHT).filter(blur)
    return _skewed(strip, sketch, 0, top=top)


def _paper(sketch: Sketch) -> Image.Image:
    page = Image.new("RGB", sketch.size, PAPER)
    if sketch.form is Form.BLANK:
        return page
    _rule(page, sketch)
    if sketch.form.header is not None:
        _print_header(page, sketch, sketch.form.header)
    _print_page_box(page, sketch)
    if not sketch.form.is_blank:
        _answer(page, sketch)
    return page


def _rule(page: Image.Image, sketch: Sketch) -> None:
    """Print Seyès ruling below the header: a line each 2 mm, a strong one each 8 mm."""
    draw, mm = ImageDraw.Draw(page), sketch.dpi / 25.4
    top, width, height = round(_writing_top(sketch.form)), *sketch.size
    for index, y in enumerate(range(top, 272, 2)):
        draw.line((0, y * mm, width, y * mm), fill=RULE_LIGHT if index % 4 else RULE)
    for x in range(2, 210, 8):
        draw.line((x * mm, top * mm, x * mm, height * 0.915), fill=RULE)
    draw.line((34 * mm, top * mm, 34 * mm, height * 0.915), fill=MARGIN, width=max(1, round(0.3 * mm)))


def _writing_top(form: Form) -> float:
    """Return where ruling begins, in millimetres."""
    return 16.0 if form.header is None else (form.header.y + form.header.height) * HEIGHT_MM + 6


def _print_header(page: Image.Image, sketch: Sketch, box: Box) -> None:
    draw = ImageDraw.Draw(page)
    draw.rectangle(_pixels(box, sketch.size), outline=PRINT, width=max(1, sketch.dpi // 90))
    title = "Modèle CMEN-DOC v2" if sketch.form is Form.FIRST else "ANNEXE à rendre avec la copie"
    _print(draw, sketch, (0.05, box.y + 0.013), title, 0.009)
    for field, name in enumerate(("Nom de famille :", "Prénom(s) :", "Né(e) le :")):
        _print(draw, sketch, (0.05, forms.row_top(sketch.form, field) + 0.016), name, 0.0105)
        for cell in forms.cells(field):
            cell_box = forms.cell_box(sketch.form, field, cell)
            draw.rectangle(_pixels(cell_box, sketch.size), outline=CELL_EDGE)
    for x, y, text in HEADER_TEXTS:
        y = (y - 0.04) * sketch.form.height if sketch.form is not Form.FIRST else y
        _print(draw, sketch, (x, y), text, 0.0088)


def _print(
    draw: ImageDraw.ImageDraw, sketch: Sketch, at: tuple[float, float], text: str, size: float
) -> None:
    width, height = sketch.size
    draw.text((at[0] * width, at[1] * height), text, fill=PRINT, font=print_font(size * height), anchor="ls")


def _print_page_box(page: Image.Image, sketch: Sketch) -> None:
    """Print the page box and let the student number the page in it."""
    draw, box = ImageDraw.Draw(page), forms.PAGE_BOX
    draw.rectangle(_pixels(box, sketch.size), outline=PRINT, width=max(1, sketch.dpi // 100))
    _print(draw, sketch, (box.x + 0.008, box.y + 0.014), "Page / total", 0.0075)
    _print(draw, sketch, (box.x + 0.108, box.y + 0.045), "/", 0.026)
    if sketch.label:
        number, total = sketch.label.split(" / ")
        pen = Pen(page, sketch.dpi, sketch.rng("label"))
        pen.write((box.x + 0.055) * WIDTH_MM, (box.y + 0.044) * HEIGHT_MM, number, size=9)
        pen.write((box.x + 0.135) * WIDTH_MM, (box.y + 0.044) * HEIGHT_MM, total, size=9)


def _answer(page: Image.Image, sketch: Sketch) -> None:
    """Fill the ruled part with an answer, down to somewhere near the bottom."""
    rng = sketch.rng("answer")
    pen = Pen(page, sketch.dpi, rng)
    top = _writing_top(sketch.form)
    baselines = [top + 8 * row + 7.6 for row in range(1, int((262 - top) / 8))]
    _underlined_title(pen, baselines.pop(0), rng)
    if rng.random() < 0.6:
        start = rng.randrange(3, len(baselines) - 8)
        pen.graph(60, baselines[start] - 4, 90, 38)
        del baselines[start : start + 6]
    last = rng.randrange(len(baselines) * 2 // 3, len(baselines) + 1)
    _answer_lines(pen, baselines[:last], rng)


def _answer_lines(pen: Pen, baselines: list[float], rng: random.Random) -> None:
    """Write a line on each baseline, never the same sentence twice in a row; a formula takes two."""
    sentences = itertools.cycle(rng.sample(SENTENCES, len(SENTENCES)))
    lines = iter(baselines)
    for baseline in lines:
        below = next(lines, None) if rng.random() < 0.12 else None
        if below is not None:
            pen.formula(48, below - 1)
        else:
            _answer_line(pen, baseline, next(sentences), rng)


def _underlined_title(pen: Pen, baseline: float, rng: random.Random) -> None:
    end = pen.write(38, baseline, f"Exercice {rng.randrange(1, 6)} :", size=7)
    ink, pen.ink = pen.ink, INKS["red"]
    pen.stroke((38, baseline + 1.6), (end, baseline + 1.2))
    pen.ink = ink


def _answer_line(pen: Pen, baseline: float, sentence: str, rng: random.Random) -> None:
    if rng.random() < 0.12:
        pen.write(18, baseline, f"{rng.randrange(1, 5)}) {rng.choice('abc')}.")
    start = 38 + rng.uniform(0, 3)
    if rng.random() < 0.15 and len(sentence) < 46:
        end = pen.write(start, baseline, rng.choice(("donc f", "car on a", "soit x = 2")))
        pen.cross_out(start, end - 2, baseline)
        start = end
    pen.write(start, baseline, sentence)


def _pixels(box: Box, size: tuple[int, int]) -> tuple[float, float, float, float]:
    width, height = size
    return box.x * width, box.y * height, (box.x + box.width) * width, (box.y + box.height) * height
