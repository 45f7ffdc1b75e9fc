"""A file that takes all memory ends in its own side: what is beside it, before and behind it is not lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cluster.beneath import come_to_rest
from tests.cluster.installation import Installation
from tests.cluster.kube import CommandFailedError
from tests.cluster.pods import restarts, settle
from tests.exams import Exam, balances, create
from tests.failures.steps import Paper, assert_every_page_is_there_once, start_import
from tests.paper import hostile
from tests.people import People
from tests.waiting import until

#: What a container has no room for, in so many small processes that the kernel ends every larger one first.
GLUTTON = """
import os, time
for _ in range(40):
    if not os.fork():
        eaten = b"x" * (64 << 20)
        time.sleep(60)
time.sleep(60)
"""


def test_a_bomb_is_refused_by_its_own_limit_beside_a_file_that_becomes_copies(
    installation: Installation, patient: People, paper: Paper, tmp_path: Path
) -> None:
    before = restarts(installation)
    exam = create(patient, "A bomb in the pile", has_zones=False)
    batch = exam.batch("file_per_copy")
    bombs = [exam.drop(batch, hostile.image_bomb(tmp_path / "image.pdf"))]
    bombs += [exam.drop(batch, hostile.content_bomb(tmp_path / "content.pdf"))]
    honest = exam.import_scan(paper.file, "every_n_sides", 4)

    assert (honest["state"], honest["copies"]) == ("settled", len(paper.copies))
    assert all(map(_reasons(exam, bombs).get, [bomb["id"] for bomb in bombs]))
    assert balances(exam.ledger())
    assert restarts(installation) == before


def test_a_container_that_is_killed_for_memory_loses_no_page(
    installation: Installation, patient: People, paper: Paper, tmp_path: Path
) -> None:
    exam = create(patient, "A bomb that takes the others with it", has_zones=False)
    bomb = exam.drop(exam.batch("file_per_copy"), hostile.form_bomb(tmp_path / "form.pdf"))
    until(lambda: exam.scan(bomb["id"])["sides"], "the bomb to be in hand")
    pile, scan = start_import(patient, paper, "Behind a bomb")

    with pytest.raises(CommandFailedError):
        installation.kubectl("exec", "deploy/rasterizer", "--", "python", "-c", GLUTTON)
    until(lambda: _why_ended(installation) == "OOMKilled", "the container to be killed for memory")

    assert pile.ended(scan)["state"] == "settled"
    assert _reasons(exam, [exam.ended(bomb)])[bomb["id"]]
    settle(installation, set(), "everything to be ready")
    come_to_rest(installation)
    assert_every_page_is_there_once(pile, paper)


def _reasons(exam: Exam, scans: list[dict[str, Any]]) -> dict[str, str]:
    """Give the reasons for which scans, or their only sides, are listed as exceptions, by scan."""
    for scan in scans:
        exam.ended(scan)
    listed = exam.get("/exceptions")
    refused = {scan["id"]: scan["reason"] for scan in listed["refused_scans"]}
    return refused | {side["scan_id"]: side["reason"] for side in listed["failed_sides"]}


def _why_ended(installation: Installation) -> str:
    """Tell why the rasterizer's container ended the last time."""
    (pod,) = installation.pods("rasterizer")
    (state,) = pod["status"]["containerStatuses"]
    return str(state["lastState"].get("terminated", {}).get("reason", ""))
