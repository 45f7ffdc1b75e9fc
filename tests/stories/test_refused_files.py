"""A file that was refused keeps results back until somebody decides: it is not needed, or here is another."""

from pathlib import Path
from typing import Any

import pytest

from tests import exams
from tests.client import RefusedError
from tests.exams import Exam
from tests.paper import hostile
from tests.paper.students import roster
from tests.people import People
from tests.stories.paper import small
from tests.waiting import until


@pytest.fixture(scope="module")
def exam(people: People) -> Exam:
    return exams.create(people, "Fichiers refusés")


@pytest.fixture(scope="module")
def honest(desk_drawer: Path) -> Path:
    return small(desk_drawer, "honest-51", roster(1, seed=51)).file


@pytest.fixture
def refused(exam: Exam, honest: Path, tmp_path: Path) -> dict[str, Any]:
    batch = exam.batch("file_per_copy")
    return exam.ended(exam.drop(batch, hostile.encrypted(honest, tmp_path / "locked.pdf")))


def _dismissed(exam: Exam, scan: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = exam.send("POST", f"/scans/{scan['id']}/dismiss", reason="Copie en double")
    return found


def _blocks(exam: Exam, count: int) -> bool:
    return exam.blockers().get("SCANS_REFUSED", 0) == count


def test_a_refused_file_keeps_results_back_until_it_is_dismissed(exam: Exam, refused: dict[str, Any]) -> None:
    until(lambda: _blocks(exam, 1), "the refused file to be in the way of the release")

    dismissed = _dismissed(exam, refused)

    assert (dismissed["state"], dismissed["dismissal"]) == ("dismissed", "Copie en double")
    until(lambda: _blocks(exam, 0), "nothing to be in the way of the release")


def test_a_dismissal_can_be_taken_back(exam: Exam, refused: dict[str, Any]) -> None:
    _dismissed(exam, refused)

    restored = exam.send("POST", f"/scans/{refused['id']}/restore")

    assert (restored["state"], restored["reason"]) == ("refused", "ENCRYPTED")
    until(lambda: _blocks(exam, 1), "the refused file to be in the way of the release again")
    _dismissed(exam, refused)


def test_another_file_in_its_place_settles_it(exam: Exam, refused: dict[str, Any], honest: Path) -> None:
    sent = exam.office.upload(exam.id, refused["batch_id"], honest, replaces=refused["id"])

    replaced = exam.scan(refused["id"])
    assert (replaced["state"], replaced["replaced_by"]) == ("dismissed", sent["id"])
    assert exam.ended(sent)["state"] == "settled"
    until(lambda: _blocks(exam, 0), "nothing to be in the way of the release")


def test_only_a_refused_file_is_dismissed(exam: Exam, honest: Path) -> None:
    scan = exam.import_scan(small(honest.parent, "honest-52", roster(1, seed=52)).file, "file_per_copy")

    with pytest.raises(RefusedError) as refusal:
        _dismissed(exam, scan)

    assert (refusal.value.status, refusal.value.reason) == (409, "SCAN_NOT_READY")
