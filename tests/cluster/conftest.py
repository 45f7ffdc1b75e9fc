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
from tests.people import People


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
