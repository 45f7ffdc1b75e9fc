"""A small pile of scanned copies, drawn at the first start: ruled paper, a printed header, handwriting."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import pikepdf
from PIL import Image, ImageDraw

from local.demo.hand import Hand, Style

DPI = 150
_SCALE = 2  # drawn twice as large and reduced, for smooth strokes
_WIDTH, _HEIGHT = (round(inches * DPI * _SCALE) for inches in (8.27, 11.69))
_MM = DPI * _SCALE / 25.4

#: What the header shows, in fractions of the first page: the zone that is painted out for markers.
HEADER = {"x": 0.0, "y": 0.02, "width": 1.0, "height": 0.145}

_INKS = ("#1d2f6f", "#1c2541", "#27408b", "#22223b")
_RULE, _MARGIN, _PRINT = "#bcd0e8", "#e2a0a8", "#333333"
_LEFT_MM, _FIRST_LINE_MM, _LINE_MM = 38, 66, 9


#: The lines of each page.
Pages = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Answer:
    """What one student handed in: the name in the header and what is below it."""

    family_name: str
    given_name: str
    birth_date: str
    pages: Pages


def scan(title: str, answers: Sequence[Answer]) -> bytes:
    """Scan a pile: every page of every answer, in order, one JPEG a side."""
    pdf = pikepdf.new()
    for seed, answer in enumerate(answers):
        for number, lines in enumerate(answer.pages):
            _add_side(pdf, _photograph(_draw(title, answer, number, lines, seed), seed * 10 + number))
    content = BytesIO()
    pdf.save(content, deterministic_id=True)
    return content.getvalue()


def _draw(title: str, answer: Answer, number: int, lines: Sequence[str], seed: int) -> Image.Image:
    page = Image.new("RGB", (_WIDTH, _HEIGHT), "#fdfcf8")
    draw = ImageDraw.Draw(page)
    for y in range(24, 290, _LINE_MM):
        draw.line([(0, y * _MM), (_WIDTH, y * _MM)], fill=_RULE, width=2)
    draw.line([(30 * _MM, 0), (30 * _MM, _HEIGHT)], fill=_MARGIN, width=3)
    style = Style(size=(6.2 + seed % 3 * 0.5) * _MM, ink=_INKS[seed % len(_INKS)], width=6)
    if number == 0:
        _draw_header(draw, title, answer, Hand(seed, style))
    hand = Hand(seed, style)
    first = _FIRST_LINE_MM if number == 0 else _FIRST_LINE_MM - 4 * _LINE_MM
    for row, line in enumerate(lines):
        hand.write(draw, _LEFT_MM * _MM, (first + row * _LINE_MM) * _MM, line)
    hand.write(draw, 172 * _MM, 282 * _MM, f"{number + 1} / {len(answer.pages)}")
    return page


def _draw_header(draw: ImageDraw.ImageDraw, title: str, answer: Answer, hand: Hand) -> None:
    print_ = Hand(0, Style(3 * _MM, _PRINT, 3, font="futural", slant=0, tremor=0, drift=0))
    draw.rectangle([12 * _MM, 10 * _MM, 198 * _MM, 46 * _MM], fill="white", outline=_PRINT, width=3)
    fields = (
        ("Nom", answer.family_name, 19),
        ("Prénom", answer.given_name, 28),
        ("Né(e) le", answer.birth_date, 37),
    )
    for label, value, y in fields:
        print_.write(draw, 16 * _MM, y * _MM, label)
        hand.write(draw, 40 * _MM, y * _MM, value)
    print_.write(draw, 120 * _MM, 19 * _MM, title)


def _photograph(page: Image.Image, seed: int) -> Image.Image:
    """Lay the page on the glass: a little askew, grain, as a scanner sees it."""
    dice = random.Random(seed)
    turned = page.rotate(dice.uniform(-0.5, 0.5), resample=Image.Resampling.BILINEAR, fillcolor="#fbfaf5")
    small = turned.reduce(_SCALE)
    grain = Image.effect_noise(small.size, 24).convert("RGB")
    return Image.blend(small, grain, 0.05)


def _add_side(pdf: pikepdf.Pdf, photograph: Image.Image) -> None:
    jpeg = BytesIO()
    photograph.save(jpeg, "JPEG", quality=75, dpi=(DPI, DPI))
    width, height = photograph.size
    box = (width * 72 / DPI, height * 72 / DPI)
    image = pikepdf.Stream(
        pdf,
        jpeg.getvalue(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=width,
        Height=height,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    page = pdf.add_blank_page(page_size=box)
    name = page.add_resource(image, pikepdf.Name.XObject)
    page.Contents = pdf.make_stream(f"q {box[0]:.3f} 0 0 {box[1]:.3f} 0 0 cm {name} Do Q".encode())
