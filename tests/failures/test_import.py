"""A crash in the middle of an import costs no page and makes none twice."""

from __future__ import annotations

import pytest
from local.system import System

from tests.failures.beneath import Beneath
from tests.failures.steps import (
    PROCESSES,
    Paper,
    assert_every_page_is_there_once,
    reach_the_middle,
    start_import,
)
from tests.people import People


@pytest.mark.parametrize("process", PROCESSES)
def test_a_kill_in_the_middle_of_an_import_costs_no_page(
    system: System, people: People, beneath: Beneath, paper: Paper, process: str
) -> None:
    exam, scan = start_import(people, paper, f"Import without {process}")
    reach_the_middle(exam, scan)
    before = system.pid(process)

    system.kill(process)

    assert exam.ended(scan)["state"] == "settled"
    system.wait_for_restart(process, before)
    system.wait_until_ready()
    beneath.come_to_rest()
    assert_every_page_is_there_once(exam, paper)


def test_a_power_cut_after_an_upload_costs_no_page(
    system: System, people: People, beneath: Beneath, paper: Paper
) -> None:
    exam, scan = start_import(people, paper, "Power cut")

    for process in PROCESSES:
        system.kill(process)

    assert exam.ended(scan)["state"] == "settled"
    system.wait_until_ready()
    beneath.come_to_rest()
    assert_every_page_is_there_once(exam, paper)
