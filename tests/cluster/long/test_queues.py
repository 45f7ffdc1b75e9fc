"""With KEDA there are as many rasterizers as their queue needs, and one when it is empty."""

from __future__ import annotations

import pytest

from tests.cluster.beneath import come_to_rest
from tests.cluster.installation import CHART, Installation
from tests.cluster.scalers import ready, scaled
from tests.exams import create
from tests.failures.steps import SIDES_PER_COPY, Paper
from tests.people import People
from tests.waiting import until

BY_QUEUE = CHART / "ci" / "keda-values.yaml"
#: Until the queue has been seen, a pod has started, and afterwards enough time has passed without work.
SECONDS = 280
FILES = 4


@pytest.mark.timeout(900)
def test_a_queue_adds_rasterizers_and_its_end_takes_them_away(
    installation: Installation, patient: People, paper: Paper
) -> None:
    endpoint = f"keda.monitoringEndpoint=nats.{installation.namespace}:8222"
    with scaled(installation, "scaledobjects.yaml", ["rasterizer"], [endpoint], BY_QUEUE):
        until(lambda: _is_active(installation), "KEDA to watch the queue", seconds=60)
        assert ready(installation, "rasterizer") == 1

        exams = [create(patient, f"A queue of files, {number}", has_zones=False) for number in range(FILES)]
        scans = [exam.drop(exam.batch("every_n_sides", SIDES_PER_COPY), paper.file) for exam in exams]
        until(lambda: ready(installation, "rasterizer") > 1, "another rasterizer", seconds=SECONDS)

        ended = [exam.ended(scan, seconds=SECONDS) for exam, scan in zip(exams, scans, strict=True)]
        assert {scan["copies"] for scan in ended} == {len(paper.copies)}
        come_to_rest(installation)
        until(lambda: len(installation.pods("rasterizer")) == 1, "one rasterizer to be left", seconds=SECONDS)


def _is_active(installation: Installation) -> bool:
    """Tell whether the scaler has made what it scales by."""
    return "keda-hpa-rasterizer" in installation.kubectl("get", "hpa", "-o", "name")
