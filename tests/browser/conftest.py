"""A headless Chromium, a window for each person, and an exam whose markers sit at their desks."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import exams
from tests.browser.screens import Album, Screen, chromium_path, opened
from tests.browser.seats import LEAVER, RUN, STAYER, STUDENTS, TAKER
from tests.exams import Exam
from tests.people import PASSWORD, People
from tests.stories.paper import small

#: Opens a window for nobody yet.
Window = Callable[[], Screen]
#: Signs somebody in by their address.
Enter = Callable[[str], Screen]


@pytest.fixture(scope="module")
def album() -> Album:
    """What was seen on every screen."""
    return Album()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser; not for longer than a module, because its loop keeps others from running."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def window(chromium: Browser, people: People, album: Album) -> Iterator[Window]:
    """Open windows that are closed in the end."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(opened(chromium, people.system.url, album))


@pytest.fixture(scope="module")
def exam(people: People, desk_drawer: Path) -> Exam:
    """An exam whose copies two markers share."""
    exam = exams.create(people, f"Devant la copie {RUN}", STUDENTS)
    for email in (LEAVER, STAYER, TAKER):
        exam.add_marker(email)
    exam.import_scan(small(desk_drawer, "eight-copies", STUDENTS, pages=2).file, "every_n_sides", 2)
    exam.open(exam.staged())
    exam.dispatch(*exam.markers[:2])
    return exam


@pytest.fixture(scope="module")
def enter(window: Window) -> Enter:
    """Sign a person in at a window of their own."""

    def signed_in(email: str) -> Screen:
        screen = window()
        screen.sign_in(email, PASSWORD)
        screen.speak()
        return screen

    return signed_in


@pytest.fixture(scope="module")
def untouched(exam: Exam) -> list[dict[str, Any]]:
    """The copies of the marker who stays that no test has taken yet."""
    return exam.markers[1].items(f"/lots/{exam.id}/copies")
