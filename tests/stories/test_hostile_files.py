"""Files that are no honest scan are refused or set aside with a reason; the rest of the batch goes on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import exams
from tests.client import RefusedError
from tests.exams import Exam, balances
from tests.paper import hostile
from tests.paper.students import roster
from tests.people import People
from tests.stories.paper import small

BOGUS: dict[str, Callable[[Path], Path]] = {
    "html": hostile.html,
    "png": hostile.png,
    "image-bomb": hostile.image_bomb,
    "content-bomb": hostile.content_bomb,
    "form-bomb": hostile.form_bomb,
    "huge-page": lambda out: hostile.page_of_size(out, 1_000_000, 1_000_000),
    "many-pages": hostile.many_pages,
}
READABLE = ("before", "after", "huge-page")
SPOILT: dict[str, Callable[[Path, Path], Path]] = {
    "truncated": hostile.truncated,
    "encrypted": hostile.encrypted,
}


@pytest.fixture(scope="module")
def exam(people: People) -> Exam:
    return exams.create(people, "Pile douteuse")


@pytest.fixture(scope="module")
def scans(exam: Exam, desk_drawer: Path) -> dict[str, dict[str, Any]]:
    """One batch with a hostile file of every kind between two honest ones."""
    batch = exam.batch("file_per_copy")
    before, after = (small(desk_drawer, f"honest-{seed}", roster(1, seed=seed)).file for seed in (11, 12))
    files = {"before": before}
    files |= {name: make(desk_drawer / f"{name}.pdf") for name, make in BOGUS.items()}
    files |= {name: spoil(before, desk_drawer / f"{name}.pdf") for name, spoil in SPOILT.items()}
    dropped = {name: exam.drop(batch, file) for name, file in (files | {"after": after}).items()}
    return {name: exam.ended(scan, seconds=180) for name, scan in dropped.items()}


@pytest.mark.parametrize("name", ["before", "after"])
def test_an_honest_file_among_hostile_ones_becomes_its_copy(
    scans: dict[str, dict[str, Any]], name: str
) -> None:
    assert (scans[name]["state"], scans[name]["sides_rendered"], scans[name]["copies"]) == ("settled", 4, 1)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("html", "NOT_A_PDF"),
        ("png", "NOT_A_PDF"),
        ("encrypted", "ENCRYPTED"),
        ("truncated", "DAMAGED"),
        ("many-pages", "TOO_MANY_SIDES"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(
    scans: dict[str, dict[str, Any]], name: str, reason: str
) -> None:
    assert (scans[name]["state"], scans[name]["reason"]) == ("refused", reason)


@pytest.mark.parametrize("name", ["image-bomb", "content-bomb", "form-bomb"])
def test_a_bomb_goes_off_in_its_own_side_or_is_refused(scans: dict[str, dict[str, Any]], name: str) -> None:
    scan = scans[name]

    assert scan["reason"] if scan["state"] == "refused" else scan["sides_failed"] == 1


def test_a_page_of_absurd_size_is_shown_at_a_sane_one(exam: Exam, scans: dict[str, dict[str, Any]]) -> None:
    (copy,) = exam.of_scan(scans["huge-page"])

    assert max(copy["pages"][0][edge] for edge in ("width", "height")) <= 5000


def test_every_failed_side_and_refused_file_is_listed_with_a_reason(
    exam: Exam, scans: dict[str, dict[str, Any]]
) -> None:
    listed = exam.get("/exceptions")

    refused = {scan["id"]: scan["reason"] for scan in listed["refused_scans"]}
    failed = {side["scan_id"]: side["reason"] for side in listed["failed_sides"]}
    wrong = {scan["id"] for name, scan in scans.items() if name not in READABLE}
    assert refused.keys() | failed.keys() == wrong
    assert all((refused | failed).values())


def test_the_ledger_balances_and_a_release_waits_for_a_decision(
    exam: Exam, scans: dict[str, dict[str, Any]]
) -> None:
    ledger = exam.ledger()

    failed = sum(scan["sides_failed"] for scan in scans.values())
    assert balances(ledger)
    assert ledger["sides_failed"] == failed
    assert ledger["scans_open"] == 0


def test_an_oversized_file_is_refused_before_its_first_byte(exam: Exam) -> None:
    with pytest.raises(RefusedError) as refused:
        exam.office.open_upload(exam.id, exam.batch("file_per_copy"), "disk.pdf", 1024**4)

    assert (refused.value.status, refused.value.reason) == (422, "FILE_TOO_LARGE")


def test_an_empty_file_is_refused_before_its_first_byte(exam: Exam) -> None:
    with pytest.raises(RefusedError) as refused:
        exam.office.open_upload(exam.id, exam.batch("file_per_copy"), "empty.pdf", 0)

    assert refused.value.status == 422
