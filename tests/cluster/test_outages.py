"""Probes tell the truth: who cannot work leaves, nobody is restarted, all return by themselves."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.cluster.installation import Installation
from tests.cluster.pods import HEARERS, SERVERS, restarts, settle

#: Who cannot work without each neighbour. Without the broker servers answer and keep what they have to tell.
LOST = {
    "postgres": SERVERS | HEARERS,
    "nats": HEARERS | {"rasterizer"},
    "s3": {"rasterizer"},
}


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
