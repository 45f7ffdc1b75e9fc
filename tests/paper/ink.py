"""Write and draw as a student does: wobbling lines, crossings-out, formulas and curves."""

import math
import random
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import pymupdf_fonts
from PIL import Image, ImageDraw, ImageFont

FONTS = Path(__file__).parent / "fonts"
#: each hand with the factor that brings its letters to one height
HANDS = {"kalam": 0.95, "caveat": 1.2, "mansalva": 0.85, "playwrite-fr-moderne": 0.62}
INKS = {"blue": (28, 48, 140), "black": (38, 38, 44), "red": (190, 30, 40), "pencil": (110, 110, 114)}
SENTENCES = (
    "On cherche les variations de f sur l'intervalle [0 ; 4].",
    "La fonction est dérivable comme somme de fonctions dérivables.",
    "Donc f'(x) = 3x² − 6x = 3x(x − 2), de signe connu.",
    "f est croissante sur ]−∞ ; 0] puis décroissante sur [0 ; 2].",
    "D'après le théorème des valeurs intermédiaires,",
    "l'équation f(x) = 0 admet une unique solution α ≈ 1,53.",
    "Par récurrence : pour tout n, 0 < u(n+1) < u(n) < 1.",
    "Initialisation : pour n = 0 la propriété est vraie.",
    "La suite est décroissante et minorée, elle converge.",
    "P(A ∩ B) = 0,35 × 0,8 = 0,28 donc les événements",
    "ne sont pas indépendants, car P(A)P(B) = 0,24.",
    "Le vecteur AB a pour coordonnées (2 ; −1 ; 5).",
    "On vérifie que le point C n'appartient pas au plan.",
    "La température à l'équilibre vaut θ = 21,4 °C.",
    "où k est une constante réelle à déterminer.",
    "Ainsi l'aire cherchée est égale à 8 unités d'aire.",
)


@lru_cache(maxsize=256)
def hand_font(hand: str, size: float) -> ImageFont.FreeTypeFont:
    """Open a handwriting at a size in pixels."""
    return ImageFont.truetype(str(FONTS / f"{hand}.woff2"), size * HANDS[hand])


@lru_cache(maxsize=64)
def print_font(size: float, name: str = "figo") -> ImageFont.FreeTypeFont:
    """Open the typeface of printed forms at a size in pixels."""
    return ImageFont.truetype(BytesIO(pymupdf_fonts.myfont(name)), size)


class Pen:
    """One student's pen on one page; every length is in millimetres."""

    def __init__(self, page: Image.Image, dpi: int, rng: random.Random) -> None:
        self.draw = ImageDraw.Draw(page)
        self.mm = dpi / 25.4
        self.rng = rng
        self.hand = rng.choice(tuple(HANDS))
        self.ink = INKS[rng.choice(("blue", "blue", "blue", "black"))]

    def write(self, x: float, baseline: float, text: str, *, size: float = 6.0) -> float:
        """Write words on a line and return where the hand stops."""
        for word in text.split(" "):
            font = self._font_for(word, size * self.rng.choice((0.97, 1.0, 1.03)))
            y = baseline + self.rng.uniform(-0.35, 0.35)
            self.draw.text((x * self.mm, y * self.mm), word, fill=self._pressed(), font=font, anchor="ls")
            x += font.getlength(word) / self.mm + size * self.rng.uniform(0.28, 0.45)
        return x

    def _font_for(self, word: str, size: float) -> ImageFont.FreeTypeFont:
        """Choose the hand, or a symbol face for words with signs that no hand has."""
        if any(sign in word for sign in "∞∩αθ≈²"):
            return print_font(
                size * self.mm * 0.8, "math" if any(sign in word for sign in "∞∩≈") else "notosit"
            )
        return hand_font(self.hand, size * self.mm)

    def _pressed(self) -> tuple[int, int, int]:
        lighter = self.rng.randrange(0, 30)
        red, green, blue = self.ink
        return red + lighter, green + lighter, blue + lighter

    def line(self, points: list[tuple[float, float]], *, width: float = 0.45) -> None:
        """Draw a stroke through the points."""
        pixels = [(x * self.mm, y * self.mm) for x, y in points]
        self.draw.line(pixels, fill=self._pressed(), width=max(1, round(width * self.mm)), joint="curve")

    def stroke(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Draw a nearly straight line by hand."""
        (x0, y0), (x1, y1) = start, end
        steps = [i / 8 for i in range(9)]
        wobble = self.rng.uniform(-0.5, 0.5)
        self.line([(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t + wobble * math.sin(math.pi * t)) for t in steps])

    def cross_out(self, x0: float, x1: float, baseline: float) -> None:
        """Strike out what was written between two places on a line."""
        for lift in (1.2, 2.0, 2.8)[: self.rng.randrange(1, 4)]:
            self.stroke((x0, baseline - lift), (x1, baseline - lift + self.rng.uniform(-0.8, 0.8)))

    def formula(self, x: float, baseline: float) -> None:
        """Write a fraction under a root, or an integral; it takes two lines."""
        if self.rng.random() < 0.5:
            self.line(
                [(x, baseline - 4), (x + 2, baseline + 1), (x + 4, baseline - 10), (x + 30, baseline - 10)]
            )
        else:
            self.line([(x + 2 + 1.7 * math.sin(t), baseline - 4 - 2.6 * t) for t in _range(-2.3, 2.4, 0.2)])
        self.write(x + 6, baseline - 4.6, "x² + 3x − 1", size=4.6)
        self.stroke((x + 5, baseline - 3.4), (x + 29, baseline - 3.4))
        self.write(x + 9, baseline + 1.2, f"2x + {self.rng.randrange(3, 9)}", size=4.6)
        self.write(x + 32, baseline - 2, f"= {self.rng.randrange(2, 40)},{self.rng.randrange(10, 99)}")

    def graph(self, x: float, y: float, width: float, height: float) -> None:
        """Draw axes in pencil and a curve in ink."""
        pen, self.ink = self.ink, INKS["pencil"]
        self.stroke((x, y + height * 0.6), (x + width, y + height * 0.6))
        self.stroke((x + width * 0.3, y), (x + width * 0.3, y + height))
        self.ink = pen
        shape = self._cubic(height)
        self.line([(x + t * width, y + shape(t)) for t in _range(0.05, 0.95, 0.02)], width=0.55)
        self.write(x + width * 0.8, y + height * 0.25, "Cf")

    def _cubic(self, height: float) -> Callable[[float], float]:
        bend = self.rng.uniform(2.5, 5.0)
        return lambda t: height * min(0.98, max(0.02, 0.5 + bend * (t - 0.2) * (t - 0.55) * (t - 0.85) * 2.5))


def _range(start: float, stop: float, step: float) -> list[float]:
    return [start + step * i for i in range(math.ceil((stop - start) / step))]
