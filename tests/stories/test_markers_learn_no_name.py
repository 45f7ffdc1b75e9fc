"""No answer that a marker gets says who wrote a copy: not in its text, its pixels, its order or its ids."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from tests.client import Client
from tests.paper.truth import Box
from tests.paper.uniform import assert_uniform
from tests.stories.job import Job
from tests.stories.paper import STUDENTS

#: Shorter names would be found by chance in the bytes of an image.
LEAST_LENGTH = 5
PARTS = sorted({part for student in STUDENTS for part in (student.family, student.given, student.email)})


@pytest.fixture(scope="module")
def read(finalized: Job) -> Job:
    """Markers looked at every page in every size, and went everywhere else they may go."""
    for marker in finalized.exam.markers:
        for path in ("/session", "/exams", "/lots", "/notices", "/results", f"/exams/{finalized.exam.id}"):
            marker.get(path)
    for marker, copy_id in finalized.desks():
        for page in pages(finalized, marker, copy_id):
            marker.image(page["image"])
            marker.image(page["thumbnail"])
    return finalized


def pages(job: Job, marker: Client, copy_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = marker.get(f"/exams/{job.exam.id}/copies/{copy_id}/marking")["pages"]
    return found


def boxes(job: Job, page: dict[str, Any]) -> Iterator[Box]:
    """Where names are on a page as it is displayed, after the office turned it."""
    return (box.turned(page["rotation"]) for box in job.face(page).name_boxes)


def test_no_name_is_in_any_answer(read: Job) -> None:
    names = re.compile("|".join(rf"\b{re.escape(part)}\b" for part in PARTS), re.IGNORECASE)
    answers = [answer for marker in read.exam.markers for answer in marker.answers]

    told = [answer for answer in answers if "json" in answer.headers.get("content-type", "")]
    assert len(told) > 100
    for answer in told:
        assert not names.search(f"{answer.path} {dict(answer.headers)} {answer.content.decode()}")


def test_no_name_is_hidden_in_the_bytes_of_an_image(read: Job) -> None:
    long = [part for part in PARTS if len(part) >= LEAST_LENGTH]
    needles = [part.encode(code) for part in long for code in ("utf-8", "latin-1", "utf-16-le")]
    images = [
        answer
        for marker in read.exam.markers
        for answer in marker.answers
        if answer.headers.get("content-type", "").startswith("image/")
    ]

    assert images
    for image in images:
        assert not [needle for needle in needles if needle in image.content]


def test_every_name_on_paper_is_one_colour_in_every_rendition(read: Job) -> None:
    truth = {page["id"]: page for copy in read.exam.staged() for page in copy["pages"]}

    checked = 0
    for marker, copy_id in read.desks():
        for page in pages(read, marker, copy_id):
            names = list(boxes(read, truth[page["page_id"]]))
            assert_uniform(marker.image(page["image"]), names)
            assert_uniform(marker.image(page["thumbnail"]), names)
            checked += len(names)

    assert checked > 3 * len(STUDENTS)


def test_the_order_of_copies_tells_nothing(read: Job) -> None:
    arrival = {copy["id"]: number for number, copy in enumerate(read.exam.staged())}

    for marker in read.exam.markers:
        order = [arrival[copy["id"]] for copy in marker.items(f"/lots/{read.exam.id}/copies")]
        assert order not in (sorted(order), sorted(order, reverse=True))


def test_every_id_that_a_marker_sees_is_random(read: Job) -> None:
    for marker, copy_id in read.desks():
        page_ids = [page["page_id"] for page in pages(read, marker, copy_id)]
        assert {UUID(id).version for id in (copy_id, *page_ids)} == {4}
