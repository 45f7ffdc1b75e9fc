"""Ask every process of a running system what its probes would be told."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Set

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from local.plan import PEERS
from local.ports import LOOPBACK, Ports
from local.system import System

#: Within which an answer counts; Kubernetes is told the same.
SECONDS = 3
SERVING = health_pb2.HealthCheckResponse.SERVING


def code(system: System, process: str, path: str) -> int:
    """Ask the operators' port of a process; 0 when it does not answer in time."""
    port = next(row.ops_port for row in system.processes() if row.name == process)
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}{path}", timeout=SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code
    except OSError:
        return 0


def services(system: System) -> list[str]:
    """List the processes that have probes."""
    return [row.name for row in system.processes() if row.ops_port]


def unready(system: System) -> Set[str]:
    """Tell who says that it cannot do what it is for; gRPC and HTTP must agree."""
    said = {name for name in services(system) if code(system, name, "/readyz") != 200}
    return said | {name for name in PEERS if not _serves(system, name)}


def dead(system: System) -> Set[str]:
    """Tell who would be restarted."""
    return {name for name in services(system) if code(system, name, "/livez") != 200}


def _serves(system: System, service: str) -> bool:
    port = Ports(system.home.ports)[f"{service}.grpc"]
    with grpc.insecure_channel(f"{LOOPBACK}:{port}") as channel:
        ask = health_pb2_grpc.HealthStub(channel).Check
        try:
            return bool(ask(health_pb2.HealthCheckRequest(), timeout=SECONDS).status == SERVING)
        except grpc.RpcError:
            return False
