"""A server that is away for a while is waited for: nothing is lost, given up or started again."""

from __future__ import annotations

import os
import time

from local.system import System

from tests.desk import Desk
from tests.failures.beneath import Beneath
from tests.failures.robots import writing
from tests.failures.steps import Paper, assert_every_page_is_there_once, pids, reach_the_middle, start_import
from tests.people import People
from tests.waiting import until

#: Length of an outage in seconds; a minute where there is time for it.
OUTAGE = float(os.environ.get("KORRIGO_OUTAGE_SECONDS", "15"))
#: The longest that a marker may wait for an answer while the broker is away.
PATIENCE = 5.0


def last_out() -> None:
    """Let an outage last."""
    ends = time.monotonic() + OUTAGE
    until(lambda: time.monotonic() > ends, "the end of the outage", seconds=OUTAGE + 10)


def test_without_the_broker_marks_are_acknowledged_and_told_afterwards(
    system: System, beneath: Beneath, desks: list[Desk]
) -> None:
    with writing(desks) as robots:
        before = pids(system, without="nats")
        system.stop_nats()
        began = time.monotonic()
        last_out()
        ended = time.monotonic()
        untold = [message for message in beneath.outboxes() if not message.is_work]
        system.start_nats()

    assert max(robot.longest_wait(began, ended) for robot in robots) < PATIENCE
    beneath.come_to_rest(seconds=90 + OUTAGE)
    told = beneath.facts_told()
    assert {told[message.id] for message in untold} == {1}
    assert pids(system, without="nats") == before


def test_without_the_database_everything_waits_and_goes_on_by_itself(
    system: System, people: People, beneath: Beneath, paper: Paper, desks: list[Desk]
) -> None:
    exam, scan = start_import(people, paper, "Import without a database")
    reach_the_middle(exam, scan)
    before = pids(system, without="postgres")
    with writing(desks) as robots:
        system.pause("postgres")
        last_out()
        system.resume("postgres")
        back = time.monotonic()
        until(lambda: all(robot.has_answers_after(back) for robot in robots), "acts after the outage")

    assert exam.ended(scan)["state"] == "settled"
    beneath.come_to_rest()
    assert_every_page_is_there_once(exam, paper)
    assert pids(system, without="postgres") == before


def test_without_the_broker_an_import_waits_and_goes_on_by_itself(
    system: System, people: People, beneath: Beneath, paper: Paper
) -> None:
    exam, scan = start_import(people, paper, "Import without a broker")
    reach_the_middle(exam, scan)
    before = pids(system, without="nats")

    system.stop_nats()
    last_out()
    system.start_nats()

    assert exam.ended(scan)["state"] == "settled"
    beneath.come_to_rest()
    assert_every_page_is_there_once(exam, paper)
    assert pids(system, without="nats") == before
