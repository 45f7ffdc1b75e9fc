"""Releases come and go under people who mark: nothing fails, nothing is lost, and what went wrong is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.installation import RELEASE, Installation, korrigoctl
from tests.cluster.kube import CommandFailedError
from tests.desk import Desk
from tests.exams import Exam, create
from tests.failures.robots import Robot, writing
from tests.failures.steps import SIDES_PER_COPY
from tests.failures.test_rolling import HastyClient, seats
from tests.paper.piles import a4_pile
from tests.paper.shelf import shelved_scan
from tests.paper.students import roster
from tests.people import People
from tests.waiting import until

COPIES = 2
ACTS = 20


@pytest.fixture(scope="module")
def opened(people: People, desk_drawer: Path) -> Exam:
    """An exam with copies open for marking."""
    exam = create(people, "Marked while it is upgraded", has_zones=False)
    file = desk_drawer / "upgraded.pdf"
    shelved_scan(a4_pile(roster(COPIES), pages=SIDES_PER_COPY), file, dpi=100)
    exam.import_scan(file, "every_n_sides", SIDES_PER_COPY)
    exam.open(exam.staged())
    exam.add_marker("ada@lycee.example")
    exam.dispatch()
    return exam


@pytest.fixture(scope="module")
def desks(installation: Installation, opened: Exam) -> Iterator[list[Desk]]:
    """Two copies before somebody who never asks twice, and comes by a new connection each time."""
    copies = [copy["id"] for copy in opened.markers[0].items(f"/lots/{opened.id}/copies")]
    with HastyClient(installation.url) as client:
        yield seats(client, opened, copies)


@pytest.fixture
def before(installation: Installation) -> Iterator[int]:
    """Tell the release's revision before the test, and go back to its images after it."""
    yield _revision(installation)
    installation.install()


def test_every_deployment_rolls_under_load(installation: Installation, desks: list[Desk]) -> None:
    with writing(desks) as robots:
        installation.kubectl("rollout", "restart", "deployment", "-l", "app.kubernetes.io/part-of=korrigo")
        for deployment in _deployments(installation):
            installation.kubectl(
                "rollout", "status", f"deployment/{deployment}", "--timeout=240s", seconds=260
            )
        _write_on(robots)


def test_an_upgrade_whose_migration_fails_leaves_the_old_pods_serving(
    installation: Installation, before: int, desks: list[Desk]
) -> None:
    pods = {pod["metadata"]["name"] for pod in installation.pods("grading")}
    with writing(desks) as robots:
        with pytest.raises(CommandFailedError):
            installation.install("image.tags.grading=failing")
        _write_on(robots)

    assert "constellations" in installation.kubectl("describe", "job", "migrate")
    assert "constellations" in installation.kubectl("logs", "job/migrate")
    assert "constellations" in _status(installation, "warnings")
    assert {pod["metadata"]["name"] for pod in installation.pods("grading")} == pods
    assert _schema(installation) == "9001"


def test_a_compatible_upgrade_is_rolled_back_without_touching_the_schema(
    installation: Installation, before: int, desks: list[Desk]
) -> None:
    with writing(desks) as robots:
        installation.install("image.tags.grading=compatible")
        installation.query("UPDATE grading.marks SET starred_at = now()")
        starred = installation.query("SELECT count(*) FROM grading.marks WHERE starred_at IS NOT NULL")
        installation.helm("rollback", RELEASE, str(before), "--wait", "--timeout", "300s")
        _write_on(robots)

    assert _schema(installation) == "9001"
    assert installation.query("SELECT count(*) FROM grading.marks WHERE starred_at IS NOT NULL") == starred
    assert starred != [["0"]]
    assert _images(installation) == {installation.tag}


def test_an_incompatible_upgrade_is_refused_until_it_is_allowed_and_is_undone_by_a_rollback(
    installation: Installation, before: int, desks: list[Desk]
) -> None:
    with pytest.raises(CommandFailedError):
        installation.install("image.tags.grading=incompatible")
    refused = installation.kubectl("logs", "job/migrate")
    installation.query("UPDATE grading.marks SET starred_at = now()")
    starred = installation.query("SELECT count(*) FROM grading.marks WHERE starred_at IS NOT NULL")

    installation.install("image.tags.grading=incompatible", "migrations.allowDestructive={grading:9002}")
    renamed = installation.query("SELECT count(*) FROM grading.marks WHERE flagged_at IS NOT NULL")
    installation.helm("rollback", RELEASE, str(before), "--wait", "--timeout", "300s")

    assert "grading:9002" in refused or "9002" in refused
    assert renamed == starred
    assert installation.query("SELECT count(*) FROM grading.marks WHERE starred_at IS NOT NULL") == starred
    assert (_schema(installation), _images(installation)) == ("9001", {installation.tag})
    with writing(desks) as robots:
        _write_on(robots)


def _write_on(robots: list[Robot]) -> None:
    """Wait until each robot has had some more acts acknowledged."""
    moments = {robot: robot.answered[-1] if robot.answered else 0.0 for robot in robots}

    def have_written() -> bool:
        return all(robot.has_answers_after(moment, ACTS) for robot, moment in moments.items())

    until(have_written, "more acts", seconds=120)


def _deployments(installation: Installation) -> list[str]:
    return installation.kubectl("get", "deployments", "-o", "jsonpath={.items[*].metadata.name}").split()


def _images(installation: Installation) -> set[str]:
    """Tell the tags of grading's running images."""
    images = (pod["spec"]["containers"][0]["image"] for pod in installation.pods("grading"))
    return {image.rpartition(":")[2] for image in images}


def _revision(installation: Installation) -> int:
    """Tell the number of the deployed release."""
    history = json.loads(installation.helm("history", RELEASE, "-o", "json"))
    return max(int(each["revision"]) for each in history if each["status"] == "deployed")


def _schema(installation: Installation) -> str:
    return installation.query("SELECT version_num FROM grading.alembic_version")[0][0]


def _status(installation: Installation, part: str) -> str:
    told = json.loads(korrigoctl("--namespace", installation.namespace, "status", "-o", "json"))
    return json.dumps(told[part])
