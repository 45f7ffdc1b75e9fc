"""What comes between: a session that ends, a gateway that is away, a release that takes its files along."""

from typing import Any

from playwright.sync_api import Route, expect

from tests.browser import marker as desk
from tests.browser.conftest import Enter
from tests.browser.screens import PATIENCE, Album, Screen
from tests.browser.seats import STAYER, sit_down
from tests.browser.words import spoken, words
from tests.exams import Exam
from tests.people import PASSWORD


def test_a_session_that_ends_at_the_desk_loses_nothing(enter: Enter, untouched: list[dict[str, Any]]) -> None:
    screen = enter(STAYER)
    sit_down(screen, untouched[3])
    screen.page.keyboard.press("s")
    desk.draw(screen, "t", (0.3, 0.6))
    screen.page.keyboard.type("Écrit pendant")
    screen.context.clear_cookies()
    screen.page.keyboard.press("Escape")
    screen.says(spoken("session_expired"))
    screen.look("desk-session-ended")

    screen.field("password").fill(PASSWORD)
    screen.press("sign_in")
    desk.light(screen, "saved")
    screen.page.reload()

    expect(desk.paper(screen)).to_be_visible(timeout=PATIENCE)
    expect(screen.page.locator("[data-annotation]")).to_have_accessible_name(
        words("annotation_text", text="Écrit pendant")
    )


def test_who_signs_in_again_in_another_tab_writes_on(enter: Enter, untouched: list[dict[str, Any]]) -> None:
    screen = enter(STAYER)
    sit_down(screen, untouched[3])
    other = Screen(screen.context.new_page(), screen.album)
    other.go("/lots")
    other.press("sign_out")
    other.sign_in(STAYER, PASSWORD)

    screen.page.keyboard.press("a")
    screen.page.keyboard.type("Écrit ensuite.")
    desk.light(screen, "saved")
    screen.page.reload()

    expect(screen.field("desk_appreciation")).to_have_value("Écrit ensuite.", timeout=PATIENCE)


def test_a_proxy_without_a_gateway_is_waited_for(exam: Exam, enter: Enter) -> None:
    screen = enter(STAYER)
    screen.page.route("**/api/v1/lots*/**", from_proxy)
    screen.page.goto(f"/lots/{exam.id}")
    screen.says(spoken("reason_UNAVAILABLE"))

    screen.page.unroute("**/api/v1/lots*/**")

    expect(screen.page.get_by_role("row")).not_to_have_count(0, timeout=PATIENCE)
    expect(screen.page.get_by_text(spoken("reason_UNAVAILABLE"))).to_have_count(0)


def test_a_screen_whose_files_are_gone_is_loaded_with_the_new_release(
    enter: Enter, untouched: list[dict[str, Any]]
) -> None:
    screen = enter(STAYER)
    screen.go("/lots")
    answers = iter([True])
    screen.page.route(
        "**/assets/Desk-*.css",
        lambda route: from_proxy(route) if next(answers, False) else route.continue_(),
    )

    screen.page.evaluate(
        "path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')) }",
        f"/desk/{untouched[3]['exam_id']}/{untouched[3]['id']}",
    )

    expect(desk.paper(screen)).to_be_visible(timeout=PATIENCE)


def from_proxy(route: Route) -> None:
    """Answer as what stands before a gateway that is being restarted."""
    route.fulfill(status=502, content_type="text/html", body="<h1>502 Bad Gateway</h1>")


def test_every_screen_can_be_used_by_everybody(exam: Exam, album: Album) -> None:
    assert album.violations == {}
    assert album.complaints == []
