"""Check an installation from inside: `answer` asks every service, `stranger` must reach none."""

import os
import socket
import sys
import time
import urllib.request
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

SERVICES = ("ingest", "grading", "notification")
PORT = 50051
PATIENCE_SECONDS = 30
TLS = ("KORRIGO_TLS_CA_FILE", "KORRIGO_TLS_KEY_FILE", "KORRIGO_TLS_CERT_FILE")


def answer() -> None:
    """Ask the gateway by HTTP and the others for their health by gRPC."""
    with urllib.request.urlopen("http://gateway/api/v1/session", timeout=PATIENCE_SECONDS) as response:
        print(f"gateway: {response.status}")
    for service in SERVICES:
        state = _health(service)
        print(f"{service}: {state}")
        if state != "SERVING":
            sys.exit(f"{service} is not ready: kubectl describe pod -l app.kubernetes.io/component={service}")


def stranger() -> None:
    """Fail if a door is open to a pod that isn't Korrigo's; a policy takes a moment to work."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while opened := [service for service in SERVICES if _lets_in(service)]:
        if time.monotonic() > deadline:
            sys.exit(f"{', '.join(opened)} let a stranger in: does anything here enforce NetworkPolicies?")
        time.sleep(1)
    print("no service lets a stranger in")


def _health(service: str) -> str:
    with _channel(f"{service}:{PORT}") as channel:
        check = health_pb2_grpc.HealthStub(channel).Check  # type: ignore[attr-defined]  # made at run time
        reply = check(health_pb2.HealthCheckRequest(), timeout=PATIENCE_SECONDS, wait_for_ready=True)
    return health_pb2.HealthCheckResponse.ServingStatus.Name(reply.status)


def _channel(address: str) -> grpc.Channel:
    if TLS[0] not in os.environ:
        return grpc.insecure_channel(address)
    authority, key, certificate = (Path(os.environ[name]).read_bytes() for name in TLS)
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(authority, key, certificate))


def _lets_in(service: str) -> bool:
    """Knock at the address itself: a stranger's questions for names are denied too."""
    try:
        socket.create_connection((os.environ[f"{service.upper()}_SERVICE_HOST"], PORT), timeout=2).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    {"answer": answer, "stranger": stranger}[sys.argv[1]]()
