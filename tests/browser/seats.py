"""Who sits at the desks of one exam, and how one sits down."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.browser import marker as desk
from tests.browser.screens import PATIENCE, Screen
from tests.paper.students import roster

RUN = uuid4().hex[:6]
LEAVER, STAYER, TAKER = (f"{name}.{RUN}@lycee.example" for name in ("gilles", "hanna", "ines"))
STUDENTS = roster(8, seed=83)
#: How many acts wait on the device.
WAITING = """
() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("korrigo");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const counting = opening.result.transaction("acts").objectStore("acts").count();
    counting.onsuccess = () => resolve(counting.result);
  };
})
"""


def sit_down(screen: Screen, copy: dict[str, Any]) -> None:
    """Open a copy at the desk and wait for its page."""
    screen.go(f"/desk/{copy['exam_id']}/{copy['id']}")
    expect(desk.paper(screen)).to_be_visible(timeout=PATIENCE)
    desk.light(screen, "saved")


def row_of(page: Page, copy: dict[str, Any]) -> Locator:
    """Find the row of a copy in a table."""
    return page.get_by_role("row").filter(has_text=copy["code"])
