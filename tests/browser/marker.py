"""What a marker does at the desk, by keyboard and pen."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.screens import PATIENCE, Screen
from tests.browser.words import spoken, words

REMARK = "Très bien, sauf la conclusion : √2 n'est pas rationnel."


def enter(marker: Screen, exam: str) -> None:
    """Go from the lots to the first copy, and have its whole page in sight."""
    marker.go("/lots")
    marker.look("lots")
    marker.follow("lot_see_of", exam=exam)
    marker.look("lot-copies")
    marker.follow("lot_continue")
    expect(paper(marker)).to_be_visible(timeout=PATIENCE)
    marker.page.keyboard.press("s")


def paper(marker: Screen) -> Locator:
    """Find the page image on the desk."""
    return marker.page.get_by_role("img", name=words("result_page", number="1")).first


def light(marker: Screen, state: str) -> None:
    """Wait until the light that tells of saving shows a state."""
    expect(marker.page.locator(f"[data-state={state}]")).to_be_visible(timeout=PATIENCE)


def type_mark(marker: Screen, typed: str) -> None:
    """Type the mark of the current question and go on to the next."""
    for character in typed:
        marker.page.keyboard.press(character)
    marker.page.keyboard.press("Enter")


def mark(marker: Screen, label: str) -> Locator:
    """Find the mark of a question."""
    return marker.page.get_by_label(words("desk_mark_of", question=label)).first


def draw(marker: Screen, key: str, *places: tuple[float, float]) -> None:
    """Take a tool by its key and draw through places, in fractions of the page."""
    box = paper(marker).bounding_box()
    assert box
    marker.page.keyboard.press(key)
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    marker.page.mouse.move(*points[0])
    marker.page.mouse.down()
    for point in points[1:]:
        marker.page.mouse.move(*point, steps=6)
    marker.page.mouse.up()


def write(marker: Screen, text: str, place: tuple[float, float]) -> None:
    """Write a text onto the page."""
    draw(marker, "t", place)
    area = marker.field("desk_text_label")
    area.fill(text)
    area.press("Escape")


def finalize(marker: Screen) -> None:
    """Finalize the copy by keyboard."""
    light(marker, "saved")
    before = marker.page.url
    marker.page.keyboard.press("Control+Enter")
    expect(marker.button("desk_finalize")).to_be_enabled()
    marker.look("desk-finalize")
    marker.press("desk_finalize")
    marker.says(spoken("desk_finalized"))
    marker.page.wait_for_url(lambda url: url != before)
    marker.settle()


def full_marks(marker: Screen, questions: int) -> None:
    """Give every question its maximum."""
    expect(paper(marker)).to_be_visible(timeout=PATIENCE)
    for _ in range(questions):
        marker.page.keyboard.press("m")
        marker.page.keyboard.press("Enter")
