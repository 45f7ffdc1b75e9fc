"""Pods are added when there is more to do than those that are there can bear."""

from __future__ import annotations

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


def test_cpu_adds_gateways_and_rasterizers(
    installation: Installation, patient: People, paper: Paper, desks: list[Desk]
) -> None:
    with scaled(installation, "horizontalpodautoscalers.yaml", SCALED, BY_CPU), writing(desks):
        exam, scan = start_import(patient, paper, "More than one can bear")
        until(lambda: all(ready(installation, name) > 1 for name in SCALED), "one more of each", seconds=180)

        assert exam.ended(scan)["state"] == "settled"
