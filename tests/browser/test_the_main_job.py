"""The main job by clicks and keys: the office, two markers and a student, each at a browser."""

from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser import marker as desk
from tests.browser import office as steps
from tests.browser.conftest import Window
from tests.browser.screens import PATIENCE, Album, Screen
from tests.browser.words import spoken, spoken_points, words
from tests.paper.piles import a3_pile, a4_pile
from tests.paper.shelf import shelved_scan
from tests.paper.students import csv_bytes, roster
from tests.people import ADMIN, PASSWORD, People
from tests.stories.pdfs import Pdf, Spot, spot
from tests.waiting import until

#: Addresses are new each time, so that a system that runs already sends invitations again.
RUN = uuid4().hex[:6]
STUDENTS = [replace(student, email=f"{RUN}.{student.email}") for student in roster(18, seed=81)]
#: Whose 60 pages are A4, and whose are a booklet.
A4_STUDENTS, A3_STUDENTS = STUDENTS[:15], STUDENTS[15:]
A4_SCAN, A3_SCAN = "SKM_geometrie.pdf", "SKM_geometrie_A3.pdf"
OFFICE, *MARKERS = (f"{name}.{RUN}@lycee.example" for name in ("bureau", "elise", "fabien"))
LEAVES = 4
TEXT = "Démontré : √2 ≤ ∞"
#: What every copy is given in green, as the places of two corners.
FRAME, GREEN = ((0.55, 0.36), (0.8, 0.42)), "#15803d"
A4_MM = (210, 297)


@dataclass
class Cast:
    """Everybody's window."""

    office: Screen
    markers: list[Screen]


def join(screen: Screen, people: People, email: str, *, picture: str = "") -> None:
    """Follow the invitation in one's mail, and choose a password."""
    link = until(lambda: people.link(email), f"a mail to {email}")
    screen.go(f"/link/{link[1]}")
    screen.field("password_new").fill(PASSWORD)
    if picture:
        screen.look(picture)
    screen.press("link_save")
    expect(screen.page.get_by_role("button", name=words("sign_out"))).to_be_visible()


@pytest.fixture(scope="module")
def office(window: Window, people: People) -> Screen:
    """The exam office, invited by the administrator."""
    _ = people.admin
    admin = window()
    admin.go("/")
    admin.look("sign-in")
    admin.follow("forgotten")
    admin.look("forgotten")
    admin.sign_in(ADMIN, PASSWORD)
    admin.speak()
    expect(admin.page.get_by_role("button", name=words("sign_out"))).to_be_visible()
    steps.invite_office(admin, OFFICE)
    screen = window()
    join(screen, people, OFFICE, picture="invitation")
    return screen


@pytest.fixture(scope="module")
def imported(office: Screen, desk_drawer: Path) -> Screen:
    """An exam with everything that must be set, and two scans whose sides are all read."""
    rows = desk_drawer / "liste.csv"
    rows.write_bytes(csv_bytes(STUDENTS))
    shelved_scan(a4_pile(A4_STUDENTS), desk_drawer / A4_SCAN, dpi=100)
    shelved_scan(a3_pile(A3_STUDENTS, sheets=(1,)), desk_drawer / A3_SCAN, dpi=100)
    steps.create_exam(office)
    steps.write_scheme(office)
    steps.import_roster(office, rows, STUDENTS)
    steps.invite_markers(office, MARKERS)
    steps.drop_scan(office, desk_drawer / A4_SCAN)
    steps.drop_booklets(office, desk_drawer / A3_SCAN)
    steps.draw_zones(office)
    return office


@pytest.fixture(scope="module")
def cast(imported: Screen, window: Window, people: People) -> Cast:
    """The copies are named, opened and shared; the markers are at their desks."""
    steps.arrange(imported)
    steps.name_writers(imported, STUDENTS)
    steps.open_copies(imported, len(STUDENTS))
    steps.dispatch(imported, len(STUDENTS))
    markers = [window() for _ in MARKERS]
    for screen, email in zip(markers, MARKERS, strict=True):
        join(screen, people, email)
        desk.enter(screen, steps.EXAM)
    return Cast(imported, markers)


@pytest.fixture(scope="module")
def marked(cast: Cast) -> Cast:
    """The first marker has written on a copy, in every way."""
    screen = cast.markers[0]
    for typed in ("1,5", "2,25", "0"):
        desk.type_mark(screen, typed)
    desk.draw(screen, "d", (0.3, 0.5), (0.5, 0.55), (0.6, 0.5))
    desk.draw(screen, "h", (0.2, 0.62), (0.5, 0.62))
    annotate(screen)
    screen.page.keyboard.press("r")
    screen.page.keyboard.type(desk.REMARK)
    screen.page.keyboard.press("Escape")
    desk.light(screen, "saved")
    screen.look("desk")
    return cast


def annotate(screen: Screen) -> None:
    """Frame something in green, and write beneath it in red."""
    screen.press("ink_green")
    screen.page.keyboard.press("s")
    desk.draw(screen, "b", *FRAME)
    screen.press("ink_red")
    screen.page.keyboard.press("v")
    desk.write(screen, TEXT, (0.2, 0.7))


def annotations(screen: Screen) -> int:
    """Count the annotations on the page at hand."""
    return screen.page.locator("[data-annotation]").count()


