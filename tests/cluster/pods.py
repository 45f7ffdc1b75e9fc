"""The pods of an installation as they are now: which are ready, which were started again."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from tests.cluster import kube
from tests.cluster.installation import Installation
from tests.waiting import until

SERVERS = {"gateway", "ingest", "grading", "notification"}
HEARERS = {"ingest-consume", "grading-consume", "notification-consume"}
WORKLOADS = SERVERS | HEARERS | {"rasterizer"}
#: What selects all of their pods.
OURS = "app.kubernetes.io/part-of=korrigo"
#: How long everything may take to be as it should be.
PATIENCE_SECONDS = 180.0

Pod = dict[str, Any]


def is_ready(pod: Pod) -> bool:
    """Tell whether a pod is among those that get requests, or would."""
    return _has(pod, "Ready", "True")


def is_pending(pod: Pod) -> bool:
    """Tell whether there is no node for a pod."""
    return _has(pod, "PodScheduled", "False")


def unready(installation: Installation) -> set[str]:
    """Name the workloads of which no pod is ready."""
    return {name for name in WORKLOADS if not any(map(is_ready, installation.pods(name)))}


def restarts(installation: Installation) -> dict[str, int]:
    """Count the restarts of every running pod's containers."""
    pods = [pod for name in WORKLOADS for pod in installation.pods(name)]
    return {
        pod["metadata"]["name"]: sum(each["restartCount"] for each in pod["status"]["containerStatuses"])
        for pod in pods
    }


def settle(installation: Installation, expected: Set[str], what: str) -> None:
    """Wait until exactly these workloads are unready, and their Services lead nowhere."""
    until(lambda: unready(installation) == expected, what, seconds=PATIENCE_SECONDS)
    until(lambda: _unserved(installation) == expected & SERVERS, f"{what}, as Services see them")


def see_off(installation: Installation) -> None:
    """Wait until nobody is leaving."""
    until(lambda: not _leaving(installation), "the pods that leave to be gone", seconds=PATIENCE_SECONDS)


def replace(installation: Installation, name: str) -> None:
    """Delete the pods of a workload, and wait for another that is ready; they leave in their own time."""
    gone = {pod["metadata"]["name"] for pod in installation.pods(name)}

    def is_there() -> bool:
        return any(is_ready(pod) and pod["metadata"]["name"] not in gone for pod in installation.pods(name))

    installation.kubectl("delete", "pod", *gone, "--wait=false")
    until(is_there, f"another pod of {name}", seconds=PATIENCE_SECONDS)


def _leaving(installation: Installation) -> list[Pod]:
    pods: list[Pod] = kube.read("pods", "-n", installation.namespace, "-l", OURS)["items"]
    return [pod for pod in pods if "deletionTimestamp" in pod["metadata"]]


def _unserved(installation: Installation) -> set[str]:
    """Name the servers whose Service has no ready address."""
    slices = kube.read("endpointslices", "-n", installation.namespace)["items"]
    served = {
        each["metadata"]["labels"]["kubernetes.io/service-name"]
        for each in slices
        for endpoint in each["endpoints"] or []
        if endpoint["conditions"].get("ready")
    }
    return SERVERS - served


def _has(pod: Pod, kind: str, status: str) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any(each["type"] == kind and each["status"] == status for each in conditions)
