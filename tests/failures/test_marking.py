"""A crash in the middle of marking loses no act that was acknowledged, and no result."""

from __future__ import annotations

import time
from collections.abc import Iterator
from io import BytesIO

import pikepdf
import pytest
from local.system import System

from tests.desk import Desk
from tests.exams import Exam
from tests.failures.beneath import Beneath
from tests.failures.robots import writing
from tests.failures.steps import PROCESSES, SIDES_PER_COPY, finalized
from tests.waiting import until

STAMPERS = ("grading", "grading-consume", "rasterizer", "nats", "postgres")


@pytest.mark.parametrize("process", PROCESSES)
def test_a_kill_in_the_middle_of_marking_loses_no_acknowledged_act(
    system: System, beneath: Beneath, desks: list[Desk], process: str
) -> None:
    before = system.pid(process)
    with writing(desks) as robots:
        started = time.monotonic()
        until(lambda: all(robot.has_answers_after(started) for robot in robots), "the first acts")

        system.kill(process)
        killed = time.monotonic()

        until(lambda: all(robot.has_answers_after(killed) for robot in robots), "acts after the kill")
        system.wait_for_restart(process, before)
        system.wait_until_ready()
    beneath.come_to_rest()


@pytest.mark.parametrize("process", STAMPERS)
def test_a_kill_in_the_middle_of_finalizing_loses_no_result(
    system: System, beneath: Beneath, opened: Exam, unmarked: Iterator[Desk], process: str
) -> None:
    desk = next(unmarked)
    desk.mark_all([150, 50, 0, 1050])
    before = system.pid(process)
    desk.finalize()

    system.kill(process)

    copy = finalized(opened, desk)
    system.wait_for_restart(process, before)
    system.wait_until_ready()
    beneath.come_to_rest()
    with pikepdf.open(BytesIO(opened.office.download(f"{desk.path}/result.pdf"))) as pdf:
        assert len(pdf.pages) > SIDES_PER_COPY
    assert (copy["points"], copy["attempts"]) == (1250, 0)
