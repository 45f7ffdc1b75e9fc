"""One installation for the whole session, met through the ingress like any web site."""

import os
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.cluster import kube
from tests.cluster.installation import Installation
from tests.desk import Desk
from tests.exams import Exam, create
from tests.failures.patience import PatientClient, PatientPeople
from tests.failures.steps import SIDES_PER_COPY, Paper
from tests.failures.test_rolling import seats
from tests.paper.piles import a4_pile
from tests.paper.shelf import shelved_scan
from tests.paper.students import roster
from tests.people import People

#: Written on by robots, and finalized one by one.
WRITTEN, UNMARKED = 2, 14
#: Of a pile that is imported while something happens.
COPIES = 20


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a module together: what a module changes is made once and put back once."""
    items.sort(key=lambda item: item.path)


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """Korrigo in the cluster; `KORRIGO_NAMESPACE` names one that is there already."""
    if running := os.environ.get("KORRIGO_NAMESPACE"):
        yield Installation(running)
        return
    with Installation(f"korrigo-{uuid4().hex[:6]}") as made:
        yield made


@pytest.fixture(scope="session")
def system(installation: Installation, trust: None) -> Installation:
    """What the stories know as the system."""
    return installation


@pytest.fixture(scope="session")
def people(system: Installation) -> Iterator[People]:
    """Whoever is signed in."""
    with People(system) as people:
        yield people


@pytest.fixture(scope="session")
def patient(system: Installation) -> Iterator[PatientPeople]:
    """The same people at browsers that ask again until somebody answers, as the web app does."""
    with PatientPeople(system) as people:
        yield people


@pytest.fixture(scope="session")
def paper(desk_drawer: Path) -> Paper:
    """Some 80 pages of written paper."""
    file = desk_drawer / "pile.pdf"
    truth = shelved_scan(a4_pile(roster(COPIES), pages=SIDES_PER_COPY), file, dpi=100)
    return Paper(file, list(truth.copies().values()))


@pytest.fixture(scope="session")
def opened(patient: PatientPeople, paper: Paper) -> Exam:
    """An exam with copies open for marking, all of them a marker's."""
    exam = create(patient, "Marked whatever happens", has_zones=False)
    exam.import_scan(paper.file, "every_n_sides", SIDES_PER_COPY)
    exam.open(exam.staged()[: WRITTEN + UNMARKED])
    exam.add_marker("ada@lycee.example")
    exam.dispatch()
    return exam


@pytest.fixture(scope="session")
def copies(opened: Exam) -> list[str]:
    """The marker's copies."""
    return [copy["id"] for copy in opened.markers[0].items(f"/lots/{opened.id}/copies")]


@pytest.fixture(scope="session")
def written(copies: list[str]) -> list[str]:
    """The copies on which robots write."""
    return copies[:WRITTEN]


@pytest.fixture(scope="session")
def desks(installation: Installation, opened: Exam, written: list[str]) -> Iterator[list[Desk]]:
    """Those copies before a marker who asks again."""
    with PatientClient(installation.url) as client:
        yield seats(client, opened, written)


@pytest.fixture(scope="session")
def unmarked(opened: Exam, copies: list[str]) -> Iterator[Desk]:
    """The other copies, one after the other."""
    return (Desk(opened.markers[0], opened.id, copy) for copy in copies[WRITTEN:])


@pytest.fixture(scope="session")
def trust(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Find the host at the cluster's ingress, and believe the authority that signed its certificate."""
    authority = tmp_path_factory.mktemp("trust") / "ca.crt"
    authority.write_text(installation.secret(installation.tls_secret, "ca.crt"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(authority))
        found = partial(_found, socket.getaddrinfo, installation.host, kube.ingress_address())
        patch.setattr(socket, "getaddrinfo", found)
        yield


def _found(look_up: Any, known: str, address: str, host: Any, *rest: Any, **more: Any) -> Any:
    """Look a host up, the known one at its address."""
    name = host.decode() if isinstance(host, bytes) else host
    return look_up(address if name == known else host, *rest, **more)


@pytest.fixture(scope="session")
def desk_drawer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the paper of the session."""
    return tmp_path_factory.mktemp("paper")
