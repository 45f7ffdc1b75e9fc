"""`korrigoctl gate` looks at an installation in a cluster, breaks what it may, and ends GO."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ctl.cluster import Cluster
from ctl.gate import Experiment, Finding, Verdict, check, is_go
from ctl.gate.remote import Remote
from ctl.gate.verdict import TITLES

from tests.cluster.installation import Installation
from tests.people import OFFICE, PASSWORD, People

OPERATORS = '[{"name": "operators", "url": "mailto:operators@korrigo.test"}]'
TELLERS = ("deployment/notification", "deployment/notification-consume")
#: Enough for a worker to be killed in the middle.
PAGES = 200

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def operators(installation: Installation) -> Iterator[None]:
    """Somebody is told, as an installation for real exams says in its Secret."""
    _told(installation, f"KORRIGO_OPERATORS={OPERATORS}")
    yield
    _told(installation, "KORRIGO_OPERATORS-")


def _told(installation: Installation, setting: str) -> None:
    for deployment in TELLERS:
        installation.kubectl("set", "env", deployment, setting)
    for deployment in TELLERS:
        installation.kubectl("rollout", "status", deployment, "--timeout=180s", seconds=200)


@pytest.fixture(scope="module")
def found(installation: Installation, people: People, operators: None) -> dict[str, Finding]:
    """What it finds once it has tried everything; in this process, which knows the way to the ingress."""
    assert people.office.id
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KORRIGO_NAMESPACE", installation.namespace)
        place = Remote(Cluster.open())
    findings = check(place, hours=1, experiment=Experiment(OFFICE, PASSWORD, PAGES))
    return {finding.id: finding for finding in findings}


@pytest.mark.parametrize("finding", TITLES)
def test_each_finding_is_shown(found: dict[str, Finding], finding: str) -> None:
    assert found[finding].verdict is Verdict.SHOWN, found[finding].evidence


def test_it_ends_go(found: dict[str, Finding]) -> None:
    assert is_go(found.values())


def test_operators_have_its_mail(installation: Installation, found: dict[str, Finding]) -> None:
    subjects = [mail["Subject"] for mail in installation.mails() if "operators@korrigo.test" in mail["To"]]

    assert any("MessageDead: ingest" in subject for subject in subjects), subjects


def test_it_leaves_nothing_running(installation: Installation, found: dict[str, Finding]) -> None:
    assert installation.kubectl("get", "pods", "-l", "korrigo/twin-of", "-o", "name").strip() == ""
