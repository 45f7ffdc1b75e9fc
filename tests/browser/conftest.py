"""A headless Chromium, and a window for each person."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.screens import Album, Screen, chromium_path, opened
from tests.people import People

#: Opens a window for nobody yet.
Window = Callable[[], Screen]


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
