"""A real Prometheus and a real Alertmanager beside the one running system."""

import json
import signal
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from local.child import Child
from local.keys import Secrets
from local.observe import Alertmanager, Prometheus
from local.ports import LOOPBACK, free_port
from local.system import System


@dataclass(frozen=True)
class Observers:
    """Where they answer."""

    prometheus: str
    alertmanager: str

    def ask(self, path: str, **parameters: str) -> Any:
        """Ask Prometheus's API; fail when it refuses."""
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"{self.prometheus}/api/v1/{path}?{query}", timeout=30) as answer:
            return json.load(answer)["data"]

    def fire(self, *alerts: dict[str, Any]) -> None:
        """Post alerts by hand, as `amtool alert add` does."""
        body, head = json.dumps(alerts).encode(), {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.alertmanager}/api/v2/alerts", body, head)
        urllib.request.urlopen(request, timeout=30).close()


@pytest.fixture(scope="session")
def observers(system: System, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observers]:
    """Both, configured as `korrigo-local up --observe` does."""
    directory, ports = tmp_path_factory.mktemp("observe"), (free_port(), free_port())
    jobs = {row.name: row.ops_port for row in system.processes() if row.ops_port}
    token = Secrets(system.home.secrets).password("alertmanager")
    manager = Alertmanager(directory, ports[1], jobs["notification"], token)
    started = []
    for name, server in (("alertmanager", manager), ("prometheus", Prometheus(directory, *ports, jobs))):
        server.prepare()
        started.append(Child(name, directory / f"{name}.log"))
        started[-1].start(server.command(), server.is_ready)
    yield Observers(*(f"http://{LOOPBACK}:{port}" for port in ports))
    for child in started:
        child.stop(signal.SIGTERM)
