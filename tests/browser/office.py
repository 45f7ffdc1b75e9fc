"""What the exam office does at its browser, from the first click to the release."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.screens import PATIENCE, Screen
from tests.browser.words import spoken, words
from tests.paper.students import Student

EXAM = "Contrôle de géométrie"
#: Label, depth, points as one types them in French; the exam is on 20.
SCHEME = (("1", 0, ""), ("1.a", 1, "1,5"), ("1.b", 1, "2,5"), ("2", 0, "4"), ("3", 0, "12"))


def invite_office(admin: Screen, email: str) -> None:
    """Let the administrator invite an exam office."""
    admin.go("/health")
    admin.look("health")
    admin.go("/accounts")
    admin.look("accounts")
    admin.press("admin_invite")
    admin.field("email").fill(email)
    admin.field("name").fill("Camille Petit")
    admin.look("accounts-invite")
    admin.press("admin_send")
    admin.says(email)


def create_exam(office: Screen) -> str:
    """Create an exam; return the path of its screens."""
    office.go("/exams")
    office.look("exams-empty")
    office.press("office_exam_create")
    office.field("office_exam_name").fill(EXAM)
    office.look("exams-create")
    office.press("office_exam_create")
    office.says(EXAM)
    office.page.wait_for_url("**/exams/*-*")
    office.settle()
    office.look("exam-new")
    return office.page.url


def write_scheme(office: Screen) -> None:
    """Write the scheme by keyboard, points with a decimal comma."""
    office.tab("office_tab_scheme")
    office.look("scheme-empty")
    office.press("office_scheme_first")
    depth = 0
    for label, wanted, _ in SCHEME:
        office.page.keyboard.press("Control+a")
        office.page.keyboard.type(label)
        for _step in range(abs(wanted - depth)):
            office.page.keyboard.press("Alt+ArrowRight" if wanted > depth else "Alt+ArrowLeft")
        depth = wanted
        if label != SCHEME[-1][0]:
            office.page.keyboard.press("Enter")
    for label, _, points in SCHEME:
        if points:
            office.field("office_scheme_points_of", label=label).fill(points)
    office.look("scheme")
    office.press("office_scheme_save")
    office.says(spoken("office_scheme_saved"))


def import_roster(office: Screen, roster: Path, students: Sequence[Student]) -> None:
    """Drop the roster and import it after a look at what it would do."""
    office.tab("office_tab_roster")
    office.look("roster-empty")
    office.drop(roster)
    office.says(students[-1].given)
    office.look("roster-import")
    office.press("office_roster_do_import")
    expect(office.page.get_by_role("row")).to_have_count(1 + len(students), timeout=PATIENCE)
    office.look("roster")


def invite_markers(office: Screen, emails: Sequence[str]) -> None:
    """Invite the markers."""
    office.tab("office_tab_members")
    for email in emails:
        office.press("office_member_add")
        office.field("email").fill(email)
        office.field("name").fill(email.partition("@")[0].title())
        office.look("members-invite")
        office.press("office_member_add")
        office.says(email)
    office.look("members")


def drop_scan(office: Screen, scan: Path) -> None:
    """Drop a scan, say how it becomes copies, and watch until every side is read."""
    office.tab("office_tab_batches")
    office.look("batches-empty")
    office.drop(scan)
    office.look("batches-create")
    office.press("office_batch_create")
    office.says(scan.name)
    office.says(spoken("office_scan_settled"))
    office.look("batches")


def drop_booklets(office: Screen, scan: Path) -> None:
    """Open a batch for A3 booklets, drop a scan on it, and watch until every side is read."""
    office.press("office_batch_create")
    office.page.get_by_role("radio", name=spoken("office_mode_a3_title")).check()
    office.field("office_sides_per_copy").fill("2")
    office.look("batches-create-a3")
    office.press("office_batch_create")
    expect(office.page.locator("dialog[open]")).to_have_count(0)
    office.drop(scan)
    row = office.page.get_by_role("row").filter(has_text=scan.name)
    expect(row).to_contain_text(spoken("office_scan_settled"), timeout=PATIENCE)
    office.look("batches-two")


def draw_zones(office: Screen) -> None:
    """Say where names are on the paper."""
    office.tab("office_tab_zones")
    office.look("zones-open")
    office.press("office_zones_a4")
    office.look("zones")
    office.press("office_zones_save")
    office.says(spoken("office_zones_decided"))


def arrange(office: Screen) -> None:
    """Turn a page, set one aside with a reason, and take both back."""
    office.tab("office_tab_staging")
    wall = office.page.get_by_role("grid", name=words("office_wall"))
    wall.focus()
    office.look("staging")
    office.page.keyboard.press("r")
    undo = office.page.get_by_role("button", name=spoken("office_undo"))
    expect(undo).to_be_enabled()
    first = re.compile(rf"{spoken('office_page_of_copy', copy='1').pattern}\b")
    tiles = wall.get_by_role("gridcell", name=first)
    expect(tiles).to_have_count(4)
    wall.focus()
    office.page.keyboard.press("b")
    office.look("staging-set-aside")
    office.press("office_reason_blank")
    expect(tiles).to_have_count(3, timeout=PATIENCE)
    office.look("staging-exception")
    for _ in range(2):
        undo.click()
    expect(tiles).to_have_count(4, timeout=PATIENCE)


def name_writers(office: Screen, students: Sequence[Student]) -> None:
    """Say who wrote each copy, by typing a part of the name and Enter."""
    office.tab("office_tab_writers")
    office.look("writers")
    search = office.page.get_by_role("combobox", name=words("office_writer"))
    for number, student in enumerate(students, 1):
        office.says(f"{number}")
        search.fill(f"{student.family} {student.given}")
        search.press("Enter")
        expect(search).not_to_have_value(f"{student.family} {student.given}")
    office.look("writers-done")


def open_copies(office: Screen, copies: int) -> None:
    """Validate everything and wait until the copies can be marked."""
    office.tab("office_tab_staging")
    office.press("office_validate_all", count=str(copies))
    office.look("staging-validate")
    office.press("office_validate")
    office.tab("office_tab_marking")
    expect(office.button("office_dispatch", count=str(copies))).to_be_visible(timeout=PATIENCE)


def dispatch(office: Screen, copies: int) -> None:
    """Share the copies among the markers."""
    office.press("office_dispatch", count=str(copies))
    office.look("marking-dispatch")
    office.press("office_dispatch_do")
    office.says(spoken("office_dispatched"))
    office.look("marking")


def invite_students(office: Screen) -> None:
    """Invite the students to look at their results later."""
    office.tab("office_tab_roster")
    office.press("office_students_invite")
    office.press("office_students_invite")
    office.says(spoken("office_students_invited"))


def release(office: Screen) -> None:
    """Release the results, and have them written into a table."""
    office.tab("office_tab_results")
    expect(office.button("office_release")).to_be_enabled(timeout=PATIENCE)
    office.look("results-ready")
    office.press("office_release")
    office.look("results-confirm")
    office.press("office_release")
    office.says(spoken("office_release_done"))
    office.press("office_export_make")
    expect(office.page.get_by_role("link", name=words("office_export_download"))).to_be_visible(
        timeout=PATIENCE
    )
    office.look("results-released")
