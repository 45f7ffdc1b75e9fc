"""Probes tell the truth: who cannot work leaves, nobody is restarted, all return by themselves."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.cluster.installation import Installation
from tests.people import People
from tests.waiting import until

SERVERS = {"gateway", "ingest", "grading", "notification"}
HEARERS = {"ingest-consume", "grading-consume", "notification-consume"}
WORKLOADS = SERVERS | HEARERS | {"rasterizer"}
#: Who cannot work without each neighbour. Without the broker servers answer and keep what they have to tell.
LOST = {
    "postgres": SERVERS | HEARERS,
    "nats": HEARERS | {"rasterizer"},
    "s3": {"rasterizer"},
}
PATIENCE_SECONDS = 180.0


def unready(installation: Installation) -> set[str]:
    """Name the workloads of which no pod is ready."""
    return {name for name in WORKLOADS if not any(map(_is_ready, installation.pods(name)))}


def restarts(installation: Installation) -> dict[str, int]:
    """Count the restarts of every running pod's containers."""
    pods = [pod for name in WORKLOADS for pod in installation.pods(name)]
    return {
        pod["metadata"]["name"]: sum(each["restartCount"] for each in pod["status"]["containerStatuses"])
        for pod in pods
    }


def _is_ready(pod: dict[str, dict[str, list[dict[str, str]]]]) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def settle(installation: Installation, expected: set[str], what: str) -> None:
    """Wait until exactly these workloads are unready."""
    until(lambda: unready(installation) == expected, what, seconds=PATIENCE_SECONDS)


@contextmanager
def stopped(installation: Installation, neighbour: str) -> Iterator[None]:
    """Take a neighbour away while the block runs."""
    installation.kubectl("scale", f"statefulset/{neighbour}", "--replicas=0")
    try:
        yield
    finally:
        installation.kubectl("scale", f"statefulset/{neighbour}", "--replicas=1")


@pytest.mark.parametrize("neighbour", LOST)
def test_who_cannot_work_leaves_and_returns_by_itself(installation: Installation, neighbour: str) -> None:
    settle(installation, set(), "everything to be ready")
    before = restarts(installation)

    with stopped(installation, neighbour):
        settle(installation, LOST[neighbour], f"the right pods to be unready without {neighbour}")

    settle(installation, set(), f"everything to be ready with {neighbour} again")
    assert restarts(installation) == before


def test_deleted_pods_take_nothing_with_them(installation: Installation, people: People) -> None:
    before = people.office.get("/session")["account"]

    for name in sorted(WORKLOADS):
        installation.kubectl("delete", "pod", "-l", f"app.kubernetes.io/component={name}", "--wait=false")
    for name in sorted(WORKLOADS):
        installation.kubectl("rollout", "status", f"deployment/{name}", "--timeout=180s", seconds=200)

    assert until(lambda: people.office.get("/session"), "an answer")["account"] == before
