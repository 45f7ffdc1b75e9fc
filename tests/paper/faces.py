"""Scan one A4 face and write a student's identity on it, knowing each pixel that shows it."""

import random
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tests.paper import forms
from tests.paper.ink import INKS, hand_font
from tests.paper.light import Pixels, scanned, skewed
from tests.paper.printing import PAPER, paper
from tests.paper.sketch import Sketch
from tests.paper.students import Student
from tests.paper.truth import Box

#: room around a row of cells, as a fraction of the page's height, for skew and long strokes
STRIP_MARGIN = 0.018


def draw(sketch: Sketch, student: Student | None) -> tuple[Pixels, tuple[Box, ...]]:
    """Return the scanned pixels of a face, and boxes around each pixel of the student's identity."""
    page = nameless(sketch)
    if student is None or not (sketch.form.has_names or sketch.form.shows_names_through):
        return page, ()
    page = page.copy()
    return page, tuple(filter(None, (_add_field(page, sketch, student, field) for field in range(3))))


@lru_cache(maxsize=24)
def nameless(sketch: Sketch) -> Pixels:
    """Return the scanned pixels of a face without names; they are shared, so nobody may write to them."""
    page = scanned(paper(sketch), sketch, fill=PAPER)
    page.flags.writeable = False
    return page


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
    return skewed(strip, sketch, 0, top=top)
