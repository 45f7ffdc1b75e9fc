"""Pods are added when there is more to do than those that are there can bear."""

from __future__ import annotations

import pytest

from tests.cluster.installation import Installation
from tests.cluster.scalers import ready, scaled
from tests.desk import Desk
from tests.failures.robots import writing
from tests.failures.steps import Paper, start_import
from tests.people import People
from tests.waiting import until

SCALED = ("gateway", "rasterizer")
BY_CPU = [
    f"services.{name}.autoscaling.{setting}"
    for name in SCALED
    for setting in ("enabled=true", "minReplicas=1", "maxReplicas=2")
]

pytestmark = pytest.mark.timeout(400)


def test_cpu_adds_gateways_and_rasterizers(
    installation: Installation, patient: People, paper: Paper, desks: list[Desk]
) -> None:
    """A cluster believes in work that lasts: one pile follows the other until there are more pods."""
    piles = [start_import(patient, paper, "More than one can bear")]

    def are_more() -> bool:
        exam, scan = piles[-1]
        if exam.scan(scan["id"])["state"] == "settled":
            piles.append(start_import(patient, paper, f"More than one can bear, {len(piles) + 1}"))
        return all(ready(installation, name) > 1 for name in SCALED)

    with scaled(installation, "horizontalpodautoscalers.yaml", SCALED, BY_CPU), writing(desks):
        until(are_more, "one more of each", seconds=240)

        assert {exam.ended(scan)["state"] for exam, scan in piles} == {"settled"}
