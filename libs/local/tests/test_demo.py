"""The demo's scan is a scan: every side one JPEG, the names inside the identity zone and nowhere else."""

from io import BytesIO

import pikepdf
import pytest
from local.demo import paper
from local.demo.content import EXAMS, Exam
from local.demo.paper import Answer
from PIL import Image, ImageChops

PAGES = (("Exercice 1", "a) f(4) = 11"), ("Exercice 2",))


def images(content: bytes) -> list[Image.Image]:
    with pikepdf.open(BytesIO(content)) as pdf:
        return [
            Image.open(BytesIO(image.read_raw_bytes())).convert("L")
            for page in pdf.pages
            for image in page.get_images().values()
        ]


def test_every_side_of_the_pile_is_one_image() -> None:
    answers = [Answer("LEFÈVRE", "Éloïse", "07/03/2009", PAGES), Answer("BENALI", "Yanis", "", PAGES)]

    assert len(images(paper.scan("Contrôle", answers))) == 4


def test_the_header_zone_covers_every_pixel_of_a_name() -> None:
    one, other = (
        images(paper.scan("Contrôle", [Answer(name, name.title(), "01/02/2009", PAGES)]))[0]
        for name in ("LEFÈVRE", "QUIJANO")
    )

    box = ImageChops.difference(one, other).point(lambda value: 255 if value > 60 else 0).getbbox()

    assert box is not None
    assert box[3] < (paper.HEADER["y"] + paper.HEADER["height"]) * one.height


@pytest.mark.parametrize("exam", EXAMS, ids=lambda exam: exam.name)
def test_a_demo_exam_adds_up(exam: Exam) -> None:
    labels = [question.label for question in exam.scheme]

    assert sum(question.maximum for question in exam.scheme) == 2000
    assert all(question.parent in labels for question in exam.scheme if question.parent)
    assert len({len(answer.pages) for answer in exam.answers}) == 1
