"""Processes behind one address are replaced and killed under load: no request fails, no act is lost."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx2
import pytest
from local.system import System

from tests.client import Client, Events
from tests.desk import Desk
from tests.exams import Exam
from tests.failures.patience import PatientClient
from tests.failures.replicas import Deployment
from tests.failures.robots import Robot, writing
from tests.failures.streams import Stream, following
from tests.people import PASSWORD
from tests.waiting import until

#: Long enough for calls on every connection of a peer.
ACTS = 30
ROLLED = 2


class HastyClient(Client):
    """Somebody who never asks twice, and comes by a new connection each time."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.browser.headers["Connection"] = "close"

    @property
    def browser(self) -> httpx2.Client:
        """Give what sends the requests, with its cookies."""
        return self._http


@pytest.fixture(scope="module")
def grading(system: System, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Two processes of grading behind one address."""
    with Deployment(system, "grading", tmp_path_factory.mktemp("grading") / "log") as started:
        yield started


@pytest.fixture(scope="module")
def gateway(
    system: System, grading: Deployment, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """Two gateways behind one address, which reach grading by its one."""
    log = tmp_path_factory.mktemp("gateway") / "log"
    deployed = Deployment(system, "gateway", log, {"KORRIGO_GRADING_ADDRESS": str(grading.address)})
    deployed.settings = {**deployed.settings, "KORRIGO_PUBLIC_URL": f"http://{deployed.address}"}
    with deployed:
        yield deployed


@pytest.fixture(scope="module")
def copies(unmarked: Iterator[Desk]) -> list[str]:
    """Two copies of the first marker."""
    return [next(unmarked).copy_id, next(unmarked).copy_id]


def seats(client: Client, exam: Exam, copies: list[str]) -> list[Desk]:
    """Sit down at some copies as the first marker."""
    client.sign_in(exam.markers[0].account["email"], PASSWORD)
    return [Desk(client, exam.id, copy) for copy in copies]


def test_rolling_grading_fails_no_request(
    grading: Deployment, gateway: Deployment, opened: Exam, copies: list[str]
) -> None:
    with HastyClient(f"http://{gateway.address}") as client, writing(seats(client, opened, copies)) as robots:
        codes = list(grading.roll())
        _write_on(robots)

    assert codes == [0] * ROLLED


def test_a_killed_grading_fails_no_request(
    grading: Deployment, gateway: Deployment, opened: Exam, copies: list[str]
) -> None:
    with HastyClient(f"http://{gateway.address}") as client, writing(seats(client, opened, copies)) as robots:
        _write_on(robots)
        killed = grading.kill()
        _write_on(robots)
        grading.mend(killed)
        _write_on(robots)


def test_rolling_the_gateway_fails_no_request_and_tears_no_stream(
    gateway: Deployment, opened: Exam, copies: list[str]
) -> None:
    with HastyClient(f"http://{gateway.address}") as client, opened.markers[0].events() as steady:
        desks, codes = seats(client, opened, copies), []
        with following(client.browser) as stream, writing(desks) as robots:
            _rename(opened)
            for code in gateway.roll(streams=1):
                _rename(opened)
                codes.append(code)
            _write_on(robots)
            _rename(opened)
            until(lambda: len(steady.heard) > ROLLED and _has_heard(stream, steady), "the last event")

    assert codes == [0] * ROLLED
    assert stream.heard == [event.sequence for event in steady.heard]
    assert stream.torn == 0 < stream.clean_ends


def test_a_killed_gateway_loses_nothing_of_who_asks_again(
    gateway: Deployment, opened: Exam, copies: list[str]
) -> None:
    client = PatientClient(f"http://{gateway.address}")
    with client, writing(seats(client, opened, copies)) as robots:
        _write_on(robots)
        killed = gateway.kill()
        _write_on(robots)
        gateway.mend(killed)
        _write_on(robots)


def _rename(exam: Exam) -> None:
    """Do something that everybody's page hears of."""
    exam.send("PATCH", "", version=exam.get("")["version"], name=f"Marked while rolled, {time.monotonic()}")


def _has_heard(stream: Stream, steady: Events) -> bool:
    return stream.heard[-1:] == [steady.heard[-1].sequence]


def _write_on(robots: list[Robot]) -> None:
    began = time.monotonic()
    until(lambda: all(robot.has_answers_after(began, ACTS) for robot in robots), "more acts", seconds=90)
