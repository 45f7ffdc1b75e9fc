"""A big scan holds up neither the next batch nor anybody's request."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests import exams
from tests.exams import Exam, balances
from tests.paper.forms import Form
from tests.paper.piles import VARIANTS, Face, Format, Pile, Side
from tests.paper.shelf import shelved_scan
from tests.paper.students import roster
from tests.people import People
from tests.stories.paper import small

SIDES = 500


@dataclass
class Race:
    """What happened while the big scan was on its way."""

    exam: Exam
    big: dict[str, Any]
    small: dict[str, Any]
    #: The big scan as it was when the small one's copy was there.
    big_meanwhile: dict[str, Any]
    seconds: float
    #: How long each request took meanwhile.
    requests: list[float] = field(default_factory=list)


def inner_pages(sides: int) -> Pile:
    """Lay out inner pages alone: a few drawings serve all of them."""
    faces = (Face(Form.INNER, side // 4, side % 4 + 1, variant=side % VARIANTS) for side in range(sides))
    return tuple(Side((face,), sheet=number, format=Format.G4) for number, face in enumerate(faces))


@pytest.fixture(scope="module")
def race(people: People, desk_drawer: Path) -> Race:
    exam = exams.create(people, "Amphithéâtre")
    shelved_scan(inner_pages(SIDES), desk_drawer / "amphi.pdf")
    late = small(desk_drawer, "late-comer", roster(1, seed=31))
    big_batch, small_batch = exam.batch("every_n_sides", 4), exam.batch("every_n_sides", 4)
    big = exam.drop(big_batch, desk_drawer / "amphi.pdf")
    began = time.monotonic()
    seen = len(exam.office.answers)
    little = exam.drop(small_batch, late.file)
    while not exam.of_scan(little):
        assert time.monotonic() < began + 120
    meanwhile = exam.scan(big["id"])
    ended = exam.ended(big, seconds=240)
    requests = [answer.seconds for answer in exam.office.answers[seen:]]
    return Race(exam, ended, exam.scan(little["id"]), meanwhile, time.monotonic() - began, requests)


def test_a_small_batch_has_its_copy_before_the_big_scan_ends(race: Race) -> None:
    assert race.big_meanwhile["state"] == "rendering"
    assert race.big_meanwhile["sides_rendered"] < SIDES
    assert race.small["copies"] == 1


def test_no_request_waits_for_pdf_work(race: Race) -> None:
    assert max(race.requests) < race.seconds / 5


def test_every_side_of_the_big_scan_is_there(race: Race) -> None:
    assert (race.big["state"], race.big["sides_rendered"], race.big["copies"]) == (
        "settled",
        SIDES,
        SIDES / 4,
    )
    assert balances(race.exam.ledger())
