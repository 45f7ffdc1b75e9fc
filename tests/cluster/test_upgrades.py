"""Releases come and go under people who mark: nothing fails, nothing is lost, and what went wrong is said."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.cluster.beside import beside, serves
from tests.cluster.installation import RELEASE, Installation, korrigoctl
from tests.cluster.kube import CommandFailedError
from tests.desk import Desk
from tests.exams import Exam
from tests.failures.robots import Robot, writing
from tests.failures.test_rolling import HastyClient, seats
from tests.waiting import until

ACTS = 20


@pytest.fixture(scope="module")
def desks(installation: Installation, opened: Exam, written: list[str]) -> Iterator[list[Desk]]:
    """The copies that are written on, before somebody who never asks twice, by a new connection each time."""
    with HastyClient(installation.url) as client:
        yield seats(client, opened, written)


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


def test_a_new_pod_waits_for_its_schema_beside_old_ones_that_serve(
    installation: Installation, desks: list[Desk]
) -> None:
    with writing(desks) as robots, beside(installation, "incompatible") as said:
        _write_on(robots)
        is_serving = serves(installation)

    assert "waiting for migration" in said["schema"]
    assert not is_serving


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
        with beside(installation, installation.tag) as said:
            until(lambda: serves(installation), "the old pod to serve beside new ones")
        installation.query("UPDATE grading.marks SET starred_at = now()")
        starred = installation.query("SELECT count(*) FROM grading.marks WHERE starred_at IS NOT NULL")
        installation.helm("rollback", RELEASE, str(before), "--wait", "--timeout", "300s")
        _write_on(robots)

    assert said["schema"] == ""
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
    with beside(installation, installation.tag) as said:
        is_serving = serves(installation)
    renamed = installation.query("SELECT count(*) FROM grading.marks WHERE flagged_at IS NOT NULL")
    installation.helm("rollback", RELEASE, str(before), "--wait", "--timeout", "300s")

    assert "9002" in refused
    assert (bool(said["schema"]), is_serving) == (True, False)
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
