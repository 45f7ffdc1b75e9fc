"""Probes tell the truth: who cannot do what it is for says so, nobody is restarted, all come back."""

from __future__ import annotations

from collections.abc import Set

import pytest
from local.system import System

from tests.client import Answer, Client
from tests.desk import Desk
from tests.exams import Exam
from tests.failures.beneath import Beneath
from tests.failures.probes import dead, probed, unready
from tests.failures.robots import Robot
from tests.failures.steps import SIDES_PER_COPY, Paper, pids
from tests.waiting import until

CONSUMERS = {"ingest-consume", "grading-consume", "notification-consume"}
#: Who is for nothing without a part.
NEEDED_BY = {
    "postgres": {"gateway", "ingest", "grading", "notification", *CONSUMERS},
    "nats": {"rasterizer", *CONSUMERS},
    "s3": {"rasterizer"},
}


@pytest.mark.parametrize("part", NEEDED_BY)
def test_without_a_part_only_who_needs_it_is_unready_and_nobody_dies(
    system: System, beneath: Beneath, part: str
) -> None:
    system.wait_until_ready()
    before = pids(system, without=part)

    system.pause(part)
    _until_unready(system, NEEDED_BY[part])
    assert dead(system) == set()
    system.resume(part)

    _until_unready(system, set())
    assert pids(system, without=part) == before
    beneath.come_to_rest()


def test_who_starts_without_the_database_waits_for_it(system: System) -> None:
    system.pause("postgres")
    before = {name: system.pid(name) for name in ("gateway", "grading", "grading-consume")}
    for name, pid in before.items():
        system.kill(name)
        system.wait_for_restart(name, pid)
    _until_unready(system, NEEDED_BY["postgres"])
    started = pids(system, without="postgres")
    system.resume("postgres")

    _until_unready(system, set())
    assert pids(system, without="postgres") == started


def test_without_the_store_files_wait_and_marking_goes_on(
    system: System, opened: Exam, desks: list[Desk], paper: Paper
) -> None:
    content = paper.file.read_bytes()
    upload = opened.office.open_upload(
        opened.id, opened.batch("every_n_sides", SIDES_PER_COPY), "a", len(content)
    )
    image = f"//i/{desks[0].marking['pages'][0]['image']}"
    robot = Robot(desks[0])
    system.pause("s3")

    refused = [
        _ask_once(opened.office, "PUT", f"/uploads/{upload['id']}/0", content[: upload["chunk_bytes"]]),
        _ask_once(desks[0].marker, "GET", image),
    ]
    robot.start()
    until(lambda: robot.has_answers_after(0), "acts without the store")
    robot.stop()
    system.resume("s3")

    assert [(answer.status, int(answer.headers["retry-after"]) > 0) for answer in refused] == [
        (503, True)
    ] * 2
    assert opened.office.put_chunk(upload, 0, content).status == 204
    assert desks[0].marker.download(image)
    robot.assert_nothing_is_lost()


def _until_unready(system: System, expected: Set[str]) -> None:
    """Wait until exactly those are unready; all that have probes must be there."""
    assert expected <= set(probed(system))
    until(lambda: unready(system) == expected, f"{sorted(expected)} to be unready", seconds=90)


def _ask_once(client: Client, method: str, path: str, content: bytes | None = None) -> Answer:
    """Ask without the patience that a browser has."""
    return Client.ask(client, method, path, content=content)
