"""Let a cluster decide how many pods there are, as the chart asks it to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster import kube
from tests.cluster.installation import CHART, RELEASE, VALUES, Installation
from tests.cluster.pods import is_ready


@contextmanager
def scaled(
    installation: Installation,
    template: str,
    workloads: Iterable[str],
    settings: Iterable[str],
    *more_values: Path,
) -> Iterator[None]:
    """Add what a template of the chart makes of settings while the block runs; afterwards one pod is left."""
    files = [f"--values={file}" for file in (VALUES, *more_values)]
    chosen = [f"--set={setting}" for setting in settings]
    shown = f"--show-only=templates/{template}"
    made = kube.helm("template", RELEASE, str(CHART), *files, *chosen, shown, f"-n={installation.namespace}")
    installation.kubectl("apply", "-f", "-", given=made)
    try:
        yield
    finally:
        installation.kubectl("delete", "-f", "-", given=made)
        for name in workloads:
            installation.kubectl("scale", f"deployment/{name}", "--replicas=1")


def ready(installation: Installation, name: str) -> int:
    """Count the pods of a workload that are ready."""
    return sum(map(is_ready, installation.pods(name)))
