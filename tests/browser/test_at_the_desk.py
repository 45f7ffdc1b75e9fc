"""At the desk, when something is in the way: no network, another marker, no shared worker, a failed PDF."""

from typing import Any

import pytest
from local.system import System
from playwright.sync_api import Page, expect

from tests.browser import marker as desk
from tests.browser.conftest import Enter
from tests.browser.screens import PATIENCE, Album, Screen
from tests.browser.seats import LEAVER, RUN, STAYER, TAKER, WAITING, row_of, sit_down
from tests.browser.words import spoken, spoken_points, words
from tests.desk import Desk, mark
from tests.exams import Exam
from tests.waiting import until


def test_what_was_written_offline_comes_back_when_the_copy_went_to_another(exam: Exam, enter: Enter) -> None:
    giver, _, taker = exam.markers
    copy = giver.items(f"/lots/{exam.id}/copies")[0]
    screen = enter(LEAVER)
    sit_down(screen, copy)
    screen.context.set_offline(True)
    desk.type_mark(screen, "1,5")
    desk.light(screen, "offline")
    exam.send("POST", "/reassignments", from_marker_id=giver.id, to_marker_id=taker.id)

    screen.context.set_offline(False)
    screen.says(spoken("desk_copy_gone"))
    desk.light(screen, "saved")
    screen.look("desk-copy-gone")

    assert screen.page.evaluate(WAITING) == 0
    assert Desk(taker, exam.id, copy["id"]).marks == {}
    screen.go("/lots")
    kept = row_of(screen.page, copy)
    expect(kept).to_contain_text(spoken("desk_conflict_mark", question="1.a"))
    screen.look("lots-set-aside")
    kept.get_by_role("button", name=words("aside_dismiss")).click()
    expect(kept).to_have_count(0)
    assert giver.items("/lots/set-aside") == []


def test_what_the_service_never_takes_is_kept_until_its_author_dismisses_it(exam: Exam, enter: Enter) -> None:
    taker = exam.markers[2]
    copy = taker.items(f"/lots/{exam.id}/copies")[0]
    screen = enter(TAKER)
    sit_down(screen, copy)
    screen.context.set_offline(True)
    desk.type_mark(screen, "1,5")
    desk.light(screen, "offline")
    exam.send("DELETE", f"/members/{taker.id}")

    screen.context.set_offline(False)
    screen.says(spoken("desk_copy_gone"))
    screen.go("/lots")
    kept = screen.page.get_by_role("article").filter(has_text=copy["code"])
    expect(kept).to_contain_text(spoken("desk_conflict_mark", question="1.a"))
    expect(kept).to_contain_text(f"Devant la copie {RUN}")
    screen.look("lots-not-sent")
    assert screen.page.evaluate(WAITING) == 1

    kept.get_by_role("button", name=words("aside_dismiss")).click()
    screen.press("not_sent_dismiss")

    expect(kept).to_have_count(0)
    assert screen.page.evaluate(WAITING) == 0


def test_two_devices_compare_what_both_have_written(enter: Enter, untouched: list[dict[str, Any]]) -> None:
    mine, other = enter(STAYER), enter(STAYER)
    for screen in (mine, other):
        sit_down(screen, untouched[2])
    mine.context.set_offline(True)
    desk.type_mark(mine, "1,5")
    desk.light(mine, "offline")
    desk.type_mark(other, "0,5")
    desk.light(other, "saved")

    mine.context.set_offline(False)
    mine.says(spoken("desk_conflicts_see"))
    expect(desk.mark(mine, "1.a")).to_have_value(spoken_points("0,5"))
    mine.press("desk_conflicts_see")
    mine.look("desk-conflict")
    mine.press("desk_keep_mine")

    expect(desk.mark(mine, "1.a")).to_have_value(spoken_points("1,5"))
    expect(desk.mark(other, "1.a")).to_have_value(spoken_points("1,5"), timeout=PATIENCE)
    desk.light(mine, "saved")


def test_typing_a_number_goes_to_that_copy(enter: Enter, untouched: list[dict[str, Any]]) -> None:
    screen = enter(STAYER)
    sit_down(screen, untouched[0])

    screen.page.keyboard.press("Control+k")
    search = screen.page.get_by_role("combobox", name=words("palette_open"))
    expect(search).to_be_focused()
    screen.look("palette")
    search.fill(untouched[1]["code"])
    search.press("Enter")

    screen.page.wait_for_url(f"**/{untouched[1]['id']}")
    expect(desk.paper(screen)).to_be_visible(timeout=PATIENCE)


