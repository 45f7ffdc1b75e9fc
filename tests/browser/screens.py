"""Look at screens as a person does: by what is written on them, with a check that everybody can use them."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from tests.browser.words import LANGUAGE, LOCALE, words

DESKTOP, TABLET = ViewportSize(width=1440, height=900), ViewportSize(width=1024, height=768)
PORTRAIT = ViewportSize(width=768, height=1024)
#: Where pictures of every screen go, if anywhere.
SCREENSHOTS = os.environ.get("KORRIGO_SCREENSHOTS")
PATIENCE = 30_000
#: What `.ci/chromium` takes as well.
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@dataclass
class Album:
    """What was seen on every screen: accessibility violations, by the name of the screen."""

    violations: dict[str, list[str]] = field(default_factory=dict)
    #: What the pages complained of on the console.
    complaints: list[str] = field(default_factory=list)


@dataclass
class Screen:
    """One person's browser window."""

    page: Page
    album: Album

    @property
    def context(self) -> BrowserContext:
        """The browser profile of this person."""
        return self.page.context

    def go(self, path: str) -> None:
        """Open an address of the app."""
        self.page.goto(path)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is being loaded."""
        expect(self.page.locator("h1").last).to_be_visible(timeout=PATIENCE)
        loading = self.page.get_by_role("status").filter(has_text=words("loading"))
        expect(loading).to_have_count(0, timeout=PATIENCE)

    def button(self, key: str, **values: str) -> Locator:
        """Find a button by its message; in the open dialog if there is one."""
        return self._top().get_by_role("button", name=words(key, **values)).first

    def press(self, key: str, **values: str) -> None:
        """Click a button."""
        self.button(key, **values).click()

    def follow(self, key: str, **values: str) -> None:
        """Click a link."""
        self._top().get_by_role("link", name=words(key, **values)).first.click()
        self.settle()

    def field(self, key: str, **values: str) -> Locator:
        """Find a field by its label."""
        return self._top().get_by_label(words(key, **values)).first

    def tab(self, key: str) -> None:
        """Go to another screen of the exam."""
        self.page.get_by_role("navigation", name=words("office_exam_nav")).get_by_role(
            "link", name=words(key)
        ).click()
        self.settle()

    def says(self, text: str | re.Pattern[str]) -> None:
        """Wait until the screen shows a text."""
        expect(self.page.locator("body")).to_contain_text(text, timeout=PATIENCE)

    def sign_in(self, email: str, password: str) -> None:
        """Sign in with a password."""
        self.go("/sign-in")
        self.field("email").fill(email)
        self.field("password").fill(password)
        self.press("sign_in")
        expect(self.page.get_by_role("navigation")).to_be_visible()

    def speak(self) -> None:
        """Choose the language of the story."""
        choice = self.page.get_by_role("button", name=re.compile(f"^{LANGUAGE.upper()} "))
        with self.page.expect_response(lambda answer: answer.url.endswith("/account")):
            choice.click()
        expect(choice).to_have_attribute("aria-pressed", "true")

    def drop(self, *files: Path) -> None:
        """Drop files onto the window."""
        chosen = [{"name": file.name, "content": b64encode(file.read_bytes()).decode()} for file in files]
        transfer = self.page.evaluate_handle(TRANSFER, chosen)
        for event in ("dragenter", "dragover", "drop"):
            self.page.dispatch_event("body", event, {"dataTransfer": transfer})

    def look(self, name: str) -> None:
        """Check a screen for everybody, and keep pictures of it in all sizes."""
        self.settle()
        found = Axe().run(self.page).response["violations"]
        if found:
            self.album.violations[name] = [_told(violation) for violation in found]
        if SCREENSHOTS:
            for kind, size in (("portrait", PORTRAIT), ("tablet", TABLET), ("desktop", DESKTOP)):
                self.page.set_viewport_size(size)
                picture = Path(SCREENSHOTS) / f"{name}-{kind}-{LANGUAGE}.png"
                self.page.screenshot(path=picture, animations="disabled")

    def _top(self) -> Locator:
        dialog = self.page.locator("dialog[open]")
        return dialog.last if dialog.count() else self.page.locator("body")


def chromium_path() -> str:
    """Find the machine's own browser."""
    return next(filter(None, map(which, CHROMIUM)))


@contextmanager
def opened(browser: Browser, url: str, album: Album) -> Iterator[Screen]:
    """Open a window with a profile of its own."""
    context = browser.new_context(
        base_url=url,
        locale=LOCALE,
        timezone_id="Europe/Paris",
        viewport=DESKTOP,
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.on("pageerror", lambda error: album.complaints.append(str(error)))
    try:
        yield Screen(page, album)
    finally:
        context.close()


TRANSFER = """
files => {
  const transfer = new DataTransfer();
  for (const file of files) {
    const type = file.name.endsWith(".pdf") ? "application/pdf" : "text/csv";
    const bytes = Uint8Array.from(atob(file.content), (one) => one.charCodeAt(0));
    transfer.items.add(new File([bytes], file.name, { type }));
  }
  return transfer;
}
"""


def _told(violation: Any) -> str:
    places = "; ".join(str(node["target"]) for node in violation["nodes"][:3])
    return f"{violation['id']} ({violation['impact']}): {places}"