def test_points_can_be_typed_with_a_decimal_comma(imported: Screen) -> None:
    imported.tab("office_tab_scheme")

    expect(imported.field("office_scheme_points_of", label="1.a")).to_have_value(spoken_points("1,5"))


def test_marks_typed_at_the_desk_are_kept_at_a_reload(marked: Cast) -> None:
    screen = marked.markers[0]
    before = annotations(screen)

    screen.page.reload()
    expect(desk.paper(screen)).to_be_visible(timeout=PATIENCE)

    expect(desk.mark(screen, "1.a")).to_have_value(spoken_points("1,5"))
    expect(desk.mark(screen, "1.b")).to_have_value(spoken_points("2,25"))
    expect(desk.mark(screen, "2")).to_have_value("0")
    expect(screen.page.locator("[data-annotation]")).to_have_count(before)
    assert before >= 4


def test_a_cut_network_loses_nothing(marked: Cast) -> None:
    screen = marked.markers[0]
    screen.context.set_offline(True)
    screen.page.keyboard.press("a")
    screen.page.keyboard.type("Écrit sans réseau.")
    screen.page.keyboard.press("Escape")
    desk.light(screen, "offline")
    screen.look("desk-offline")

    screen.context.set_offline(False)
    desk.light(screen, "saved")
    screen.page.reload()

    expect(screen.field("desk_appreciation")).to_have_value("Écrit sans réseau.", timeout=PATIENCE)


def test_undo_takes_a_mark_back(marked: Cast) -> None:
    screen = marked.markers[0]
    expect(desk.mark(screen, "1.a")).to_have_value(spoken_points("1,5"), timeout=PATIENCE)
    desk.mark(screen, "1.a").fill(spoken_points("0,5"))
    desk.mark(screen, "1.a").press("Enter")
    expect(desk.mark(screen, "1.a")).to_have_value(spoken_points("0,5"))

    screen.page.keyboard.press("Control+z")

    expect(desk.mark(screen, "1.a")).to_have_value(spoken_points("1,5"))


@pytest.fixture(scope="module")
def finalized(marked: Cast) -> Cast:
    """Every copy is finalized."""
    for number, screen in enumerate(marked.markers):
        for copy in range(len(STUDENTS) // len(MARKERS)):
            if number == copy == 0:
                desk.mark(screen, "3").click()
                desk.type_mark(screen, "12")
            else:
                desk.full_marks(screen, LEAVES)
                annotate(screen)
            desk.finalize(screen)
    return marked


@pytest.fixture(scope="module")
def students(finalized: Cast, window: Window, people: People) -> list[Screen]:
    """A student of each format; they had nothing to see before the release."""
    steps.invite_students(finalized.office)
    screens = [window(), window()]
    for screen, person in zip(screens, (A4_STUDENTS[0], A3_STUDENTS[0]), strict=True):
        join(screen, people, person.email)
        screen.look("student-nothing-yet")
    steps.release(finalized.office)
    finalized.office.go("/exams")
    finalized.office.look("exams")
    finalized.office.page.get_by_role("link", name=steps.EXAM).first.click()
    finalized.office.settle()
    finalized.office.look("exam")
    return screens


@pytest.fixture(scope="module")
def results(students: list[Screen]) -> list[Pdf]:
    """What they download."""
    return [downloaded(screen) for screen in students]


def downloaded(student: Screen) -> Pdf:
    """Have a student open their result and download it."""
    student.go("/results")
    student.look("student-results")
    student.page.get_by_role("link", name=steps.EXAM).first.click()
    student.settle()
    student.look("student-result")
    expect(student.page.get_by_role("region", name=words("result_total"))).to_contain_text("/20")
    with student.page.expect_download() as download:
        student.follow("result_pdf")
    return Pdf(download.value.path().read_bytes())


def test_students_open_their_results(results: list[Pdf]) -> None:
    assert [result.page_count for result in results] == [5, 5]
    for result in results:
        assert TEXT in result.text(0)
        assert steps.EXAM in result.text(4)


def test_their_pdfs_keep_the_scan_and_show_the_ink_where_it_was_drawn(
    results: list[Pdf], desk_drawer: Path
) -> None:
    reading_order = {A4_SCAN: (1, 2, 3, 4), A3_SCAN: (1, 2, 2, 1)}
    (left, top), (right, bottom) = FRAME
    frame = Spot(left * A4_MM[0], top * A4_MM[1], right * A4_MM[0], bottom * A4_MM[1])
    for result, (name, sides) in zip(results, reading_order.items(), strict=True):
        scan = Pdf((desk_drawer / name).read_bytes())
        crop = "right" if name == A3_SCAN else "full"
        beneath = scan.face({"side": 1, "crop": crop, "rotation": 0})

        assert all(scan.images(side - 1) <= result.images(number) for number, side in enumerate(sides))
        assert spot(result.pixels(0), beneath, GREEN, opacity=0.4).differs(frame) < 1


def test_an_account_shows_where_it_is_signed_in(students: list[Screen]) -> None:
    student = students[0]
    student.go("/account")
    student.says(spoken("account_title"))

    student.look("account")


def test_every_screen_can_be_used_by_everybody(students: list[Screen], album: Album) -> None:
    assert album.violations == {}


def test_no_screen_breaks(students: list[Screen], album: Album) -> None:
    assert album.complaints == []
