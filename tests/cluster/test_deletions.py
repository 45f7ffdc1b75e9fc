"""Pods are taken away in the middle of an import and of marking: no page, no act and no result is lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.cluster import kube
from tests.cluster.beneath import come_to_rest
from tests.cluster.installation import Installation
from tests.cluster.pods import OURS, WORKLOADS, is_pending, replace, settle
from tests.desk import Desk
from tests.exams import Exam
from tests.failures.robots import Robot, writing
from tests.failures.steps import (
    Paper,
    assert_every_page_is_there_once,
    finalized,
    reach_the_middle,
    start_import,
)
from tests.people import People
from tests.waiting import until

NODES = "--selector=kubernetes.io/os=linux"


@contextmanager
def drained() -> Iterator[None]:
    """Take every node out of service while the block runs, as an upgrade of nodes does; neighbours stay."""
    leaving = ("--ignore-daemonsets", "--delete-emptydir-data", "--timeout=150s")
    try:
        kube.kubectl("drain", NODES, f"--pod-selector={OURS}", *leaving, seconds=170)
        yield
    finally:
        kube.kubectl("uncordon", NODES)


@pytest.mark.parametrize("workload", sorted(WORKLOADS))
def test_a_deleted_pod_takes_nothing_with_it(
    installation: Installation,
    patient: People,
    paper: Paper,
    opened: Exam,
    desks: list[Desk],
    unmarked: Iterator[Desk],
    workload: str,
) -> None:
    desk = next(unmarked)
    desk.mark_all([150, 50, 0, 1050])
    with writing(desks) as robots:
        exam, scan = start_import(patient, paper, f"Import without {workload}")
        reach_the_middle(exam, scan)
        desk.finalize()
        replace(installation, workload)
        _write_on(robots)

    assert exam.ended(scan)["state"] == "settled"
    come_to_rest(installation)
    assert_every_page_is_there_once(exam, paper)
    assert finalized(opened, desk)["points"] == 1250


def test_a_drained_node_takes_nothing_with_it(
    installation: Installation, patient: People, paper: Paper, desks: list[Desk]
) -> None:
    with writing(desks) as robots:
        exam, scan = start_import(patient, paper, "Import on a node that is drained")
        reach_the_middle(exam, scan)
        with drained():
            homeless = {name for name in WORKLOADS if all(map(is_pending, installation.pods(name)))}
        settle(installation, set(), "everything to be ready on the node again")
        _write_on(robots)

    assert homeless == WORKLOADS
    assert exam.ended(scan)["state"] == "settled"
    come_to_rest(installation)
    assert_every_page_is_there_once(exam, paper)


def _write_on(robots: list[Robot]) -> None:
    now = time.monotonic()
    until(lambda: all(robot.has_answers_after(now) for robot in robots), "more acts", seconds=120)
