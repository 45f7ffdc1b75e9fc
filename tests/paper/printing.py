"""Print the form of a page: ruling, header, page box."""

from PIL import Image, ImageDraw

from tests.paper import forms
from tests.paper.answers import answer
from tests.paper.forms import Form
from tests.paper.ink import Pen, print_font
from tests.paper.sketch import HEIGHT_MM, WIDTH_MM, Sketch
from tests.paper.truth import Box

PAPER = (251, 250, 246)
RULE, RULE_LIGHT, MARGIN = (178, 186, 222), (214, 219, 238), (232, 150, 160)
PRINT, CELL_EDGE = (70, 74, 84), (150, 154, 164)
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


def paper(sketch: Sketch) -> Image.Image:
    """Return a face as it leaves the student's hands, but for the names."""
    page = Image.new("RGB", sketch.size, PAPER)
    if sketch.form is Form.BLANK:
        return page
    _rule(page, sketch)
    if sketch.form.header is not None:
        _print_header(page, sketch, sketch.form.header)
    _print_page_box(page, sketch)
    if not sketch.form.is_blank:
        answer(page, sketch)
    return page


def _rule(page: Image.Image, sketch: Sketch) -> None:
    """Print Seyès ruling below the header: a line each 2 mm, a strong one each 8 mm."""
    draw, mm = ImageDraw.Draw(page), sketch.dpi / 25.4
    top, width, height = round(sketch.writing_top), *sketch.size
    for index, y in enumerate(range(top, 272, 2)):
        draw.line((0, y * mm, width, y * mm), fill=RULE_LIGHT if index % 4 else RULE)
    for x in range(2, 210, 8):
        draw.line((x * mm, top * mm, x * mm, height * 0.915), fill=RULE)
    draw.line((34 * mm, top * mm, 34 * mm, height * 0.915), fill=MARGIN, width=max(1, round(0.3 * mm)))


def _print_header(page: Image.Image, sketch: Sketch, box: Box) -> None:
    draw = ImageDraw.Draw(page)
    draw.rectangle(sketch.pixels(box), outline=PRINT, width=max(1, sketch.dpi // 90))
    title = "Modèle C4 – 2026" if sketch.form is Form.FIRST else "ANNEXE à rendre avec la copie"
    _print(draw, sketch, (0.05, box.y + 0.013), title, 0.009)
    for field, name in enumerate(("Nom de famille :", "Prénom(s) :", "Né(e) le :")):
        _print(draw, sketch, (0.05, forms.row_top(sketch.form, field) + 0.016), name, 0.0105)
        for cell in forms.cells(field):
            cell_box = forms.cell_box(sketch.form, field, cell)
            draw.rectangle(sketch.pixels(cell_box), outline=CELL_EDGE)
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
    draw.rectangle(sketch.pixels(box), outline=PRINT, width=max(1, sketch.dpi // 100))
    _print(draw, sketch, (box.x + 0.008, box.y + 0.014), "Page / total", 0.0075)
    _print(draw, sketch, (box.x + 0.108, box.y + 0.045), "/", 0.026)
    if sketch.label:
        number, total = sketch.label.split(" / ")
        pen = Pen(page, sketch.dpi, sketch.rng("label"))
        pen.write((box.x + 0.055) * WIDTH_MM, (box.y + 0.044) * HEIGHT_MM, number, size=9)
        pen.write((box.x + 0.135) * WIDTH_MM, (box.y + 0.044) * HEIGHT_MM, total, size=9)
