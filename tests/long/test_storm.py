"""Everything is killed again and again, for as long as one has time, while people import and mark."""

from __future__ import annotations

import os
import time
from collections import Counter
from random import Random
from typing import Any

import pytest
from local.system import System

from tests.desk import Desk
from tests.exams import Exam
from tests.failures.beneath import Beneath
from tests.failures.robots import Robot, writing
from tests.failures.steps import PROCESSES, Paper, assert_every_page_is_there_once, start_import
from tests.people import People
from tests.waiting import until

SECONDS = float(os.environ.get("KORRIGO_STORM_SECONDS", "600"))
IS_OVER = ("settled", "refused")

pytestmark = pytest.mark.timeout(SECONDS + 900)


def test_a_storm_of_kills_costs_no_page_and_no_act(
    system: System,
    people: People,
    beneath: Beneath,
    paper: Paper,
    desks: list[Desk],
    capsys: pytest.CaptureFixture[str],
) -> None:
    random, ends, kills = Random(29), time.monotonic() + SECONDS, Counter[str]()
    imports = [start_import(people, paper, "Storm 1")]
    with writing(desks) as robots:
        while time.monotonic() < ends:
            if is_over(*imports[-1]):
                imports.append(start_import(people, paper, f"Storm {len(imports) + 1}"))
            process = random.choice(PROCESSES)
            strike(system, process)
            kills[process] += 1
            write_on(robots)
        acts = sum(len(robot.answered) for robot in robots)

    assert {exam.ended(scan, seconds=600)["state"] for exam, scan in imports} == {"settled"}
    system.wait_until_ready()
    beneath.come_to_rest(seconds=300)
    for exam, _ in imports:
        assert_every_page_is_there_once(exam, paper)
    with capsys.disabled():
        done = f"{len(imports)} imports of {paper.sides} sides, {acts} acts"
        print(f"\n{done} under {kills.total()} kills: {dict(kills)}")


def write_on(robots: list[Robot]) -> None:
    """Wait until everybody was answered since now."""
    now = time.monotonic()
    until(lambda: all(robot.has_answers_after(now, 1) for robot in robots), "acts", seconds=120)


def is_over(exam: Exam, scan: dict[str, Any]) -> bool:
    """Tell whether a scan is read."""
    return exam.scan(scan["id"])["state"] in IS_OVER


def strike(system: System, process: str) -> None:
    """Kill a process as soon as it runs, and wait for the next."""
    before = until(lambda: system.pid(process), f"{process} to run")
    system.kill(process)
    system.wait_for_restart(process, before)
