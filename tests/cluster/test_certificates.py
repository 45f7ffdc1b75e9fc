"""With certificates between services all works, and who shows none is not heard."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.installation import Installation, korrigoctl
from tests.cluster.kube import CommandFailedError
from tests.cluster.pods import OURS, restarts, see_off
from tests.exams import Exam, create
from tests.failures.robots import writing
from tests.failures.test_rolling import HastyClient, seats
from tests.people import People
from tests.waiting import until

#: Enough for calls on every connection to a peer.
ACTS = 20

#: Asks grading for its health as a stranger would: over TLS if told so, without a certificate of its own.
KNOCK = """
import grpc, sys
from grpc_health.v1 import health_pb2, health_pb2_grpc
options = [("grpc.ssl_target_name_override", "grading")]
authority = open("/run/secrets/korrigo-tls/ca.crt", "rb").read()
channel = grpc.secure_channel("grading:50051", grpc.ssl_channel_credentials(authority), options)
print(health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=5))
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the authority is kept."""
    return tmp_path_factory.mktemp("authority") / "authority.pem"


@pytest.fixture(scope="module")
def protected(installation: Installation, authority: Path) -> Iterator[Installation]:
    """The installation with certificates, and as it was afterwards; pods with and without are no peers."""
    certify(installation, authority)
    installation.install("mtls.enabled=true")
    see_off(installation)
    yield installation
    installation.install()
    see_off(installation)


def certify(installation: Installation, authority: Path) -> None:
    """Give every workload a new certificate."""
    kept = ("--authority", str(authority), "--namespace", installation.namespace)
    installation.kubectl("apply", "-f", "-", given=korrigoctl("certificates", *kept))


def test_work_is_done_over_encrypted_calls(protected: Installation, people: People) -> None:
    exam = create(people, "Behind certificates", has_zones=False)

    assert exam.ledger()["sides"] == 0


def test_who_shows_no_certificate_is_not_heard(protected: Installation) -> None:
    with pytest.raises(CommandFailedError, match="UNAVAILABLE"):
        protected.kubectl("exec", "deploy/gateway", "--", "python", "-c", KNOCK)


def test_an_exchange_of_certificates_interrupts_nobody(
    protected: Installation, authority: Path, opened: Exam, written: list[str]
) -> None:
    before = restarts(protected)
    with HastyClient(protected.url) as client, writing(seats(client, opened, written)) as robots:
        certify(protected, authority)
        # A kubelet looks at a Secret when its pod changes, and otherwise within a minute or two.
        protected.kubectl("annotate", "pods", "-l", OURS, f"korrigo.test/looked-at={time.monotonic()}")
        until(lambda: _shown(protected) == _given(protected), "the new certificate to be shown", seconds=150)
        now = time.monotonic()
        until(lambda: all(robot.has_answers_after(now, ACTS) for robot in robots), "more acts")

    assert restarts(protected) == before


def _shown(installation: Installation) -> str:
    """Tell which certificate grading shows to whoever connects."""
    look = "import ssl; print(ssl.get_server_certificate(('grading', 50051)))"
    return installation.kubectl("exec", "deploy/gateway", "--", "python", "-c", look).strip()


def _given(installation: Installation) -> str:
    """Tell which certificate grading is to show."""
    return installation.secret("grading-tls", "tls.crt").strip()
