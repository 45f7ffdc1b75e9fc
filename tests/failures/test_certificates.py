"""Services with certificates go on while theirs are exchanged, and serve nobody who has none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from local.ports import LOOPBACK, Ports, free_port
from local.system import System

from libs.kit.tests.rpc.authority import Authority, spiffe
from tests.exams import create
from tests.failures.probes import SERVING
from tests.failures.steps import pids
from tests.people import People
from tests.waiting import until

WORKLOAD = "korrigo"
#: Enough calls for every connection to a peer.
CALLS = 8
SERVICES = ("gateway", "grading", "ingest", "notification")


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Whoever signs the certificates of the installation."""
    return Authority()


@pytest.fixture(scope="module")
def folder(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mounted Secret, one for all."""
    folder = tmp_path_factory.mktemp("tls")
    authority.issue(WORKLOAD, folder)
    return folder


@pytest.fixture(scope="module")
def health_port() -> int:
    """Where probes ask grading."""
    return free_port()


@pytest.fixture(scope="module")
def system(folder: Path, health_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Korrigo with certificates between its services."""
    told = {
        "*": {
            "KORRIGO_TLS_CERT_FILE": str(folder / "tls.crt"),
            "KORRIGO_TLS_KEY_FILE": str(folder / "tls.key"),
            "KORRIGO_TLS_CA_FILE": str(folder / "ca.crt"),
        },
        "grading": {"KORRIGO_HEALTH_PORT": str(health_port), "KORRIGO_TLS_CALLERS": spiffe(WORKLOAD)},
    }
    with System(tmp_path_factory.mktemp("certified"), environment=told) as started:
        yield started


@pytest.fixture(scope="module")
def people(system: System) -> Iterator[People]:
    """Whoever is signed in."""
    with People(system) as people:
        yield people


def test_an_exchange_of_certificates_interrupts_nobody(
    system: System, people: People, authority: Authority, folder: Path
) -> None:
    def exchanged(service: str) -> bool:
        return "certificates_exchanged" in system.log(service)

    exam, before = create(people, "Behind certificates"), pids(system)

    authority.issue(WORKLOAD, folder)
    for _ in range(CALLS):
        exam.get("")
        exam.get("/ledger")
    exam.add_marker("ada@lycee.example")

    until(lambda: all(map(exchanged, SERVICES)), "all to use the new ones")
    assert pids(system) == before


def test_who_shows_no_certificate_learns_only_who_is_ready(system: System, health_port: int) -> None:
    port = Ports(system.home.ports)["grading.grpc"]

    assert _state(health_port) == SERVING
    with pytest.raises(grpc.RpcError):
        _state(port)


def _state(port: int) -> Any:
    with grpc.insecure_channel(f"{LOOPBACK}:{port}") as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)  # its types name no methods
        return stub.Check(health_pb2.HealthCheckRequest(), timeout=5).status
