"""Answer on a ruled page as a student would."""

import itertools
import random

from PIL import Image

from tests.paper.ink import INKS, SENTENCES, Pen
from tests.paper.sketch import Sketch


def answer(page: Image.Image, sketch: Sketch) -> None:
    """Fill the ruled part with an answer, down to somewhere near the bottom."""
    rng = sketch.rng("answer")
    pen = Pen(page, sketch.dpi, rng)
    top = sketch.writing_top
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
