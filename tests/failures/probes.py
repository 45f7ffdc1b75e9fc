"""Ask every process of a running system what its probes would be told."""

from __future__ import annotations

import urllib.request
from collections.abc import Set
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from local.plan import PEERS
from local.ports import LOOPBACK, Ports
from local.system import System

#: Within which an answer counts, as for Kubernetes.
SECONDS = 3
SERVING = health_pb2.HealthCheckResponse.SERVING


def probed(system: System) -> dict[str, int]:
    """Give the operators' ports of the processes that have probes."""
    entries = system.address["processes"].items()
    return {name: entry["ops_port"] for name, entry in entries if entry["ops_port"]}


def unready(system: System) -> Set[str]:
    """Tell who says that it cannot do what it is for; gRPC and HTTP must agree."""
    said = {name for name, port in probed(system).items() if not answers(port, "/readyz")}
    return said | {name for name in PEERS if not _serves(system, name)}


def dead(system: System) -> Set[str]:
    """Tell who would be restarted."""
    return {name for name, port in probed(system).items() if not answers(port, "/livez")}


def answers(port: int, path: str) -> bool:
    """Tell whether a probe by HTTP succeeds."""
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}{path}", timeout=SECONDS):
            return True
    except OSError:
        return False


def _serves(system: System, service: str) -> bool:
    """Tell whether a probe by gRPC succeeds."""
    port = Ports(system.home.ports)[f"{service}.grpc"]
    with grpc.insecure_channel(f"{LOOPBACK}:{port}") as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)  # its types name no methods
        try:
            return bool(stub.Check(health_pb2.HealthCheckRequest(), timeout=SECONDS).status == SERVING)
        except grpc.RpcError:
            return False
