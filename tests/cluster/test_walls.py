"""Pods reach what they talk to, and nothing else."""

import json

import pytest

from tests.cluster import kube
from tests.cluster.installation import Installation

#: Where everything listens, by the name of its Service.
DOORS = {
    "gateway": 80,
    "ingest": 50051,
    "grading": 50051,
    "notification": 50051,
    "postgres": 5432,
    "nats": 4222,
    "s3": 8333,
    "mail": 1025,
}
#: What each workload talks to; the stranger is a pod of no workload.
REACH = {
    "gateway": {"ingest", "grading", "notification", "postgres", "nats", "s3"},
    "ingest": {"grading", "postgres", "nats"},
    "grading": {"postgres", "nats", "s3"},
    "notification": {"postgres", "nats"},
    "notification-consume": {"postgres", "nats", "mail"},
    "rasterizer": {"nats", "s3"},
}
KNOCK = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
doors = json.loads(sys.argv[1])
def opens(name):
    try:
        socket.create_connection(doors[name], 3).close()
    except OSError:
        return False
    return True
def knock():
    with ThreadPoolExecutor(len(doors)) as hands:
        return [name for name, is_open in zip(doors, hands.map(opens, doors)) if is_open]
print(json.dumps(knock()))
"""
#: A wall is around a new pod within seconds.
KNOCK_AGAIN = f"{KNOCK}print(json.dumps(knock()))"


def doors(installation: Installation) -> str:
    """Give the addresses of all doors, for pods that may not ask for names."""
    services = kube.read("services", "-n", installation.namespace)["items"]
    addresses = {each["metadata"]["name"]: each["spec"]["clusterIP"] for each in services}
    return json.dumps({name: (addresses[name], port) for name, port in DOORS.items()})


@pytest.mark.parametrize("workload", REACH)
def test_a_pod_reaches_what_it_talks_to(installation: Installation, workload: str) -> None:
    knock = ("python", "-c", KNOCK, doors(installation))

    opened = json.loads(installation.kubectl("exec", f"deploy/{workload}", "--", *knock))

    assert set(opened) == REACH[workload]


def test_a_stranger_reaches_nothing(installation: Installation) -> None:
    image = installation.pods("gateway")[0]["spec"]["containers"][0]["image"]
    walls = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    container = {
        "name": "stranger",
        "image": image,
        "command": ["python", "-c", KNOCK_AGAIN, doors(installation)],
        "securityContext": walls,
    }
    spec = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "stranger-knocks"}, "spec": spec}
    installation.kubectl("apply", "-f", "-", given=json.dumps(pod))

    done = "jsonpath={.status.phase}=Succeeded"
    installation.kubectl("wait", "pod/stranger-knocks", f"--for={done}", "--timeout=120s", seconds=130)

    assert json.loads(installation.kubectl("logs", "stranger-knocks").splitlines()[-1]) == []