def test_two_fingers_zoom_about_their_middle(enter: Enter, untouched: list[dict[str, Any]]) -> None:
    screen = enter(STAYER)
    sit_down(screen, untouched[0])
    screen.page.keyboard.press("s")
    before = box_of(screen)
    middle = before["x"] + before["width"] / 2, before["y"] + before["height"] / 4

    spread(screen, middle, from_=100, to=200)

    after = box_of(screen)
    assert after["width"] == pytest.approx(2 * before["width"], rel=0.05)
    assert (middle[0] - after["x"]) / after["width"] == pytest.approx(0.5, abs=0.02)
    assert (middle[1] - after["y"]) / after["height"] == pytest.approx(0.25, abs=0.02)
    expect(screen.page.locator("[data-annotation]")).to_have_count(0)


def box_of(screen: Screen) -> dict[str, float]:
    """Where the page is on the screen."""
    box = desk.paper(screen).bounding_box()
    assert box
    return {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}


def spread(screen: Screen, middle: tuple[float, float], *, from_: float, to: float) -> None:
    """Move two fingers apart, as a touch screen reports it."""
    touch = screen.context.new_cdp_session(screen.page)
    for step in range(11):
        half = (from_ + (to - from_) * step / 10) / 2
        points = [{"x": middle[0] + half * side, "y": middle[1], "id": id} for id, side in ((1, -1), (2, 1))]
        kind = "touchMove" if step else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    touch.detach()


def test_without_shared_workers_one_tab_reads_the_stream_for_all(
    exam: Exam, enter: Enter, untouched: list[dict[str, Any]]
) -> None:
    copy = untouched[1]
    screen = enter(STAYER)
    screen.context.add_init_script("delete globalThis.SharedWorker")
    tabs = [screen.page, screen.context.new_page()]
    asked = [asked_by(tab) for tab in tabs]
    for tab in tabs:
        tab.goto(f"/lots/{exam.id}")
        expect(row_of(tab, copy)).to_contain_text("0/4")
    until(lambda: reads_stream(asked[0]), "a tab to read the stream")

    at_desk = Desk(exam.markers[1], exam.id, copy["id"])
    give(at_desk, "2", 400)
    for tab in tabs:
        expect(row_of(tab, copy)).to_contain_text("1/4", timeout=PATIENCE)
    assert not reads_stream(asked[1])

    tabs[0].close()
    with tabs[1].expect_request(lambda request: request.url.endswith("/events")):
        pass
    give(at_desk, "3", 1200)
    expect(row_of(tabs[1], copy)).to_contain_text("2/4", timeout=PATIENCE)


def asked_by(tab: Page) -> list[str]:
    """List what a tab asks for from now on."""
    urls: list[str] = []
    tab.on("request", lambda request: urls.append(request.url))
    return urls


def reads_stream(urls: list[str]) -> bool:
    """Tell whether the stream of events was asked for."""
    return any(url.endswith("/events") for url in urls)


def give(at_desk: Desk, label: str, points: int) -> None:
    """Mark one question elsewhere."""
    version = int(at_desk.marking["exam"]["scheme_version"])
    at_desk.accept(mark(at_desk.leaves()[label], points, version))


def test_a_pdf_that_could_not_be_made_is_made_at_the_next_try(
    exam: Exam, enter: Enter, system: System, untouched: list[dict[str, Any]]
) -> None:
    copy = untouched[2]
    file = system.home.store / "copies" / copy["id"] / "1.pdf"
    honest = file.read_bytes()
    file.write_bytes(b"not a PDF any more")
    screen = enter(STAYER)
    sit_down(screen, copy)
    desk.full_marks(screen, questions=4)
    desk.finalize(screen)

    screen.go(f"/lots/{exam.id}")
    expect(row_of(screen.page, copy)).to_contain_text(spoken("copy_state_finalize_failed"), timeout=PATIENCE)
    file.write_bytes(honest)
    row_of(screen.page, copy).get_by_role("link").click()
    expect(screen.button("desk_finalize_again")).to_be_visible(timeout=PATIENCE)
    screen.look("desk-finalize-failed")
    screen.press("desk_finalize_again")
    screen.press("desk_finalize")

    exam.finalized(1)
    screen.go(f"/lots/{exam.id}")
    expect(row_of(screen.page, copy)).to_contain_text(spoken("copy_state_finalized"), timeout=PATIENCE)


def test_every_screen_can_be_used_by_everybody(exam: Exam, album: Album) -> None:
    assert album.violations == {}
    assert album.complaints == []
